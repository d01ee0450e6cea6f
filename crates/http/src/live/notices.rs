//! Notices: how an instance hears that there is something to read.
//!
//! What this process commits its engines tell at once. What other processes commit is looked for by the steps of the streams:
//! orders about once a second and whenever the orders' database rings its bell, in one question for all that are followed; the
//! logs about once a second, each on its own, and once for all who listen.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use engine::observe::{Observation, Observer};
use engine::{Key, Record, Service, Signal};
use orders::Orders;

use super::watched::Watched;

/// What the engines of this process tell those who listen.
#[derive(Default)]
pub struct Notices {
    /// Who listens to which order.
    pub(crate) watched: Watched,
    /// Another process has published something: orders may have moved.
    pub(crate) elsewhere: Signal,
    /// Something was published here.
    pub(crate) published: Signal,
    /// How many listen to the public events.
    tailing: AtomicUsize,
}

impl Notices {
    /// Nobody listens yet.
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Watches a service's engine for the streams, in front of `inner`.
    pub fn observer(self: &Arc<Self>, service: &'static str, inner: Arc<dyn Observer>) -> Arc<dyn Observer> {
        Arc::new(Ear { is_orders: service == Orders::NAME, inner, notices: Arc::clone(self) })
    }

    /// To be raised when another process has published something about orders. Only a wake-up.
    pub fn elsewhere(&self) -> Signal {
        self.elsewhere.clone()
    }

    /// One more, or one less, listens to the public events.
    pub(crate) fn tailing(&self) -> &AtomicUsize {
        &self.tailing
    }
}

/// Stands before another observer.
struct Ear {
    is_orders: bool,
    inner: Arc<dyn Observer>,
    notices: Arc<Notices>,
}

impl Observer for Ear {
    fn observe(&self, observation: Observation) {
        self.inner.observe(observation);
    }

    fn published(&self, record: &Record) {
        self.inner.published(record);
        // A wake-up that is missed for a listener who is just coming costs a second.
        if self.notices.tailing.load(Ordering::Relaxed) > 0 {
            self.notices.published.raise();
        }
    }

    fn noted(&self, key: &Key, sequence: u64) {
        self.inner.noted(key, sequence);
        if let (true, Key::Id(order)) = (self.is_orders, key) {
            self.notices.watched.tell(*order, sequence);
        }
    }
}

#[cfg(test)]
mod tests {
    use engine::observe::Unobserved;
    use futures::FutureExt;
    use jiff::Timestamp;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn what_the_orders_service_notes_is_told_at_once() {
        let (notices, order) = (Notices::new(), Uuid::from_u128(7));
        let mut watch = notices.watched.watch(order);
        notices.observer("payments", Arc::new(Unobserved)).noted(&Key::Id(order), 9);
        assert_eq!(watch.beyond(0).now_or_never(), None, "other services have journals of their own");
        notices.observer("orders", Arc::new(Unobserved)).noted(&Key::Id(order), 2);
        assert_eq!(watch.beyond(0).now_or_never(), Some(2));
    }

    #[test]
    fn what_any_service_publishes_is_told_while_somebody_listens() {
        let notices = Notices::new();
        let record = Record {
            source: "catalog".to_owned(),
            key: Key::name("margherita"),
            sequence: Some(1),
            foreign_id: None,
            steps: None,
            kind: "product.changed".to_owned(),
            time: Timestamp::UNIX_EPOCH,
            data: "{}".to_owned(),
        };
        let observer = notices.observer("catalog", Arc::new(Unobserved));
        observer.published(&record);
        assert!(notices.published.raised().now_or_never().is_none());
        notices.tailing().fetch_add(1, Ordering::Relaxed);
        observer.published(&record);
        assert!(notices.published.raised().now_or_never().is_some());
    }
}
