//! Running a cell: the story, with somebody who restarts what died and repeats what was not answered.

use std::sync::Arc;
use std::time::Duration;

use broker::Reader;
use catalog::Catalog;
use contract::Product;
use engine::observe::Verdict;
use engine::retry::later;
use engine::{Answer, Fault, Service};
use notifications::mail::MAIL;
use notifications::{Channel, Kind, State};
use orders::Orders;
use orders::timeline::EntryKind;
use tokio::sync::oneshot::Receiver;
use tokio::sync::oneshot::error::TryRecvError;
use uuid::Uuid;

use super::scenario::{Act, Scenario};
use super::strike::{Broken, Strike};
use super::{Flaw, Reaction, Trigger};
use crate::app::{Ground, TestApp, readers};

/// Longer than a lease.
const PAST_THE_LEASE: Duration = Duration::from_secs(31);
/// How late a late timer is.
const LATE: Duration = Duration::from_secs(60);
const A_MINUTE: Duration = Duration::from_secs(60);
/// A client gives up after so many attempts.
const ATTEMPTS: usize = 5;

/// The end of a story, as far as it must not depend on faults.
pub type End = Vec<String>;

/// Where stories happen: makes the ground of each.
pub type Grounds<'g> = &'g dyn Fn() -> Ground;

/// The end of the reaction's story when nothing goes wrong.
///
/// # Errors
/// What is wrong all the same.
pub fn baseline(grounds: Grounds<'_>, reaction: Reaction) -> Result<End, String> {
    Story::new(grounds, reaction, reaction, None, Broken::default()).play()
}

/// Runs a cell and holds it to `expected`.
///
/// # Errors
/// What is wrong.
pub fn run(
    grounds: Grounds<'_>,
    reaction: Reaction,
    flaw: Flaw,
    broken: Broken,
    expected: &End,
) -> Result<(), String> {
    run_in(grounds, reaction, reaction, flaw, broken, expected)
}

/// Runs a cell in the story of another reaction.
///
/// # Errors
/// What is wrong; also if the reaction does not occur there.
pub fn run_in(
    grounds: Grounds<'_>,
    story: Reaction,
    reaction: Reaction,
    flaw: Flaw,
    broken: Broken,
    expected: &End,
) -> Result<(), String> {
    let mut story = Story::new(grounds, story, reaction, Some(flaw), broken);
    let end = story.play()?;
    story.struck(flaw)?;
    if end != *expected {
        return Err(format!("it ended as {end:#?}, without the fault as {expected:#?}"));
    }
    Ok(())
}

struct Story {
    app: TestApp,
    strike: Arc<Strike>,
    reaction: Reaction,
    flaw: Option<Flaw>,
    acts: Vec<Act>,
    goes_on: bool,
    /// Whether customers are told by mail.
    mails: bool,
    orders: Vec<Uuid>,
}

impl Story {
    fn new(
        grounds: Grounds<'_>,
        story: Reaction,
        reaction: Reaction,
        flaw: Option<Flaw>,
        broken: Broken,
    ) -> Self {
        let Scenario { settings, acts, goes_on } = Scenario::of(story);
        let mails = settings.notifications.channel == Channel::Smtp;
        let strike = Arc::new(Strike::new(reaction, flaw, broken));
        let mut app =
            TestApp::rigged(grounds(), settings, Arc::clone(&strike) as Arc<dyn crate::faults::Rig>);
        app.unchecked();
        Self { app, strike, reaction, flaw, acts, goes_on, mails, orders: Vec::new() }
    }

    fn play(&mut self) -> Result<End, String> {
        self.alive(|app| app.start())?;
        for act in self.acts.clone() {
            self.act(act)?;
            self.rest()?;
        }
        if self.strike.withholds() {
            self.strike.release();
            self.settle()?;
            self.wait(A_MINUTE)?;
        }
        // The cursors of what was delivered behind its time lie behind it; a restart reads on from there.
        self.alive(|app| app.start())?;
        self.settle()?;
        let complaints = self.app.complaints();
        if complaints.is_empty() { Ok(self.end()) } else { Err(complaints.join("; ")) }
    }

