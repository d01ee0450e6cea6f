//! One service as it runs: its steps, the intake that leads to them, and the thread that drives what writes.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use engine::applier::ApplierSettings;
use engine::breaker::BreakerSettings;
use engine::cleaner::Cleaner;
use engine::effects::{Desk, Jobs, Worker};
use engine::embedded::EmbeddedInlet;
use engine::faults::{Faults, FaultyInlet, FaultyPerformer, FaultyStore};
use engine::intake::{Outlet, intake};
use engine::observe::Observer;
use engine::retry::{Backoff, Jitter};
use engine::{
    Applier, Clock, Cursors, DeadLetters, Ids, Inlet, Intake, Log, Outbox, Performer, Publisher, Relay,
    RelaySettings, Service, Signal, Step, Store, SystemClock, SystemIds,
};
use settings::{BrokerUrl, Settings};

use crate::drive::Driver;

/// How much longer than its call a lease lasts.
const LEASE_MARGIN: Duration = Duration::from_secs(5);
/// After how long it is looked for what another process may have scheduled, or have left behind.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// How long events gather at most behind a batch, where they come over a broker.
const LONGEST_REST: Duration = Duration::from_millis(20);

/// So many of the newest records of each partition stay in the log, for streams that come back.
const KEPT: u64 = 2_000;

/// A service about to run.
pub struct Running<S: Service> {
    /// Where its messages go in.
    pub intake: Intake<S>,
    /// Wakes it.
    pub signal: Signal,
    store: Arc<dyn Store<S>>,
    letters: Arc<dyn DeadLetters>,
    outlet: Outlet<S>,
    faults: Option<Arc<dyn Faults>>,
    observer: Arc<dyn Observer>,
    inlets: Vec<Box<dyn Inlet>>,
    readers: Vec<(Signal, Arc<dyn Cursors>)>,
    /// Raised when another process publishes something.
    followers: Vec<Signal>,
    relay: Option<(Arc<dyn Outbox>, Arc<dyn Publisher>)>,
    worker: Option<WorkerParts>,
    terms: Option<Terms>,
}

/// On which terms a service's effects are performed.
#[derive(Clone, Copy)]
pub struct Terms {
    /// How long one may take.
    pub time_limit: Duration,
    /// How it is repeated, like all else of the service that waits.
    pub backoff: Backoff,
}

/// What a worker is made of.
type WorkerParts = (Arc<Desk>, Jobs, Arc<dyn Performer>);

impl<S: Service> Running<S> {
    /// A service over its store.
    pub fn new(
        settings: &Settings,
        store: Arc<dyn Store<S>>,
        letters: Arc<dyn DeadLetters>,
        observer: Arc<dyn Observer>,
        faults: Option<Arc<dyn Faults>>,
    ) -> Self {
        let signal = Signal::new();
        let (intake, outlet) = intake(settings.engine.intake_queue, signal.clone());
        let store = match &faults {
            Some(faults) => Arc::new(FaultyStore::new(store, Arc::clone(faults))),
            None => store,
        };
        Self {
            intake,
            signal,
            store,
            letters,
            outlet,
            faults,
            observer,
            inlets: Vec::new(),
            readers: Vec::new(),
            followers: Vec::new(),
            relay: None,
            worker: None,
            terms: None,
        }
    }

    /// Consumes the events of `producer`, whose log is `log`; `cursors` are this service's own.
    pub fn consume<P: Service>(
        &mut self,
        producer: &mut Running<P>,
        log: Arc<dyn Log>,
        cursors: Arc<dyn Cursors>,
    ) {
        self.receive(Box::new(EmbeddedInlet::new(P::NAME, log, Arc::clone(&cursors))));
        producer.readers.push((self.signal.clone(), cursors));
    }

    /// Consumes what the inlet delivers.
    pub fn receive(&mut self, inlet: Box<dyn Inlet>) {
        self.inlets.push(match &self.faults {
            Some(faults) => Box::new(FaultyInlet::new(inlet, S::NAME, Arc::clone(faults))),
            None => inlet,
        });
    }

    /// Forwards what the service publishes to a broker. `outbox` is the service's own.
    pub fn forward(&mut self, outbox: Arc<dyn Outbox>, publisher: Arc<dyn Publisher>) {
        self.relay = Some((outbox, publisher));
    }

    /// Raises the signal too whenever another process has published something as this service.
    pub fn tell(&mut self, follower: Signal) {
        self.followers.push(follower);
    }

