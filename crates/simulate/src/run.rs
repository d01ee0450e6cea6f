//! One run, from its flags to its report.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, anyhow};
use tokio::time::{MissedTickBehavior, interval};
use uuid::Uuid;

use crate::{
    args::{Args, ReadLoad, ReadTarget},
    body::Writer,
    connection::Connection,
    crew::Crew,
    harvest::Harvest,
    interrupt::Interrupt,
    live::Live,
    menu,
    mix::Form,
    pace::{Plan, Schedule},
    placer::{Placer, Placing, Room},
    progress::{Progress, REFRESH},
    reader::{self, Reader, Reading},
    recent::Recent,
    report::{Operation, Report},
    settle::{Settled, Settling},
    tally::Tally,
    target::Target,
};

/// Runs the load and reports on it. Ctrl-C ends it early; the report is still made.
///
/// # Errors
/// When the server cannot be reached at the start, its menu or list of orders does not serve the run, or it answers
/// what this client cannot read. Failed orders are no error; they are in the report.
pub async fn run(args: Args) -> anyhow::Result<Report> {
    let target = Arc::new(Target::resolve(&args.url, &args.header).await?);
    let (random, own) = fresh().as_u64_pair();
    let seed = args.seed.unwrap_or(random);
    let setting = Setting { seed, own, target, live: Arc::default(), args };
    match setting.args.get {
        Some(wanted) => setting.get(wanted).await,
        None => setting.place().await,
    }
}

/// A random value that no other run has.
#[expect(clippy::disallowed_methods, reason = "a client program, not a service: there is no Ids port to ask")]
fn fresh() -> Uuid {
    Uuid::new_v4()
}

/// What does not change during a run.
struct Setting {
    args: Args,
    target: Arc<Target>,
    live: Arc<Live>,
    /// What the content is drawn from.
    seed: u64,
    /// What tells this run from any other.
    own: u64,
}

impl Setting {
    /// Places orders, with reads beside them, and waits for their end if asked to.
    async fn place(&self) -> anyhow::Result<Report> {
        let mut scout = self.connection().await?;
        let writer = self.writer(&mut scout).await?;
        let recent = Arc::new(Recent::default());
        let (placers, readers) = (self.connections().await?, self.side_readers().await?);

        let mut crew = Crew::new();
        let placing = Arc::new(self.placing(writer, Arc::clone(&recent)));
        for connection in placers {
            crew.place(Placer::new(Arc::clone(&placing), connection));
        }
        let reading = Arc::new(self.side_reading(recent));
        for connection in readers {
            crew.read(Reader::new(Arc::clone(&reading), connection));
        }

        let (mut interrupt, progress) = (Interrupt::new(), self.progress());
        self.supervise(&mut crew, &placing.plan, &progress, &mut interrupt).await?;
        let mut harvest = crew.into_harvest();
        let ids = std::mem::take(&mut harvest.placed);
        let settled = self.settle(scout, ids, &progress, &mut interrupt).await?;
        progress.clear();
        let report = self.report(&placing.plan, harvest, interrupt.pressed);
        Ok(Report { settled, ..report })
    }

    /// Reads only.
    async fn get(&self, wanted: ReadTarget) -> anyhow::Result<Report> {
        let mut scout = self.connection().await?;
        let recent = Arc::new(reader::choose(&mut scout, &self.target, wanted).await?);
        let connections = self.connections().await?;

        let mut crew = Crew::new();
        let (plan, live) = (self.plan(), Some(Arc::clone(&self.live)));
        let reading = Arc::new(Reading { plan, live, ..self.reading(recent) });
        for connection in connections {
            crew.read(Reader::new(Arc::clone(&reading), connection));
        }

        let (mut interrupt, progress) = (Interrupt::new(), self.progress());
        self.supervise(&mut crew, &reading.plan, &progress, &mut interrupt).await?;
        progress.clear();
        Ok(self.report(&reading.plan, crew.into_harvest(), interrupt.pressed))
    }

    /// A connection that stands, so that no latency has its making in it.
    async fn connection(&self) -> anyhow::Result<Connection> {
        let mut connection = Connection::new(Arc::clone(&self.target), self.args.timeout);
        let reached = connection.reach().await;
        reached.map_err(|failure| anyhow!("{} is {failure}; is `ordo serve` running?", self.args.url))?;
        Ok(connection)
    }

    /// The connections that place, or read in a pure read run; not more than there are requests.
    async fn connections(&self) -> anyhow::Result<Vec<Connection>> {
        let most = self.args.request_limit().unwrap_or(u64::MAX);
        self.made(most.min(self.args.connections.into())).await
    }

    /// The connections that read at a rate beside the placing ones: one for every four of those.
    async fn side_readers(&self) -> anyhow::Result<Vec<Connection>> {
        match self.args.read {
            Some(ReadLoad::PerSecond(_)) => self.made(self.args.connections.div_ceil(4).into()).await,
            _ => Ok(Vec::new()),
        }
    }

