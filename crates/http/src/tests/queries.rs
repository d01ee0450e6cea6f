//! The Queries ports over the stores in memory.

use async_trait::async_trait;
use catalog::queries::Stocked;
use catalog::{Catalog, Item, Reservation};
use contract::Product;
use engine::{DeadLetter, Fault, Key, Note};
use jiff::Timestamp;
use notifications::{Notification, Notifications};
use orders::page::Walk;
use orders::timeline::{Entry, EntryKind, Placed};
use orders::{ListFilter, Order, Orders, Page, State};
use payments::{Payment, Payments};
use provider::{Charge, Ledger, Provider, Status, Totals, Turnover};
use uuid::Uuid;

use super::store::Memory;
use super::{NOW, kept, usd};

impl Memory<Orders> {
    pub fn keep_order(&self, order: Order) {
        let entry = Entry::new(EntryKind::Event, "order.created", "The order was accepted.", "orders");
        let (key, state) = kept(order);
        self.keep_note(Note { key: key.clone(), sequence: 1, at: NOW, data: entry.encode() });
        self.keep(key, state);
    }

    /// All orders, oldest first.
    fn orders(&self) -> Vec<Order> {
        self.data().states.values().filter_map(|state| state.order().cloned()).collect()
    }
}

#[async_trait]
impl orders::Queries for Memory<Orders> {
    async fn order(&self, id: Uuid) -> Result<Option<Order>, Fault> {
        Ok(self.data().states.get(&Key::Id(id)).and_then(|state| state.order().cloned()))
    }

    async fn by_external_id(&self, external_id: &str) -> Result<Option<Order>, Fault> {
        Ok(self.orders().into_iter().find(|order| order.content.external_id.as_deref() == Some(external_id)))
    }

    async fn document(&self, id: Uuid) -> Result<Option<String>, Fault> {
        Ok(self.order(id).await?.and_then(|order| order.content.document.clone()))
    }

    async fn timeline(&self, id: Uuid, after: u64) -> Result<Vec<Placed>, Fault> {
        let placed = |note: &Note| Placed {
            seq: note.sequence,
            at: note.at,
            entry: serde_json::from_str(&note.data).unwrap(),
        };
        let data = self.data();
        if data.is_away {
            return Err(Fault::Unavailable("it is away".to_owned()));
        }
        let notes = data.notes.iter().filter(|note| note.key == Key::Id(id) && note.sequence > after);
        Ok(notes.map(placed).collect())
    }

    async fn find(&self, ids: &[Uuid]) -> Result<Vec<Order>, Fault> {
        Ok(self.orders().into_iter().filter(|order| ids.contains(&order.id)).collect())
    }

    async fn documents(&self, ids: &[Uuid]) -> Result<Vec<(Uuid, String)>, Fault> {
        let document = |order: &Order| Some((order.id, order.content.document.clone()?));
        Ok(self.find(ids).await?.iter().filter_map(document).collect())
    }

    async fn list(&self, filter: &ListFilter) -> Result<Page, Fault> {
        if self.data().is_away {
            return Err(Fault::Unavailable("it is away".to_owned()));
        }
        let mut walk = Walk::new(filter);
        for order in self.orders().into_iter().rev() {
            if walk.is_over() {
                return Ok(walk.finish(false));
            }
            let document = order.content.document.clone();
            walk.show(order.id, Some(order).filter(|order| filter.fits(order, document.as_deref())));
        }
        Ok(walk.finish(true))
    }

    async fn scan(&self, _after: Option<Uuid>, _limit: usize) -> Result<Vec<Order>, Fault> {
        Ok(self.orders())
    }

    async fn stalled(&self, since: Timestamp, limit: usize) -> Result<Vec<Order>, Fault> {
        let waits = |order: &Order| !order.status().is_terminal() && order.updated_at <= since;
        Ok(self.orders().into_iter().filter(waits).take(limit).collect())
    }

    async fn dead_letters(&self, _id: Uuid) -> Result<Vec<DeadLetter>, Fault> {
        Ok(Vec::new())
    }

    async fn menu(&self) -> Result<Vec<Product>, Fault> {
        let data = self.data();
        let product = |state: &State| match state {
            State::Product(product) => Some(product.clone()),
            State::Order(_) => None,
        };
        Ok(data.states.values().filter_map(|state| product(state)).collect())
    }
}

#[async_trait]
impl payments::Queries for Memory<Payments> {
    async fn payment(&self, order_id: Uuid) -> Result<Option<Payment>, Fault> {
        Ok(self.data().states.get(&Key::Id(order_id)).map(|payment| (**payment).clone()))
    }

    async fn exchanges(&self, order_id: Uuid) -> Result<Vec<Note>, Fault> {
        let data = self.data();
        Ok(data.notes.iter().filter(|note| note.key == Key::Id(order_id)).cloned().collect())
    }