    /// Lets somebody read the service's log whose cursors these are: he is woken, and what he has not read is kept.
    pub fn read_by(&mut self, signal: Signal, cursors: Arc<dyn Cursors>) {
        self.followers.push(signal.clone());
        self.readers.push((signal, cursors));
    }

    /// Performs the service's effects.
    pub fn perform(&mut self, desk: Arc<Desk>, jobs: Jobs, performer: Arc<dyn Performer>, terms: Terms) {
        let performer = match &self.faults {
            Some(faults) => Arc::new(FaultyPerformer::new(performer, S::NAME, Arc::clone(faults))),
            None => performer,
        };
        self.worker = Some((desk, jobs, performer));
        self.terms = Some(terms);
    }

    /// Runs until stopped: what writes on a thread of its own, which is the writer's; effects on the caller's runtime.
    ///
    /// # Errors
    /// If the leases of an earlier process cannot be freed, or no thread can be had.
    pub async fn run(mut self, service: S, settings: &Settings, driver: &Driver) -> Result<Threads> {
        self.store.recover().await.with_context(|| format!("cannot recover {}", S::NAME))?;
        let relay = self.relay.take().map(|(outbox, publisher)| self.relay(outbox, publisher));
        let mut threads = Threads::default();
        let (worker, desk) = self.worker.take().map(|parts| self.worker(parts)).unzip();
        threads.tasks.extend(worker.map(|worker| task(driver.clone().drive(Box::new(worker)))));
        let (limit, period) = (settings.engine.clean_up_batch, settings.engine.clean_up_period);
        let (letters, retention) = (Arc::clone(&self.letters), settings.engine.dead_letter_retention);
        let consumers = self.readers.iter().map(|(_, cursors)| Arc::clone(cursors)).collect();
        let (store, observer) = (Arc::clone(&self.store), Arc::clone(&self.observer));
        let cleaner = Cleaner::new(store, consumers, Arc::new(SystemClock), observer, limit, period)
            .keeping(KEPT)
            .forgetting(letters, retention);
        let store = Arc::clone(&self.store);
        let mut published = std::mem::take(&mut self.followers);
        published.extend(relay.as_ref().map(Relay::signal));
        let mut applier = self.applier(service, settings);
        if let Some(desk) = desk {
            applier = applier.desk(desk);
        }
        store.listen(published, applier.elsewhere());
        let mut steps: Vec<Box<dyn Step>> = vec![Box::new(applier), Box::new(cleaner)];
        steps.extend(relay.map(|relay| Box::new(relay) as Box<dyn Step>));
        threads.threads.push(thread(S::NAME, steps, driver.clone())?);
        Ok(threads)
    }

    /// Only takes commands in, until stopped: all else is done by the processes that run the service, which are told.
    ///
    /// # Errors
    /// If no thread can be had.
    pub fn run_commands(self, service: S, settings: &Settings, driver: &Driver) -> Result<Threads> {
        let applier = self.applier(service, settings);
        let threads = vec![thread(S::NAME, vec![Box::new(applier)], driver.clone())?];
        Ok(Threads { threads, tasks: Vec::new() })
    }

    fn applier(self, service: S, settings: &Settings) -> Applier<S> {
        let clock = Arc::new(SystemClock);
        let settings = applier_settings(settings, self.terms);
        let mut applier =
            Applier::new(Arc::new(service), self.store, clock, self.observer, settings, self.outlet);
        for inlet in self.inlets {
            applier = applier.inlet(inlet);
        }
        for (signal, _) in self.readers {
            applier = applier.reader(signal);
        }
        applier
    }

    /// The relay, a reader of the service's own log like any other.
    fn relay(&mut self, outbox: Arc<dyn Outbox>, publisher: Arc<dyn Publisher>) -> Relay {
        let (clock, observer) = (Arc::new(SystemClock), Arc::clone(&self.observer));
        let settings = RelaySettings { longest_rest: LONGEST_REST, ..RelaySettings::default() };
        let relay = Relay::new(S::NAME, SystemIds.next(), outbox, publisher, clock, observer, settings);
        self.readers.push((relay.signal(), self.store.clone()));
        relay
    }

    fn worker(&self, (desk, jobs, performer): WorkerParts) -> (Worker<S>, Arc<Desk>) {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let (intake, observer) = (self.intake.clone(), Arc::clone(&self.observer));
        (Worker::new(Arc::clone(&desk), jobs, performer, intake, clock, observer), desk)
    }
}

