//! The stage: where a scenario is played, what is told of it, and what has to hold.

use std::cell::{Cell, RefCell};
use std::fmt::Display;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use client::{Caller, clean, report, rest};

use crate::knobs::Knobs;
use crate::report::{Check, Report};
use crate::scenario::Scenario;
use crate::shop::Shop;

/// How long between two looks.
const LOOK_AGAIN: Duration = Duration::from_millis(50);
/// How long what has to happen may take to happen.
const PATIENCE: Duration = Duration::from_secs(200);

/// Where a scenario is played.
pub struct Stage {
    /// Calls the server.
    pub caller: Caller,
    /// The provider's.
    pub knobs: Knobs,
    /// None: the server is somebody else's.
    pub shop: RefCell<Option<Shop>>,
    /// What names and keys of this run begin with, so that no two runs disturb each other.
    pub run: String,
    scenario: Scenario,
    checks: RefCell<Vec<Check>>,
    begun: Instant,
    to_stderr: bool,
    is_heard: Cell<bool>,
}

impl Stage {
    /// A stage for the scenario, with a shop of its own or on the server at `url`.
    ///
    /// # Errors
    /// If there is no such server, or the shop cannot be started.
    pub async fn set(scenario: Scenario, running: Option<&str>, to_stderr: bool) -> Result<Self> {
        let shop = match running {
            Some(_) => None,
            None => Some(Shop::start(scenario).await?),
        };
        let url = shop.as_ref().map_or(running.unwrap_or_default(), Shop::url);
        let caller = Caller::new(url)?;
        caller.get("/health/live").await?;
        Ok(Self {
            caller,
            knobs: Knobs::default(),
            shop: RefCell::new(shop),
            run: format!("chaos-{}-{}", scenario.name(), fresh()),
            scenario,
            checks: RefCell::default(),
            begun: Instant::now(),
            to_stderr,
            is_heard: Cell::new(true),
        })
    }

    /// Whether the server is this scenario's own.
    pub fn is_own(&self) -> bool {
        self.shop.borrow().is_some()
    }

    /// Says something as it happens.
    pub fn tell(&self, what: impl Display) {
        let line = clean(&format!("{:>7.2} s  {what}", self.begun.elapsed().as_secs_f64()));
        self.line(&line);
    }

    /// Says a line.
    pub fn line(&self, line: &str) {
        if self.to_stderr {
            eprintln!("{line}");
        } else if self.is_heard.get() {
            // What cannot be told is no reason to leave a server as it is now.
            self.is_heard.set(report(line).is_ok());
        }
    }

    /// Something that has to hold.
    pub fn check(&self, held: bool, what: impl Display) {
        let what = what.to_string();
        self.tell(format_args!("{} {what}", if held { "ok:" } else { "NOT SO:" }));
        self.checks.borrow_mut().push(Check { what, held });
    }

    /// What is looked for, once it is there.
    ///
    /// # Errors
    /// If it does not come about, or looking fails.
    pub async fn until<T>(&self, what: impl Display, look: impl AsyncFn() -> Result<Option<T>>) -> Result<T> {
        let begun = Instant::now();
        loop {
            if let Some(found) = look().await? {
                return Ok(found);
            }
            if begun.elapsed() > PATIENCE {
                bail!("it does not come about that {what}");
            }
            rest(LOOK_AGAIN).await;
        }
    }

    /// Turns the knobs of the provider, and says so.
    ///
    /// # Errors
    /// If they cannot be turned.
    pub async fn turn(&self, knobs: &str) -> Result<()> {
        self.tell(format_args!("PUT /api/v1/provider/settings {knobs}"));
        self.knobs.turn(&self.caller, knobs).await
    }

    /// The end: what was turned is turned back, the data is audited, and all of it judged.
    pub async fn close(self, played: Result<()>) -> Report {
        let turned_back =
            self.knobs.turn_back(&self.caller).await.context("the provider's settings were not put back");
        let shop = self.shop.take();
        let audit = match &shop {
            Some(shop) => shop.audit().await.map(Some),
            None => Ok(None),
        };
        if shop.is_none() {
            self.line(
                "The data is this server's own: `ordo audit` there checks the promises over all of it.",
            );
        }
        let url = self.caller.url().to_owned();
        let mut report = Report { scenario: self.scenario.name(), url, ..Report::default() };
        for ended in [played, turned_back] {
            report.broken_off = report.broken_off.or(ended.err().map(|error| format!("{error:#}")));
        }
        match audit {
            Ok(audit) => report.audit = audit,
            Err(error) => report.broken_off = report.broken_off.or(Some(format!("{error:#}"))),
        }
        report.checks = self.checks.take();
        let report = report.judge();
        self.conclude(&report);
        if let (false, Some(shop)) = (report.held, shop) {
            let kept = shop.keep();
            eprintln!("its data and its log are kept for you in {}", kept.display());
        }
        report
    }

    fn conclude(&self, report: &Report) {
        if let Some(audit) = report.audit {
            let crate::shop::Audit { orders, charges, violations } = audit;
            self.line(&format!("audit: {orders} orders and {charges} charges, {violations} violations"));
        }
        if let Some(why) = &report.broken_off {
            self.line(&format!("broken off: {}", clean(why)));
        }
        let held = report.checks.iter().filter(|check| check.held).count();
        let verdict = if report.held { "held" } else { "BROKEN" };
        self.line(&format!(
            "verdict: {} {verdict}, {held} of {} checks held\n",
            report.scenario,
            report.checks.len()
        ));
    }
}

/// A name that nobody has used.
#[expect(clippy::disallowed_methods, reason = "a client program, not a service: there is no Ids port to ask")]
fn fresh() -> String {
    uuid::Uuid::new_v4().simple().to_string()[..12].to_owned()
}
