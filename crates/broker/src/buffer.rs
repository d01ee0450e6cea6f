//! An inlet over what a broker's client hands in: it keeps what was polled until that is settled, so that it can be given
//! again, and has the broker told only then.
//!
//! It holds so many messages and so many bytes and no more, however long nobody settles anything.

use std::collections::VecDeque;
use std::sync::Arc;

use async_trait::async_trait;
use engine::{Delivery, Fault, Inlet, Signal};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

/// What a message takes beside its texts, in bytes, for want of a way to measure it.
const BESIDE: usize = 256;

/// How much an inlet holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capacity {
    /// The messages that nobody has polled.
    pub messages: usize,
    /// The bytes of all messages that are not settled. A message that is larger than this is held alone.
    pub bytes: u32,
}

/// A message that came in, and what its acknowledgement needs.
#[derive(Clone, Debug)]
pub struct Arrival<T> {
    /// The message.
    pub delivery: Delivery,
    /// What the broker is told when it is settled.
    pub tag: T,
}

/// Tells the broker that messages are done with.
#[async_trait]
pub trait Acknowledge<T>: Send {
    /// Acknowledges these, in the order in which they came. A broker that does not hear of it delivers them again.
    async fn acknowledge(&mut self, tags: Vec<T>) -> Result<(), Fault>;
}

/// A message that is held, and the room that it takes until it is let go.
#[derive(Debug)]
struct Held<T> {
    arrival: Arrival<T>,
    _room: OwnedSemaphorePermit,
}

/// Where a client hands in what it gets.
#[derive(Clone, Debug)]
pub struct Feed<T> {
    arrivals: mpsc::Sender<Held<T>>,
    /// A permit for each byte that nobody has taken.
    room: Arc<Semaphore>,
    bytes: u32,
    signal: Signal,
}

impl<T> Feed<T> {
    /// Hands in a message, when there is room. False: nobody wants it any more.
    pub async fn put(&self, arrival: Arrival<T>) -> bool {
        let room = tokio::select! {
            biased;
            () = self.closed() => return false,
            room = Arc::clone(&self.room).acquire_many_owned(self.size(&arrival)) => room,
        };
        let Ok(room) = room else { return false };
        let put = self.arrivals.send(Held { arrival, _room: room }).await.is_ok();
        self.signal.raise();
        put
    }

    /// Hands in a message if there is room, and gives it back otherwise.
    ///
    /// # Errors
    /// The message, for which there is no room, or which nobody wants any more.
    pub fn offer(&self, arrival: Arrival<T>) -> Result<(), Arrival<T>> {
        let offered = match Arc::clone(&self.room).try_acquire_many_owned(self.size(&arrival)) {
            Ok(room) => self.arrivals.try_send(Held { arrival, _room: room }),
            Err(_) => return Err(arrival),
        };
        self.signal.raise();
        offered.map_err(|refused| refused.into_inner().arrival)
    }

    /// The room that a message takes: all there is, if it is larger than that.
    fn size(&self, arrival: &Arrival<T>) -> u32 {
        let record = &arrival.delivery.record;
        let names = record.kind.len() + record.foreign_id.as_ref().map_or(0, String::len);
        u32::try_from(record.data.len() + names + BESIDE).unwrap_or(u32::MAX).min(self.bytes)
    }

    /// Whether nobody wants anything any more.
    pub fn is_closed(&self) -> bool {
        self.arrivals.is_closed()
    }

    /// Ends when nobody wants anything any more.
    pub async fn closed(&self) {
        self.arrivals.closed().await;
    }
}

/// An inlet over what is fed to it.
pub struct Buffer<T, A> {
    source: &'static str,
    arrivals: mpsc::Receiver<Held<T>>,
    /// Polled and not settled, in the order in which it came.
    out: VecDeque<Held<T>>,
    /// How many of them are settled, and not acknowledged yet.
    settled: usize,
    /// How many of them were polled, since the last rewind, or are settled.
    polled: usize,
    broker: A,
}

/// An inlet for `source`'s events that holds no more than its `capacity`, and the feed that fills it. `signal` is raised when
/// something comes.
pub fn buffer<T, A>(
    source: &'static str,
    capacity: Capacity,
    signal: Signal,
    broker: A,
) -> (Feed<T>, Buffer<T, A>) {
    let (sender, arrivals) = mpsc::channel(capacity.messages);
    let room = Arc::new(Semaphore::new(capacity.bytes as usize));
    let feed = Feed { arrivals: sender, room, bytes: capacity.bytes, signal };
    (feed, Buffer { source, arrivals, out: VecDeque::new(), settled: 0, polled: 0, broker })
}

impl<T: Clone + Send, A: Acknowledge<T>> Buffer<T, A> {
    async fn acknowledge(&mut self) -> Result<(), Fault> {
        if self.settled > 0 {
            let tags = self.out.iter().take(self.settled).map(|held| held.arrival.tag.clone()).collect();
            self.broker.acknowledge(tags).await?;
            self.out.drain(..self.settled);
            self.polled -= self.settled;
            self.settled = 0;
        }
        Ok(())
    }
}

#[async_trait]
impl<T: Clone + Send, A: Acknowledge<T>> Inlet for Buffer<T, A> {
    fn source(&self) -> &'static str {
        self.source
    }

    fn consumer_keeps_cursor(&self) -> bool {
        false
    }

    async fn poll(&mut self, limit: usize) -> Result<Vec<Delivery>, Fault> {
        // A broker that does not hear of what is settled is given no more of it to keep.
        self.acknowledge().await?;
        let mut deliveries = Vec::new();
        while deliveries.len() < limit {
            if self.polled == self.out.len() {
                match self.arrivals.try_recv() {
                    Ok(held) => self.out.push_back(held),
                    Err(_) => break,
                }
            }
            deliveries.extend(self.out.get(self.polled).map(|held| held.arrival.delivery.clone()));
            self.polled += 1;
        }
        Ok(deliveries)
    }

    async fn settle(&mut self) -> Result<(), Fault> {
        self.settled = self.polled;
        self.acknowledge().await
    }

    async fn rewind(&mut self) {
        self.polled = self.settled;
    }
}
