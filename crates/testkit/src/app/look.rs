//! What the shop has: everything a test looks at.

use std::collections::HashSet;
use std::sync::{Arc, LazyLock};

use contract::{PaymentStatus, ProcessingStatus, Status};
use engine::{DeadLetter, DeadLetterState, Key, Log, Record, Service};
use invariants::{Audit, Fate, Sources, fate};
use orders::timeline::Placed;
use orders::{Order, Queries as _};
use payments::queries::Exchange;
use payments::{Payment, Queries as _};
use processing::Queries as _;
use provider::{Charge, Ledger as _};
use store_sqlite::SqliteStore;
use uuid::Uuid;

use super::{TestApp, at_once};

/// How long an order may stand still before it has to say why.
const STUCK_AFTER: std::time::Duration = std::time::Duration::from_secs(300);
/// The logs are drained before an audit, so no event is on its way.
static AT_REST: LazyLock<HashSet<Key>> = LazyLock::new(HashSet::new);

impl TestApp {
    /// The order, if there is one.
    pub fn find(&self, id: Uuid) -> Option<Order> {
        at_once(self.shop().orders.store.order(id)).expect("the file can be read")
    }

    /// The order.
    pub fn order(&self, id: Uuid) -> Order {
        self.find(id).expect("there is such an order")
    }

    /// All orders, oldest first.
    pub fn orders(&self) -> Vec<Order> {
        at_once(orders::Queries::scan(&*self.shop().orders.store, None, usize::MAX))
            .expect("the file can be read")
    }

    /// The three states of an order.
    pub fn states(&self, id: Uuid) -> (Status, PaymentStatus, ProcessingStatus) {
        let order = self.order(id);
        (order.status(), order.facts.payment_status(), order.facts.processing_status())
    }

    /// The payment of an order.
    pub fn payment(&self, id: Uuid) -> Option<Payment> {
        at_once(self.shop().payments.store.payment(id)).expect("the file can be read")
    }

    /// The processing record of an order.
    pub fn record(&self, id: Uuid) -> Option<processing::Record> {
        at_once(self.shop().processing.store.record(id)).expect("the file can be read")
    }

    /// What the provider's ledger has under the order's key.
    pub fn charge(&self, id: Uuid) -> Option<Charge> {
        at_once(self.shop().provider.store.by_key(&Key::Id(id))).expect("the file can be read")
    }

    /// The order's timeline.
    pub fn timeline(&self, id: Uuid) -> Vec<Placed> {
        at_once(self.shop().orders.store.timeline(id, 0)).expect("the file can be read")
    }

    /// The types of the entries of the order's timeline.
    pub fn story(&self, id: Uuid) -> Vec<String> {
        self.timeline(id).into_iter().map(|placed| placed.entry.kind_of.into_owned()).collect()
    }

    /// What was said to the provider about the order, and what came of it: `charge 1 captured`.
    pub fn exchanges(&self, id: Uuid) -> Vec<String> {
        let notes = at_once(self.shop().payments.store.exchanges(id)).expect("the file can be read");
        let exchange = |note: engine::Note| {
            let Exchange { what, attempt, result, .. } =
                serde_json::from_str(&note.data).expect("an exchange");
            format!("{what} {attempt} {result}")
        };
        notes.into_iter().map(exchange).collect()
    }

    /// What waits for an operator, with its service.
    pub fn dead_letters(&self) -> Vec<(&'static str, DeadLetter)> {
        let shop = self.shop();
        let mut letters = dead(&shop.orders.store);
        letters.extend(dead(&shop.payments.store));
        letters.extend(dead(&shop.processing.store));
        letters.extend(dead(&shop.catalog.store));
        letters.extend(dead(&shop.provider.store));
        letters
    }

    /// How it stands with an order's end.
    pub fn fate(&self, id: Uuid) -> Fate {
        let shop = self.shop();
        let mut letters = at_once(orders::Queries::dead_letters(&*shop.orders.store, id)).expect("readable");
        letters
            .extend(at_once(payments::Queries::dead_letters(&*shop.payments.store, id)).expect("readable"));
        letters.extend(
            at_once(processing::Queries::dead_letters(&*shop.processing.store, id)).expect("readable"),
        );
        let (order, payment, record) = (self.order(id), self.payment(id), self.record(id));
        fate(&order, &letters, payment.as_ref(), record.as_ref(), self.now(), STUCK_AFTER)
    }

    /// The whole log of a service, as far as it was not trimmed.
    pub fn log<S: Service>(store: &SqliteStore<S>) -> Vec<Arc<Record>> {
        let read = |partition| at_once(store.read(partition, 0, usize::MAX)).expect("the log can be read");
        (0..store.partitions()).flat_map(read).map(|(_, record)| record).collect()
    }

    /// An audit of the shop, which is at rest.
    pub(super) fn audit(&self) -> Audit<'_> {
        let shop = self.shop();
        let sources = Sources {
            orders: &*shop.orders.store,
            payments: &*shop.payments.store,
            processing: Some(&*shop.processing.store),
            ledger: Some(&*shop.provider.store),
        };
        Audit { sources, underway: &AT_REST, now: self.now(), stuck_after: STUCK_AFTER, page: 64 }
    }
}

fn dead<S: Service>(store: &SqliteStore<S>) -> Vec<(&'static str, DeadLetter)> {
    let letters = store.dead_letters(DeadLetterState::Dead, usize::MAX).expect("the file can be read");
    letters.into_iter().map(|letter| (S::NAME, letter)).collect()
}