/// What runs, to be waited for.
#[derive(Default)]
pub struct Threads {
    threads: Vec<std::thread::JoinHandle<()>>,
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

impl Threads {
    /// One step on the caller's runtime.
    pub fn of(step: Box<dyn Step>, driver: &Driver) -> Self {
        Self { threads: Vec::new(), tasks: vec![task(driver.clone().drive(step))] }
    }

    /// One step on a thread of its own, because it writes.
    ///
    /// # Errors
    /// If no thread can be had.
    pub fn on(name: &'static str, step: Box<dyn Step>, driver: &Driver) -> Result<Self> {
        Ok(Self { threads: vec![thread(name, vec![step], driver.clone())?], tasks: Vec::new() })
    }

    /// Takes over what another service runs on.
    pub fn join(&mut self, other: Self) {
        self.threads.extend(other.threads);
        self.tasks.extend(other.tasks);
    }

    /// Waits until all have stopped.
    pub async fn stopped(self) {
        for task in self.tasks {
            let _ = task.await;
        }
        let threads = self.threads;
        let joined = tokio::task::spawn_blocking(move || {
            for thread in threads {
                let _ = thread.join();
            }
        });
        let _ = joined.await;
    }
}

#[expect(clippy::disallowed_methods, reason = "the wiring is where long-lived work begins")]
fn task(work: impl Future<Output = ()> + Send + 'static) -> tokio::task::JoinHandle<()> {
    tokio::spawn(work)
}

fn thread(
    name: &'static str,
    steps: Vec<Box<dyn Step>>,
    driver: Driver,
) -> Result<std::thread::JoinHandle<()>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    let work = move || {
        let drives = steps.into_iter().map(|step| driver.clone().drive(step));
        runtime.block_on(futures::future::join_all(drives));
    };
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(work)
        .with_context(|| format!("no thread for {name}"))
}

fn applier_settings(settings: &Settings, terms: Option<Terms>) -> ApplierSettings {
    let engine = &settings.engine;
    let Terms { time_limit, backoff } = terms.unwrap_or_else(|| provider_terms(settings));
    // A call that takes its whole time limit is still answered under its lease.
    let lease = time_limit * 2 + LEASE_MARGIN;
    let is_fleet = settings.broker_url != BrokerUrl::Embedded;
    ApplierSettings {
        batch: engine.batch,
        backoff,
        lease,
        patience: settings.retry.database.attempts,
        look_again: is_fleet.then_some(LOOK_AGAIN),
        longest_rest: if is_fleet { LONGEST_REST } else { Duration::ZERO },
    }
}

/// The terms of calls to the payment provider, which are also those of services that call nobody.
pub fn provider_terms(settings: &Settings) -> Terms {
    let retry = &settings.retry.provider;
    let backoff = Backoff {
        attempts: retry.attempts,
        base: retry.base,
        factor: retry.factor,
        cap: retry.cap,
        jitter: jitter(retry.jitter),
    };
    Terms { time_limit: settings.payments.timeout, backoff }
}

/// The terms of mails.
pub fn mail_terms(settings: &Settings) -> Terms {
    let retry = &settings.retry.mail;
    let backoff = Backoff {
        attempts: retry.attempts,
        base: retry.base,
        factor: retry.factor,
        cap: retry.cap,
        jitter: jitter(retry.jitter),
    };
    Terms { time_limit: settings.notifications.smtp_timeout, backoff }
}

/// When a breaker opens and closes, whatever is behind it.
pub fn breaker(settings: &Settings) -> BreakerSettings {
    let breaker = &settings.breaker;
    BreakerSettings {
        failure_ppm: breaker.failure_rate.ppm(),
        minimum_calls: breaker.minimum_calls,
        window: breaker.window,
        cool_down: breaker.cool_down,
        half_open_trials: breaker.half_open_trials,
    }
}

/// How a step is repeated that met a fault of its database.
pub fn database_backoff(settings: &Settings) -> Backoff {
    let retry = &settings.retry.database;
    Backoff {
        attempts: retry.attempts,
        base: retry.base,
        factor: retry.factor,
        cap: retry.cap,
        jitter: jitter(retry.jitter),
    }
}

fn jitter(jitter: settings::Jitter) -> Jitter {
    match jitter {
        settings::Jitter::Full => Jitter::Full,
        settings::Jitter::Equal => Jitter::Equal,
        settings::Jitter::None => Jitter::None,
    }
}
