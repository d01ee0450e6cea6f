//! What the shop has: everything a test looks at.

use std::collections::HashSet;
use std::sync::{Arc, LazyLock};

use catalog::{Item, Reservation};
use contract::{PaymentStatus, ProcessingStatus, Status};
use engine::{DeadLetter, DeadLetterState, Key, Log, Record, Service};
use invariants::{Audit, Fate, Sources, fate};
use orders::Order;
use orders::timeline::Placed;
use payments::Payment;
use payments::queries::Exchange;
use provider::Charge;
use uuid::Uuid;

use super::{Node, TestApp};

/// How long an order may stand still before it has to say why.
const STUCK_AFTER: std::time::Duration = std::time::Duration::from_secs(300);
/// The logs are drained before an audit, so no event is on its way.
static AT_REST: LazyLock<HashSet<Key>> = LazyLock::new(HashSet::new);

impl TestApp {
    /// The order, if there is one.
    pub fn find(&self, id: Uuid) -> Option<Order> {
        self.ask(self.shop().orders.queries.order(id))
    }

    /// The order.
    pub fn order(&self, id: Uuid) -> Order {
        self.find(id).expect("there is such an order")
    }

    /// All orders, oldest first.
    pub fn orders(&self) -> Vec<Order> {
        self.ask(self.shop().orders.queries.scan(None, usize::MAX))
    }

    /// The three states of an order.
    pub fn states(&self, id: Uuid) -> (Status, PaymentStatus, ProcessingStatus) {
        let order = self.order(id);
        (order.status(), order.facts.payment_status(), order.facts.processing_status())
    }

    /// The payment of an order.
    pub fn payment(&self, id: Uuid) -> Option<Payment> {
        self.ask(self.shop().payments.queries.payment(id))
    }

    /// The processing record of an order.
    pub fn record(&self, id: Uuid) -> Option<processing::Record> {
        self.ask(self.shop().processing.queries.record(id))
    }

    /// What is kept for an order, or was.
    pub fn reservation(&self, id: Uuid) -> Option<Reservation> {
        self.ask(self.shop().catalog.queries.reservation(id))
    }

    /// A product of the catalog.
    pub fn item(&self, id: &str) -> Item {
        self.ask(self.shop().catalog.queries.item(id)).expect("there is such a product")
    }

    /// What the provider's ledger has under the order's key.
    pub fn charge(&self, id: Uuid) -> Option<Charge> {
        self.ask(self.shop().provider.queries.by_key(&Key::Id(id)))
    }

    /// The order's timeline.
    pub fn timeline(&self, id: Uuid) -> Vec<Placed> {
        self.ask(self.shop().orders.queries.timeline(id, 0))
    }

    /// The types of the entries of the order's timeline.
    pub fn story(&self, id: Uuid) -> Vec<String> {
        self.timeline(id).into_iter().map(|placed| placed.entry.kind_of.into_owned()).collect()
    }

    /// What was said to the provider about the order, and what came of it: `charge 1 captured`.
    pub fn exchanges(&self, id: Uuid) -> Vec<String> {
        let notes = self.ask(self.shop().payments.queries.exchanges(id));
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
        let mut letters = self.dead(&shop.orders);
        letters.extend(self.dead(&shop.payments));
        letters.extend(self.dead(&shop.processing));
        letters.extend(self.dead(&shop.catalog));
        letters.extend(self.dead(&shop.provider));
        letters
    }

    /// How it stands with an order's end.
    pub fn fate(&self, id: Uuid) -> Fate {
        let shop = self.shop();
        let mut letters = self.ask(shop.orders.queries.dead_letters(id));
        letters.extend(self.ask(shop.payments.queries.dead_letters(id)));
        letters.extend(self.ask(shop.processing.queries.dead_letters(id)));
        letters.extend(self.ask(shop.catalog.queries.dead_letters(id)));
        let (order, payment, record) = (self.order(id), self.payment(id), self.record(id));
        fate(&order, &letters, payment.as_ref(), record.as_ref(), self.now(), STUCK_AFTER)
    }

    /// The whole log of a service, as far as it was not trimmed.
    pub fn log(&self, log: &dyn Log) -> Vec<Arc<Record>> {
        let read = |partition| self.ask(log.read(partition, 0, usize::MAX));
        (0..log.partitions()).flat_map(read).map(|(_, record)| record).collect()
    }

    /// An audit of the shop, which is at rest.
    pub(super) fn audit(&self) -> Audit<'_> {
        let shop = self.shop();
        let sources = Sources {
            orders: &*shop.orders.queries,
            payments: &*shop.payments.queries,
            catalog: &*shop.catalog.queries,
            processing: Some(&*shop.processing.queries),
            ledger: Some(&*shop.provider.queries),
        };
        Audit { sources, underway: &AT_REST, now: self.now(), stuck_after: STUCK_AFTER, page: 64 }
    }

    fn dead<S: Service, Q: ?Sized>(&self, node: &Node<S, Q>) -> Vec<(&'static str, DeadLetter)> {
        let letters = self.ask(node.shelf.letters(DeadLetterState::Dead));
        letters.into_iter().map(|letter| (S::NAME, letter)).collect()
    }
}
