//! Live: an order's timeline and the public events as they happen, to whoever keeps listening (server-sent events).
//!
//! The truth is in the database, and a stream is a place in it: how far its client has come. What is announced here is
//! only that there is something to read, so nothing is queued per client, a slow one delays nobody, and any instance of a
//! fleet can go on where another one ended. [`notices`] says how an instance hears, [`look`] how it looks for what it did
//! not hear, [`watched`] who reads which order, [`tail`] how the logs are read once for all.
//!
//! It guarantees a bound on the streams, and that all of them end when the process is told to stop (`Api::leaving`). It
//! deliberately tells no stream that its order has ended: money may be given back later.

mod frame;
mod lanes;
mod look;
mod notices;
mod place;
mod position;
mod ring;
mod tail;
mod watched;

use std::sync::Arc;

use engine::{Cursors, Log, Step};
use prometheus_client::metrics::gauge::Gauge;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

pub(crate) use frame::{Frame, HEARTBEAT, RETRY, response};
pub use notices::Notices;
pub(crate) use place::{Place, Waited};
pub(crate) use position::Position;
pub(crate) use ring::Heard;
pub(crate) use tail::{Listener, Tail};
pub(crate) use watched::Watch;

use crate::metrics::{Metrics, Stream};
use crate::problem::Problem;
use crate::problems::saturated;
use look::WatchStep;
use tail::TailStep;

/// What all streams of a process share.
pub struct Live {
    notices: Arc<Notices>,
    tail: Arc<Tail>,
    places: Arc<Semaphore>,
    metrics: Arc<Metrics>,
}

impl Live {
    /// Streams of what `notices` tells of and what is in `logs`. There are at most `limit` at once.
    pub fn new(
        notices: Arc<Notices>,
        logs: Vec<Arc<dyn Log>>,
        limit: usize,
        metrics: Arc<Metrics>,
    ) -> Arc<Self> {
        let tail = Arc::new(Tail::new(logs, Arc::clone(&notices)));
        let places = Arc::new(Semaphore::new(limit.min(Semaphore::MAX_PERMITS)));
        Arc::new(Self { notices, tail, places, metrics })
    }

    /// What keeps the streams going. `orders` is where the orders service writes down how long each timeline is.
    pub fn steps(&self, orders: Arc<dyn Cursors>) -> Vec<Box<dyn Step>> {
        let watch = WatchStep::new(Arc::clone(&self.notices), orders);
        vec![Box::new(watch), Box::new(TailStep::new(Arc::clone(&self.tail)))]
    }

    /// A place for one more stream, for as long as it is kept, or until the process leaves.
    pub(crate) fn place(&self, stream: Stream, leaving: &CancellationToken) -> Result<Place, Problem> {
        let permit = Arc::clone(&self.places).try_acquire_owned().map_err(|_| saturated())?;
        let open: Gauge = self.metrics.live(stream);
        Ok(Place::new(permit, open, leaving.clone()))
    }

    /// The tail of the public events.
    pub(crate) fn tail(&self) -> &Arc<Tail> {
        &self.tail
    }

    /// From now on hears of an order.
    pub(crate) fn watch(&self, order: uuid::Uuid) -> Watch {
        self.notices.watched.watch(order)
    }

    /// Somebody was told that something may be missing.
    pub(crate) fn count_gap(&self) {
        self.metrics.live_gap();
    }
}