    async fn made(&self, count: u64) -> anyhow::Result<Vec<Connection>> {
        let mut connections = Vec::new();
        for _ in 0..count {
            connections.push(self.connection().await?);
        }
        Ok(connections)
    }

    async fn writer(&self, scout: &mut Connection) -> anyhow::Result<Writer> {
        let products = match self.args.mix.weight(Form::Catalogue) {
            0 => Vec::new(),
            _ => menu::choose(scout, &self.target, self.args.menu).await?,
        };
        let (mix, payment_method) = (self.args.mix.clone(), self.args.payment_method.clone());
        Ok(Writer { mix, products, payment_method, seed: self.seed, run: self.own })
    }

    fn placing(&self, writer: Writer, recent: Arc<Recent>) -> Placing {
        let reads_percent = match self.args.read {
            Some(ReadLoad::Percent(percent)) => percent,
            _ => 0,
        };
        Placing {
            target: Arc::clone(&self.target),
            plan: self.plan(),
            writer,
            recent,
            live: Arc::clone(&self.live),
            reads_percent,
            idempotency_keys: self.args.idempotency_keys,
            remember: self.args.read.is_some(),
            room: Room::new(self.args.wait),
        }
    }

    fn reading(&self, recent: Arc<Recent>) -> Reading {
        let plan = Plan::new(None, None, self.args.duration);
        Reading { target: Arc::clone(&self.target), plan, recent, live: None, seed: self.seed }
    }

    fn side_reading(&self, recent: Arc<Recent>) -> Reading {
        let rate = match self.args.read {
            Some(ReadLoad::PerSecond(rate)) => Some(Schedule { rate, ramp: Duration::ZERO }),
            _ => None,
        };
        Reading { plan: Plan::new(rate, None, self.args.duration), ..self.reading(recent) }
    }

    /// The plan of what the run is about. It starts now.
    fn plan(&self) -> Plan {
        let ramp = self.args.ramp.unwrap_or_default();
        let schedule = self.args.rate.map(|rate| Schedule { rate, ramp });
        Plan::new(schedule, self.args.request_limit(), self.args.duration)
    }

    fn progress(&self) -> Progress {
        let (limit, duration) = (self.args.request_limit(), self.args.duration);
        Progress::new(Arc::clone(&self.live), limit, duration, self.args.json)
    }

    /// Draws the progress until all connections are done, which Ctrl-C hastens.
    async fn supervise(
        &self,
        crew: &mut Crew,
        plan: &Plan,
        progress: &Progress,
        interrupt: &mut Interrupt,
    ) -> anyhow::Result<()> {
        let mut tick = interval(REFRESH);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                done = crew.finish() => return done,
                () = interrupt.wait() => crew.interrupt(),
                _ = tick.tick() => progress.show(plan.elapsed()),
            }
        }
    }

    /// Waits for the orders' end, if that was asked for and the run was not interrupted.
    async fn settle(
        &self,
        scout: Connection,
        ids: Vec<Uuid>,
        progress: &Progress,
        interrupt: &mut Interrupt,
    ) -> anyhow::Result<Option<Settled>> {
        if !self.args.wait || interrupt.pressed {
            return Ok(None);
        }
        progress.say("waiting for the orders to end");
        let mut settling = Settling::new(scout, Arc::clone(&self.target), ids, self.args.wait_limit);
        tokio::select! {
            done = settling.work() => done.context("the orders' end could not be followed")?,
            () = interrupt.wait() => {}
        }
        Ok(Some(settling.finish()))
    }

    fn report(&self, plan: &Plan, harvest: Harvest, interrupted: bool) -> Report {
        let elapsed = harvest.ended;
        let operation = |name, tally: &Tally| Operation::of(name, tally, elapsed);
        let by_form = Form::ALL.iter().zip(&harvest.by_form).filter(|(_, tally)| tally.requests() > 0);
        let place_by_form = by_form.map(|(form, tally)| operation(form.name(), tally)).collect();
        let mut placed = Tally::default();
        harvest.by_form.into_iter().for_each(|tally| placed.absorb(tally));

        let places = self.args.get.is_none();
        let operations = match (places, self.args.read) {
            (false, _) => vec![operation("get", &harvest.reads)],
            (true, None) => vec![operation("place", &placed)],
            (true, Some(_)) => vec![operation("place", &placed), operation("read", &harvest.reads)],
        };
        let made = if places { placed.requests() } else { harvest.reads.requests() };
        let expected = plan.expected().filter(|_| !interrupted);
        Report {
            url: self.args.url.clone(),
            connections: self.args.connections,
            rate: self.args.rate,
            mix: places.then(|| self.args.mix.to_string()),
            seed: self.seed,
            elapsed_ms: elapsed.as_millis(),
            interrupted,
            unsent: expected.map_or(0, |expected| expected.saturating_sub(made)),
            reconnects: harvest.reconnects,
            operations,
            place_by_form,
            settled: None,
        }
    }
}