    async fn scan(&self, _after: Option<Uuid>, _limit: usize) -> Result<Vec<Payment>, Fault> {
        Ok(self.data().states.values().map(|payment| (**payment).clone()).collect())
    }

    async fn dead_letters(&self, order_id: Uuid) -> Result<Vec<DeadLetter>, Fault> {
        let data = self.data();
        Ok(data.letters.iter().filter(|letter| letter.key == Key::Id(order_id)).cloned().collect())
    }

    async fn stalled(&self, since: Timestamp, limit: usize) -> Result<Vec<Payment>, Fault> {
        let data = self.data();
        let stalled =
            data.states.values().filter(|payment| !payment.is_settled() && payment.updated_at <= since);
        Ok(stalled.take(limit).map(|payment| (**payment).clone()).collect())
    }
}

impl Memory<Notifications> {
    /// All notifications, oldest first.
    fn told(&self) -> Vec<Notification> {
        let mut told: Vec<_> = self.data().states.values().map(|told| (**told).clone()).collect();
        told.sort_by_key(|told| told.id);
        told
    }
}

#[async_trait]
impl notifications::Queries for Memory<Notifications> {
    async fn notification(&self, id: Uuid) -> Result<Option<Notification>, Fault> {
        Ok(self.told().into_iter().find(|told| told.id == id))
    }

    async fn of_order(&self, order_id: Uuid) -> Result<Vec<Notification>, Fault> {
        Ok(self.told().into_iter().filter(|told| told.order_id == order_id).collect())
    }

    async fn list(&self, filter: &notifications::ListFilter) -> Result<Vec<Notification>, Fault> {
        let is_in = |told: &Notification| {
            filter.order_id.is_none_or(|order_id| told.order_id == order_id)
                && filter.state.is_none_or(|state| told.state.word() == state)
                && filter.before.is_none_or(|before| told.id < before)
        };
        Ok(self.told().into_iter().rev().filter(is_in).take(filter.limit).collect())
    }

    async fn first_order(&self) -> Result<Option<Uuid>, Fault> {
        Ok(self.told().into_iter().map(|told| told.order_id).min())
    }

    async fn dead_letters(&self, _order_id: Uuid) -> Result<Vec<DeadLetter>, Fault> {
        Ok(Vec::new())
    }
}

#[async_trait]
impl Ledger for Memory<Provider> {
    async fn by_key(&self, key: &Key) -> Result<Option<Charge>, Fault> {
        Ok(self.data().states.get(key).map(|charge| (**charge).clone()))
    }

    async fn page(&self, after: Option<&Key>, limit: usize) -> Result<Vec<Charge>, Fault> {
        let data = self.data();
        let behind = data.states.iter().filter(|(key, _)| after.is_none_or(|after| *key > after));
        Ok(behind.take(limit).map(|(_, charge)| (**charge).clone()).collect())
    }

    async fn totals(&self) -> Result<Totals, Fault> {
        let mut totals = Totals::default();
        let mut turnover = Turnover { currency: usd(), captured: 0, refunded: 0 };
        for charge in self.data().states.values() {
            match &charge.status {
                Status::Captured(capture) => {
                    totals.captured += 1;
                    turnover.captured += capture.purchase.amount.minor;
                    turnover.refunded += capture.refunds.iter().map(|refund| refund.amount).sum::<i64>();
                }
                Status::Declined { .. } => totals.declined += 1,
                Status::Voided => totals.voided += 1,
            }
        }
        totals.turnover.extend((totals.captured > 0).then_some(turnover));
        Ok(totals)
    }
}

#[async_trait]
impl catalog::Queries for Memory<Catalog> {
    async fn menu(&self) -> Result<Vec<Product>, Fault> {
        let data = self.data();
        let items = data.states.values().filter_map(|state| state.item());
        Ok(items.filter(|item| item.is_listed()).map(|item| item.product.clone()).collect())
    }

    async fn item(&self, id: &str) -> Result<Option<Item>, Fault> {
        Ok(self.data().states.get(&Key::name(id)).and_then(|state| state.item().cloned()))
    }

    async fn stock(&self) -> Result<Vec<Stocked>, Fault> {
        Ok(Vec::new())
    }

    async fn reservation(&self, _order_id: Uuid) -> Result<Option<Reservation>, Fault> {
        Ok(None)
    }

    async fn scan(&self, _after: Option<Uuid>, _limit: usize) -> Result<Vec<Reservation>, Fault> {
        Ok(Vec::new())
    }

    async fn dead_letters(&self, _order_id: Uuid) -> Result<Vec<DeadLetter>, Fault> {
        Ok(Vec::new())
    }
}

pub(super) fn margherita() -> Product {
    Product {
        id: "margherita".into(),
        name: "Margherita".into(),
        description: "Tomato and mozzarella".into(),
        price: 950,
        currency: usd(),
        image: None,
        ingredients: vec!["tomato".into(), "mozzarella".into()],
        available: true,
        stock: None,
        deleted: false,
    }
}
