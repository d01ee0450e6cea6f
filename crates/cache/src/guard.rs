//! What stands between a process and its cache: it leaves a cache that is away alone for a moment, and remembers what was
//! missed meanwhile.
//!
//! It guarantees that after a fence that could not be set this process is answered nothing by the cache before all of it is
//! void. It never fails: a reader who gets nothing here asks the database.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use engine::{Fault, Signal};
use uuid::Uuid;

use crate::entry::Entry;
use crate::observe::{Observation, Observer};
use crate::port::{Cache, Fence, Look, Stamp};

/// How long a cache that did not do what it was asked for is left alone.
pub const PAUSE: Duration = Duration::from_millis(300);

/// A cache that may be away.
pub struct Guard {
    cache: Arc<dyn Cache>,
    observer: Arc<dyn Observer>,
    pause: Duration,
    standing: Mutex<Standing>,
    /// Raised when something was missed.
    missed: Signal,
}

/// How it stands with the cache.
#[derive(Default)]
struct Standing {
    /// It is away, and left alone until then. None: it is there.
    away_until: Option<Instant>,
    /// How often fences were not set.
    missed: u64,
    /// So many of them were before the last time that everything was made void.
    made_good: u64,
}

/// How somebody may ask the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    /// Like everybody else.
    Usual,
    /// Alone, to find out whether it is back.
    Trial,
}

impl Guard {
    /// A guard before `cache` that leaves it alone for `pause` after a fault.
    pub fn new(cache: Arc<dyn Cache>, observer: Arc<dyn Observer>, pause: Duration) -> Self {
        Self { cache, observer, pause, standing: Mutex::default(), missed: Signal::new() }
    }

    /// Looks an order up. None: the cache does not say.
    pub async fn get(&self, id: Uuid) -> Option<Look> {
        self.ask(self.cache.get(id)).await
    }

    /// Keeps what the database said after the look that gave the stamp, if the cache likes.
    pub async fn put(&self, stamp: &Stamp, entry: &Entry) {
        self.ask(self.cache.put(stamp, entry)).await;
    }

    /// Sets fences, or remembers that it could not.
    pub async fn fence(&self, fences: &[Fence]) {
        if self.ask(self.cache.fence(fences)).await.is_none() {
            self.miss();
        }
    }

    /// Tries to make good what was missed.
    pub async fn make_good(&self) {
        if self.owes() {
            self.ask(async { Ok(()) }).await;
        }
    }

    /// Whether something was missed that is not made good.
    pub fn owes(&self) -> bool {
        self.standing().owes()
    }

    /// Whether the cache was there when it was asked last.
    pub fn is_there(&self) -> bool {
        self.standing().away_until.is_none()
    }

    /// Waits until something is missed. May wake too often.
    pub async fn missed(&self) {
        self.missed.raised().await;
    }

    /// How long a cache that is away is left alone.
    pub const fn pause(&self) -> Duration {
        self.pause
    }

    pub(crate) fn observe(&self, observation: Observation) {
        self.observer.observe(observation);
    }

    /// Asks the cache, unless it is to be left alone.
    async fn ask<T>(&self, call: impl Future<Output = Result<T, Fault>>) -> Option<T> {
        let turn = self.turn()?;
        if turn == Turn::Trial && self.owes() {
            self.void().await.inspect_err(|fault| self.failed(fault)).ok()?;
        }
        match call.await {
            Ok(done) => {
                if turn == Turn::Trial {
                    self.back();
                }
                Some(done)
            }
            Err(fault) => {
                self.failed(&fault);
                None
            }
        }
    }

    /// Whether to ask, and how. A trial is given out once per pause.
    fn turn(&self) -> Option<Turn> {
        let mut standing = self.standing();
        let Some(until) = standing.away_until else { return Some(Turn::Usual) };
        let now = Instant::now();
        (until <= now).then(|| {
            standing.away_until = Some(now + self.pause);
            Turn::Trial
        })
    }

    /// Makes everything void, and with it good what was missed before this began.
    async fn void(&self) -> Result<(), Fault> {
        let missed = self.standing().missed;
        self.cache.void().await?;
        let mut standing = self.standing();
        standing.made_good = standing.made_good.max(missed);
        Ok(())
    }

    fn failed(&self, fault: &Fault) {
        self.observe(Observation::Fault);
        let until = Instant::now() + self.pause;
        if self.standing().away_until.replace(until).is_none() {
            tracing::warn!(%fault, "the cache is away; the database is asked in its place");
        }
    }

    /// It is there again, unless more was missed since the trial began.
    fn back(&self) {
        let mut standing = self.standing();
        if !standing.owes() && standing.away_until.take().is_some() {
            tracing::info!("the cache is there again");
        }
    }

    fn miss(&self) {
        let mut standing = self.standing();
        standing.missed += 1;
        standing.away_until.get_or_insert_with(Instant::now);
        self.missed.raise();
    }

    fn standing(&self) -> MutexGuard<'_, Standing> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Standing {
    const fn owes(&self) -> bool {
        self.missed > self.made_good
    }
}
