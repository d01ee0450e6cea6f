//! Effects: what talks to the world. A service schedules a job, the applier leases it, a worker performs it outside
//! of every transaction, and what came of it is a message again.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use futures::StreamExt;
use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use jiff::Timestamp;
use tokio::sync::mpsc;

use crate::breaker::{Breaker, BreakerState};
use crate::clock::Clock;
use crate::fault::Fault;
use crate::intake::Intake;
use crate::job::{Attempted, Job, Performed, Performer};
use crate::observe::{AttemptOutcome, Observation, Observer};
use crate::service::Service;
use crate::signal::Signal;
use crate::step::{Progress, Step};

/// The desk between a service's applier, which leases jobs, and its worker, which performs them.
#[derive(Debug)]
pub struct Desk {
    /// The breaker of the world behind the worker.
    pub breaker: Breaker,
    jobs: mpsc::UnboundedSender<Job>,
    signal: Signal,
    in_flight: AtomicUsize,
    limit: usize,
    /// Nothing more is leased.
    closed: AtomicBool,
    /// Raised when nothing is under way any more.
    empty: Signal,
}

impl Desk {
    /// A desk for at most `limit` jobs at a time. The receiver is the worker's.
    pub fn new(breaker: Breaker, limit: usize) -> (Arc<Self>, Jobs) {
        let (sender, receiver) = mpsc::unbounded_channel();
        let signal = Signal::new();
        let jobs = Jobs { receiver, signal: signal.clone() };
        let (in_flight, closed, empty) = (AtomicUsize::new(0), AtomicBool::new(false), Signal::new());
        (Arc::new(Self { breaker, jobs: sender, signal, in_flight, limit, closed, empty }), jobs)
    }

    /// How many more jobs may be leased.
    pub(crate) fn room(&self, now: Timestamp) -> usize {
        if self.closed.load(Ordering::Acquire) {
            return 0;
        }
        let free = self.limit.saturating_sub(self.in_flight.load(Ordering::Acquire));
        free.min(self.breaker.room(now))
    }

    /// When an open breaker will try again.
    pub(crate) fn closed_until(&self, now: Timestamp) -> Option<Timestamp> {
        match self.breaker.state(now) {
            BreakerState::Open(until) => Some(until),
            BreakerState::Closed | BreakerState::HalfOpen => None,
        }
    }

    /// Hands leased jobs to the worker.
    pub(crate) fn dispatch(&self, now: Timestamp, jobs: Vec<Job>) {
        self.breaker.begin(now, jobs.len());
        self.in_flight.fetch_add(jobs.len(), Ordering::AcqRel);
        for job in jobs {
            // Without a worker the process is stopping; the lease will expire and the job is leased again.
            let _ = self.jobs.send(job);
        }
        self.signal.raise();
    }

    /// From now on nothing is leased, so that the worker comes to an end.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::Release);
        self.signal.raise();
    }

    /// Whether something is under way whose outcome nobody was handed yet.
    pub(crate) fn is_busy(&self) -> bool {
        self.in_flight.load(Ordering::Acquire) > 0
    }

    /// Raised when nothing is under way any more.
    pub(crate) const fn empty(&self) -> &Signal {
        &self.empty
    }

    fn done(&self) {
        if self.in_flight.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.empty.raise();
        }
    }
}

/// The worker's end of the desk.
#[derive(Debug)]
pub struct Jobs {
    receiver: mpsc::UnboundedReceiver<Job>,
    signal: Signal,
}

/// The worker: performs what was leased, many at a time.
pub struct Worker<S: Service> {
    name: String,
    desk: Arc<Desk>,
    jobs: Jobs,
    performer: Arc<dyn Performer>,
    intake: Intake<S>,
    clock: Arc<dyn Clock>,
    observer: Arc<dyn Observer>,
    in_flight: FuturesUnordered<BoxFuture<'static, (Job, Performed, Duration)>>,
}

impl<S: Service> Worker<S> {
    /// A worker at the desk.
    pub fn new(
        desk: Arc<Desk>,
        jobs: Jobs,
        performer: Arc<dyn Performer>,
        intake: Intake<S>,
        clock: Arc<dyn Clock>,
        observer: Arc<dyn Observer>,
    ) -> Self {
        let name = format!("{}/effects", S::NAME);
        Self { name, desk, jobs, performer, intake, clock, observer, in_flight: FuturesUnordered::new() }
    }

    fn begin(&mut self) {
        while let Ok(job) = self.jobs.receiver.try_recv() {
            let performer = Arc::clone(&self.performer);
            self.in_flight.push(Box::pin(async move {
                let begun = Instant::now();
                let performed = performer.perform(&job).await;
                (job, performed, begun.elapsed())
            }));
        }
    }

    fn finish(&self, job: Job, performed: Performed, took: Duration) {
        self.desk.breaker.report(self.clock.now(), matches!(performed, Performed::Answered { .. }));
        let outcome = match &performed {
            Performed::Answered { .. } => AttemptOutcome::Answered,
            Performed::Unknown(_) => AttemptOutcome::Unknown,
            Performed::Failed(_) => AttemptOutcome::Failed,
            Performed::Unavailable(_) => AttemptOutcome::Unavailable,
        };
        self.observer.observe(Observation::Attempt { outcome, took });
        self.intake.attempted(Attempted { job, performed });
        self.desk.done();
    }
}

#[async_trait]
impl<S: Service> Step for Worker<S> {
    fn name(&self) -> &str {
        &self.name
    }

    async fn step(&mut self) -> Result<Progress, Fault> {
        self.begin();
        if self.in_flight.is_empty() {
            return Ok(Progress::Idle(None));
        }
        let signal = self.jobs.signal.clone();
        tokio::select! {
            biased;
            Some((job, performed, took)) = self.in_flight.next() => self.finish(job, performed, took),
            () = signal.raised() => {}
        }
        Ok(Progress::Worked)
    }

    async fn wait(&mut self) {
        self.jobs.signal.raised().await;
    }

    /// What was leased is performed to its end, so that nobody has to wonder what came of it.
    async fn stop(&mut self) {
        loop {
            let closed = self.desk.closed.load(Ordering::Acquire);
            self.begin();
            match self.in_flight.next().await {
                Some((job, performed, took)) => self.finish(job, performed, took),
                None if closed => return,
                None => self.jobs.signal.raised().await,
            }
        }
    }
}
