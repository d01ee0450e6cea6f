//! Every promise with data that keeps it and data that breaks it.

use std::sync::Arc;
use std::time::Duration;

use catalog::Item;
use catalog::queries::Stocked;
use contract::{Money, Reason};
use engine::Key;
use jiff::Timestamp;
use orders::{Content, Facts, Order, PaymentFact, ProcessingFact};
use payments::{Payment, PaymentState, Refund, RefundState};
use provider::{Capture, Charge, Purchase};
use uuid::Uuid;

use crate::Violation;

mod agreement;
mod audit;
mod ending;
mod money;
mod sequence;

const ID: Uuid = Uuid::from_u128(7);
const HOUR: Duration = Duration::from_secs(3600);

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn reason() -> Reason {
    Reason::new("why", "Because.")
}

/// A new order of 10.00 by card.
fn order(id: Uuid) -> Order {
    let content = Content {
        customer_id: None,
        customer_name: None,
        lines: vec![],
        total: 1_000,
        currency: "USD".parse().unwrap(),
        delivery: None,
        payment_method: Some("card".to_owned()),
        external_id: None,
        metadata: serde_json::Map::new(),
        document: None,
    };
    Order::new(id, content, false, at(0))
}

fn unpayable(id: Uuid) -> Order {
    let order = order(id);
    let content = Content { payment_method: None, ..(*order.content).clone() };
    Order { facts: Facts::new(false, false), content: Arc::new(content), ..order }
}

fn processed(id: Uuid) -> Order {
    let order = order(id);
    let facts = Facts {
        payment: PaymentFact::Paid,
        processing: ProcessingFact::Processed,
        paid: 1_000,
        ..order.facts
    };
    Order { facts, ..order }
}

/// A payment that was captured.
fn payment(id: Uuid) -> Payment {
    Payment {
        order_id: id,
        amount: 1_000,
        currency: "USD".parse().unwrap(),
        method: "card".to_owned(),
        state: PaymentState::Captured { reference: "ch_1".to_owned() },
        charge_key: id.to_string(),
        captured: 1_000,
        closing: false,
        refunds: vec![],
        attempts: vec![],
        version: 1,
        created_at: at(0),
        updated_at: at(0),
    }
}

fn pending(id: Uuid) -> Payment {
    Payment { state: PaymentState::Pending, captured: 0, ..payment(id) }
}

fn refund(key: &str, amount: i64, state: RefundState, by_operator: bool) -> Refund {
    Refund {
        key: key.to_owned(),
        amount,
        state,
        actor: by_operator.then(|| "operator".to_owned()),
        reason: reason(),
    }
}

/// A product of which so much is kept, and so much by open reservations.
fn stocked(id: &str, reserved: u64, kept: u64) -> Stocked {
    let text = format!(
        r#"{{"id": "{id}", "name": "P", "price": 1, "currency": "USD", "available": true, "stock": 3}}"#
    );
    let item = Item { reserved, ..Item::new(serde_json::from_str(&text).unwrap(), at(0)) };
    Stocked { item, kept }
}

/// What the ledger has of [`payment`].
fn charge(id: Uuid) -> Charge {
    let amount = Money { minor: 1_000, currency: "USD".parse().unwrap() };
    let purchase = Purchase { order_id: id.to_string(), amount, method: "card".to_owned() };
    let capture = Capture { purchase, reference: "ch_1".to_owned(), refunds: vec![] };
    Charge { key: Key::Id(id), at: at(0), status: provider::Status::Captured(capture) }
}

#[expect(clippy::needless_pass_by_value, reason = "it takes what the functions give")]
fn assert_clean(broken: Vec<Violation>) {
    assert_eq!(broken, []);
}

fn assert_broken(promise: u8, broken: &[Violation], says: &str) {
    let found = broken.iter().any(|violation| violation.promise == promise && violation.what.contains(says));
    assert!(found, "promise {promise}, '{says}' is not in {broken:?}");
}
