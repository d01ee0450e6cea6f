//! The client's side of an inlet: it consumes a queue for as long as somebody wants what comes.
//!
//! It guarantees that nothing is acknowledged that was not settled. A channel that is lost, or whose consumer the server
//! ends, is replaced, with a back-off; what was not acknowledged comes again on the next one. When the inlet is dropped it
//! stops, and what was not settled goes to others.

use std::mem;
use std::time::Duration;

use broker::Feed;
use engine::retry::{Backoff, Jitter};
use tokio::sync::watch;
use tokio::time::timeout;

use crate::failure::Failure;
use crate::session::{Session, Subscription};
use crate::settled::Tag;

/// The waits before a channel is asked for again.
const BACKOFF: Backoff = Backoff {
    attempts: u32::MAX,
    base: Duration::from_millis(100),
    factor: 2,
    cap: Duration::from_secs(2),
    jitter: Jitter::Equal,
};

/// Consumes a queue.
pub(crate) struct Consuming {
    subscription: Subscription,
    feed: Feed<Tag>,
    settled: watch::Receiver<Tag>,
    /// Channels asked for so far.
    channels: u64,
    /// Failures since the last channel was there.
    failures: u32,
    /// Whether trouble with the queue was told, and not its end.
    is_troubled: bool,
}

impl Consuming {
    /// Feeds what the subscription brings, and acknowledges what is settled.
    pub fn new(subscription: Subscription, feed: Feed<Tag>, settled: watch::Receiver<Tag>) -> Self {
        Self { subscription, feed, settled, channels: 0, failures: 0, is_troubled: false }
    }

    /// Consumes until nobody wants anything any more.
    pub async fn run(mut self) {
        while !self.feed.is_closed() {
            if let Err(failure) = self.consume().await {
                self.failures += 1;
                self.tell(&failure);
                // Whatever went wrong, the queue may be missing.
                self.subscription.link.declare_again();
                self.pause().await;
            }
        }
    }

    /// Consumes until nobody wants anything any more, or the channel ends.
    async fn consume(&mut self) -> Result<(), Failure> {
        self.channels += 1;
        let session = self.subscription.begin(self.channels).await?;
        self.failures = 0;
        if mem::take(&mut self.is_troubled) {
            tracing::info!(queue = self.subscription.queue.as_str(), "the queue is consumed again");
        }
        self.serve(session).await
    }

    async fn serve(&mut self, mut session: Session) -> Result<(), Failure> {
        loop {
            tokio::select! {
                biased;
                () = self.feed.closed() => break,
                Ok(()) = self.settled.changed() => {
                    let through = *self.settled.borrow_and_update();
                    session.acknowledge(through).await?;
                }
                arrival = session.next() => {
                    self.feed.put(arrival?).await;
                }
            }
        }
        let through = *self.settled.borrow();
        session.acknowledge(through).await?;
        session.end().await
    }

    /// Tells of trouble with this queue, once. Trouble with the connection is the link's to tell.
    fn tell(&mut self, reason: &Failure) {
        if reason.is_of_channel() && !mem::replace(&mut self.is_troubled, true) {
            let queue = self.subscription.queue.as_str();
            tracing::warn!(queue, %reason, "the queue is not consumed; it is tried again until it is");
        }
    }

    /// Waits before the next attempt, unless nobody wants anything any more.
    async fn pause(&self) {
        let wait = BACKOFF.wait(self.failures, u64::from(std::process::id()));
        timeout(wait, self.feed.closed()).await.ok();
    }
}
