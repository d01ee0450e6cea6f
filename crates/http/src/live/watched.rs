//! Watched orders: who listens to which, and how long each one's timeline is as far as is known here.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use engine::Key;
use tokio::sync::watch;
use uuid::Uuid;

/// The orders somebody listens to. Each has one number, the newest entry's, whoever listens and however often it changes.
#[derive(Clone, Default)]
pub(crate) struct Watched(Arc<Mutex<HashMap<Uuid, watch::Sender<u64>>>>);

/// That somebody listens to an order.
pub(crate) struct Watch {
    order: Uuid,
    /// None at the end.
    newest: Option<watch::Receiver<u64>>,
    watched: Watched,
}

impl Watched {
    /// Listens to an order. Whoever reads its timeline after this misses nothing.
    pub fn watch(&self, order: Uuid) -> Watch {
        let newest = self.orders().entry(order).or_insert_with(|| watch::Sender::new(0)).subscribe();
        Watch { order, newest: Some(newest), watched: self.clone() }
    }

    /// An order's timeline has this many entries. What was known before is passed over.
    pub fn tell(&self, order: Uuid, entries: u64) {
        if let Some(newest) = self.orders().get(&order) {
            newest.send_if_modified(|newest| {
                let is_news = entries > *newest;
                *newest = entries.max(*newest);
                is_news
            });
        }
    }

    /// All that are listened to.
    pub fn keys(&self) -> Vec<Key> {
        self.orders().keys().copied().map(Key::Id).collect()
    }

    fn orders(&self) -> MutexGuard<'_, HashMap<Uuid, watch::Sender<u64>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watch {
    /// Waits until there are more than so many entries. Answers how many.
    pub async fn beyond(&mut self, known: u64) -> u64 {
        if let Some(newest) = &mut self.newest
            && let Ok(newest) = newest.wait_for(|newest| *newest > known).await
        {
            return *newest;
        }
        // Its sender stays as long as anybody listens.
        std::future::pending().await
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let mut orders = self.watched.orders();
        // Under the lock, so that of two who leave at once one is the last.
        drop(self.newest.take());
        if orders.get(&self.order).is_some_and(|newest| newest.receiver_count() == 0) {
            orders.remove(&self.order);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    #[test]
    fn who_listens_is_woken_once_for_all_that_is_new() {
        let (watched, order) = (Watched::default(), Uuid::from_u128(7));
        let mut watch = watched.watch(order);
        watched.tell(order, 2);
        watched.tell(order, 3);
        watched.tell(order, 1);
        assert_eq!(watch.beyond(2).now_or_never(), Some(3));
        assert_eq!(watch.beyond(3).now_or_never(), None);
    }

    #[test]
    fn an_order_that_nobody_listens_to_any_more_is_forgotten() {
        let (watched, order) = (Watched::default(), Uuid::from_u128(7));
        let (one, other) = (watched.watch(order), watched.watch(order));
        drop(one);
        assert_eq!(watched.keys(), [Key::Id(order)]);
        drop(other);
        assert_eq!(watched.keys(), []);
        watched.tell(order, 1);
        assert_eq!(watched.keys(), []);
    }
}