    fn act(&mut self, act: Act) -> Result<(), String> {
        match act {
            Act::Seed => self.seed(),
            Act::PlaceTooLate(body) => {
                let item = self.app.item("tiramisu");
                let gone = Product { stock: Some(0), ..item.product };
                // It waits before the catalog's door when the orders come, and goes in before they are heard of.
                drop(self.app.ask_put(gone));
                self.act(Act::Place(body))
            }
            Act::Place(body) => {
                for number in 0..2 {
                    let key = format!("place-{number}");
                    let order = self.command("place", number, |app| app.ask_place(body, Some(&key)))?;
                    self.orders.push(order.id);
                }
                Ok(())
            }
            Act::Deliver(body) => {
                for number in 0..2 {
                    let id = self.app.deliver(body, &format!("message-{number}"));
                    self.orders.push(id);
                }
                self.settle()
            }
            Act::Cancel => {
                for (number, id) in self.orders.clone().into_iter().enumerate() {
                    let key = format!("cancel-{id}");
                    self.command("cancel", number, |app| app.ask_cancel(id, Some(&key)))?;
                }
                Ok(())
            }
            Act::Refund(amount) => {
                self.settle()?;
                for (number, id) in self.orders.clone().into_iter().enumerate() {
                    let key = format!("refund-{id}");
                    self.command("refund", number, |app| app.ask_refund(id, Some(amount), Some(&key)))?;
                }
                Ok(())
            }
            Act::Resend => {
                self.settle()?;
                for (number, id) in self.orders.clone().into_iter().enumerate() {
                    let key = format!("resend-{id}");
                    self.command("resend", number, |app| app.ask_resend(id, Kind::Created, Some(&key)))?;
                }
                Ok(())
            }
            Act::Outage(outage) => {
                self.app.turn(|knobs| knobs.outage = outage);
                Ok(())
            }
            Act::Wait(time) => self.wait(time),
        }
    }

    /// Gives a command until it is answered.
    fn command<S: Service + std::fmt::Debug>(
        &mut self,
        name: &str,
        number: usize,
        ask: impl Fn(&mut TestApp) -> Receiver<Answer<S>>,
    ) -> Result<S::Reply, String> {
        for _ in 0..ATTEMPTS {
            if number == 0 {
                self.strike.arm(name);
            }
            let mut receiver = ask(&mut self.app);
            if number == 0 && self.strike.doubles(name) {
                drop(ask(&mut self.app));
            }
            self.step_service(S::NAME)?;
            match receiver.try_recv() {
                Ok(Answer::Done { reply, .. }) => return Ok(reply),
                // The process died, or the store was away: the same again, under the same key.
                Ok(Answer::Unavailable(_)) | Err(TryRecvError::Closed | TryRecvError::Empty) => {}
                Ok(other) => return Err(format!("{name} was answered with {other:?}")),
            }
        }
        Err(format!("{name} was not answered"))
    }

    fn seed(&mut self) -> Result<(), String> {
        self.strike.arm("seed");
        self.app.seed();
        if self.strike.doubles("seed") {
            self.app.seed();
        }
        let struck = self.strike.struck();
        self.settle()?;
        if self.strike.struck() > struck {
            self.app.seed();
        }
        self.settle()
    }

    /// Moves one service until it has nothing to do, so that the next act finds the others still busy.
    fn step_service(&mut self, service: &str) -> Result<(), String> {
        let name = format!("{service}/apply");
        let index = self.app.steps().iter().position(|known| *known == name).ok_or("no such step")?;
        loop {
            match self.app.step_at(index) {
                Ok(engine::Progress::Idle(_)) => return Ok(()),
                Ok(engine::Progress::Worked) | Err(Fault::Unavailable(_)) => {}
                Err(Fault::Crashed(_)) => return self.alive(|app| app.start()),
                Err(fault) => return Err(fault.to_string()),
            }
        }
    }

    fn wait(&mut self, time: Duration) -> Result<(), String> {
        let end = later(self.app.now(), time);
        if matches!(self.reaction.trigger, Trigger::Timer(_)) && self.flaw == Some(Flaw::Late) {
            self.settle()?;
            self.app.advance(time + LATE);
            self.strike.strike();
        }
        self.alive(|app| {
            let left = Duration::try_from(end.duration_since(app.now())).unwrap_or_default();
            app.drain_through(left)
        })
    }

    fn settle(&mut self) -> Result<(), String> {
        self.alive(|app| app.drain().map(drop))
    }

    /// Brings everything to rest, and then lets come what was kept back.
    fn rest(&mut self) -> Result<(), String> {
        self.settle()?;
        let comes = self.flaw == Some(Flaw::Late) || (!self.goes_on && self.strike.was_overtaken());
        if comes && self.strike.withholds() {
            self.strike.release();
            self.settle()?;
        }
        let Some(gate) = self.strike.gate() else { return Ok(()) };
        self.app.advance(PAST_THE_LEASE);
        if self.flaw == Some(Flaw::Reordered) {
            self.settle()?;
            gate.open();
        } else {
            gate.open();
            self.app.step(&format!("{}/effects", caller(self.reaction)));
        }
        self.settle()
    }

    /// Does something, and again in a new process whenever it dies.
    fn alive(&mut self, mut act: impl FnMut(&mut TestApp) -> Result<(), Fault>) -> Result<(), String> {
        for _ in 0..ATTEMPTS {
            match act(&mut self.app) {
                Ok(()) => return Ok(()),
                Err(Fault::Crashed(_)) => self.app.start().map_err(|fault| fault.to_string())?,
                Err(fault) => return Err(fault.to_string()),
            }
        }
        Err("it dies again and again".to_owned())
    }

