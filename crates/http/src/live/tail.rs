//! The tail: all logs, read once for all who listen to the public events.
//!
//! What was read goes through a [ring](super::ring). Who is too slow for it reads on from the logs by himself, as one who comes
//! back does, and joins again; nothing waits for anybody. While nobody listens nothing is read.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use async_trait::async_trait;
use engine::{Fault, Log, Progress, Step};
use tokio::sync::Mutex;
use tokio::time::{Interval, MissedTickBehavior};

use super::lanes::Lanes;
use super::notices::Notices;
use super::position::Position;
use super::ring::{Heard, Reader, Ring};

/// So many are read at once.
const PAGE: usize = 512;
/// So many are read at once for one who catches up.
const CATCH_UP: usize = 128;
/// The least time between two looks, so that under load each finds many.
const PACE: Duration = Duration::from_millis(20);

/// The logs, and who listens.
pub(crate) struct Tail {
    lanes: Lanes,
    ring: Ring,
    /// Up to where the ring was filled. None: nobody listens.
    read: Mutex<Option<Position>>,
    notices: Arc<Notices>,
}

/// One who listens.
pub(crate) struct Listener {
    ring: Reader,
    notices: Arc<Notices>,
}

impl Tail {
    /// The tail of these logs.
    pub fn new(logs: Vec<Arc<dyn Log>>, notices: Arc<Notices>) -> Self {
        Self { lanes: Lanes::new(logs), ring: Ring::new(), read: Mutex::new(None), notices }
    }

    /// Listens from now on. Answers where that is.
    pub async fn listen(&self) -> Result<(Listener, Position), Fault> {
        let mut read = self.read.lock().await;
        let position = match read.take() {
            Some(position) if self.ring.readers() > 0 => position,
            // Nobody has listened for a moment or longer.
            Some(_) | None => self.lanes.heads().await?,
        };
        *read = Some(position.clone());
        self.notices.tailing().fetch_add(1, Ordering::Relaxed);
        Ok((Listener { ring: self.ring.reader(), notices: Arc::clone(&self.notices) }, position))
    }

    /// Some of what lies between a listener's position and the one from which he listens. None: he is there.
    pub async fn catch_up(&self, from: &mut Position, end: &Position) -> Result<Option<Vec<Heard>>, Fault> {
        let page = self.lanes.read(from, Some(end), CATCH_UP).await?;
        page.gone.iter().for_each(|lane| from.advance(*lane, end.of(*lane)));
        let gap = page.has_gap.then_some(Heard::Gap);
        let heard: Vec<_> = gap.into_iter().chain(page.events.into_iter().map(Heard::Event)).collect();
        Ok(Some(heard).filter(|heard| !heard.is_empty()))
    }

    /// Fills the ring. Answers whether there may be more.
    async fn fill(&self) -> Result<bool, Fault> {
        let mut read = self.read.lock().await;
        if self.ring.readers() == 0 {
            *read = None;
            self.ring.clear();
        }
        let Some(position) = read.as_mut() else { return Ok(false) };
        let page = self.lanes.read(position, None, PAGE).await?;
        page.events.iter().for_each(|event| position.advance(event.lane, event.offset));
        self.ring.extend(
            page.has_gap.then_some(Heard::Gap).into_iter().chain(page.events.into_iter().map(Heard::Event)),
        );
        Ok(page.is_full)
    }
}

impl Listener {
    /// What is heard next. None: too much came since, and he has to listen anew.
    pub async fn next(&mut self) -> Option<Heard> {
        self.ring.next().await
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.notices.tailing().fetch_sub(1, Ordering::Relaxed);
    }
}

/// Keeps the ring filled.
pub(super) struct TailStep {
    tail: Arc<Tail>,
    pace: Option<Interval>,
}

impl TailStep {
    /// Fills the tail's ring.
    pub fn new(tail: Arc<Tail>) -> Self {
        Self { tail, pace: None }
    }
}

#[async_trait]
impl Step for TailStep {
    fn name(&self) -> &'static str {
        "live/events"
    }

    /// Whoever drives it looks at it about every second, also for what other processes have published.
    async fn step(&mut self) -> Result<Progress, Fault> {
        Ok(if self.tail.fill().await? { Progress::Worked } else { Progress::Idle(None) })
    }

    async fn wait(&mut self) {
        self.tail.notices.published.raised().await;
        self.pace.get_or_insert_with(pace).tick().await;
    }
}

/// What steps that look go by.
pub(super) fn pace() -> Interval {
    let mut pace = tokio::time::interval(PACE);
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    pace
}