    /// Whether the fault struck, and what there is to see of it.
    fn struck(&self, flaw: Flaw) -> Result<(), String> {
        let wanted = if flaw == Flaw::FailTwice { 2 } else { 1 };
        if self.strike.struck() < wanted {
            return Err(format!("the fault did not strike: {} of {wanted}", self.strike.struck()));
        }
        let seen = match (flaw, self.reaction.trigger) {
            // What may have been sent is not sent again, and nobody knows of it.
            (Flaw::CrashBefore, Trigger::Effect(MAIL)) => self.unknown() > 0,
            (Flaw::CrashAfter, Trigger::Effect(MAIL)) => true,
            (Flaw::Reordered, Trigger::Effect(MAIL)) => self.unknown() > 0 && self.has(Verdict::Stale),
            (_, Trigger::Effect(MAIL)) => self.unknown() == 0,
            (Flaw::Duplicate, Trigger::Event { .. }) => self.has(Verdict::Duplicate),
            (Flaw::Duplicate, Trigger::Command("seed")) => true,
            (Flaw::Duplicate, Trigger::Command(_)) => self.has(Verdict::Replayed),
            (Flaw::Duplicate, Trigger::Timer(_)) | (Flaw::Reordered, Trigger::Effect(_)) => {
                self.has(Verdict::Stale)
            }
            (Flaw::Reordered, Trigger::Event { .. } | Trigger::Timer(_)) => self.strike.was_overtaken(),
            (Flaw::Fail | Flaw::FailTwice | Flaw::CrashAfter, Trigger::Publication) => self.came_twice(),
            _ => true,
        };
        if seen { Ok(()) } else { Err("the fault struck, and the engine did not notice".to_owned()) }
    }

    /// How many notifications are there of which nobody knows what came.
    fn unknown(&self) -> usize {
        let told = self.orders.iter().flat_map(|id| self.app.notifications(*id));
        told.filter(|told| matches!(told.state, State::Unknown { .. })).count()
    }

    fn has(&self, verdict: Verdict) -> bool {
        self.app.verdicts().of(self.reaction.service, verdict) > 0
    }

    /// Whether what a relay handed over twice came twice, to whoever has a part in it. What the catalog hands over first are
    /// products, which are a concern of orders alone.
    fn came_twice(&self) -> bool {
        let has_part =
            |reader: &&Reader| reader.topic.source != Catalog::NAME || reader.consumer == Orders::NAME;
        let of = |reader: &Reader| self.app.verdicts().of(reader.consumer, Verdict::Duplicate);
        readers()
            .iter()
            .filter(|reader| reader.topic.source == self.reaction.service)
            .filter(has_part)
            .all(|reader| of(reader) > 0)
    }

    fn end(&self) -> End {
        let menu = self.app.ask(self.app.shop().orders.queries.menu());
        let mut end = vec![format!("{} on the menu", menu.len())];
        for id in ["tiramisu", "panna-cotta"] {
            let item = self.app.item(id);
            end.push(format!("{id}: {:?} free, {} kept", item.product.stock, item.reserved));
        }
        end.push(format!("{} orders", self.app.orders().len()));
        // What is done at most once may end otherwise behind a fault: of mails that is looked at in `struck`, and by the audit.
        let told = |id| if self.mails { String::new() } else { told_of(&self.app, id) };
        end.extend(self.orders.iter().map(|id| format!("{} {}", end_of(&self.app, *id), told(*id))));
        end
    }
}

fn end_of(app: &TestApp, id: Uuid) -> String {
    let facts = app.order(id).facts;
    let payment = app.payment(id).map(|payment| {
        let refunds: Vec<_> = payment
            .refunds
            .iter()
            .map(|refund| (refund.amount, refund.state, refund.actor.clone()))
            .collect();
        (payment.is_settled(), payment.captured, refunds)
    });
    let stage = app.record(id).map(|record| record.stage);
    let charge = app.charge(id);
    let charge = charge.as_ref().map(|charge| {
        charge.capture().map(|capture| {
            (capture.captured(), capture.refunds.iter().map(|it| it.amount).collect::<Vec<_>>())
        })
    });
    // How often something was attempted, and whether it was unknown in between, may depend on faults.
    let entries = app.timeline(id).into_iter().map(|placed| placed.entry);
    let entries = entries.filter(|entry| !matches!(entry.kind, EntryKind::Attempt | EntryKind::Notification));
    let mut story: Vec<_> = entries.map(|entry| entry.kind_of.into_owned()).collect();
    story.retain(|kind| kind != "payment.unknown");
    story.sort();
    let states = app.states(id);
    format!("{states:?} {}/{} {payment:?} {stage:?} {charge:?} {story:?}", facts.paid, facts.refunded)
}

/// What the customer was told, and how often the timeline says so.
fn told_of(app: &TestApp, id: Uuid) -> String {
    let mut told = app.told(id);
    told.sort();
    let entries = app.timeline(id).into_iter().map(|placed| placed.entry);
    let entries = entries.filter(|entry| entry.kind == EntryKind::Notification).count();
    format!("{told:?} {entries} in the timeline")
}

/// The service that calls the world in a reaction.
fn caller(reaction: Reaction) -> &'static str {
    if matches!(reaction.trigger, Trigger::Effect(_)) { reaction.service } else { "payments" }
}
