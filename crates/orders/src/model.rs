//! What the orders service keeps: orders, and its replica of the menu.

use std::sync::Arc;

use contract::{Currency, Delivery, Money, Product, Reason, Status};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::facts::{Facts, PaymentFact};

/// What is kept under one key.
#[derive(Clone, Debug, PartialEq)]
pub enum State {
    /// An order, under its id.
    Order(Order),
    /// A product of the replica, under its name.
    Product(Product),
}

impl State {
    /// The order, if it is one.
    pub const fn order(&self) -> Option<&Order> {
        match self {
            Self::Order(order) => Some(order),
            Self::Product(_) => None,
        }
    }
}

/// An order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Order {
    /// Its id.
    pub id: Uuid,
    /// What was ordered. It never changes.
    pub content: Arc<Content>,
    /// What became of it.
    pub facts: Facts,
    /// How often it was changed, from 1.
    pub version: u64,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
}

/// What was ordered, as it was accepted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Content {
    /// Who ordered, if known.
    pub customer_id: Option<String>,
    /// Who ordered, by name, if known.
    pub customer_name: Option<String>,
    /// The lines, priced if anybody priced them.
    pub lines: Vec<Line>,
    /// Minor units of the currency.
    pub total: i64,
    /// The currency of all amounts.
    pub currency: Currency,
    /// Where it goes.
    pub delivery: Option<Delivery>,
    /// How it is to be paid. None: nothing is charged.
    pub payment_method: Option<String>,
    /// What another system calls it.
    pub external_id: Option<String>,
    /// The caller's own notes.
    pub metadata: Map<String, Value>,
    /// The document it came as, whole. Stores keep it apart and leave it out of what they load for a change: only the
    /// state that places the order has it.
    #[serde(skip)]
    pub document: Option<String>,
}

/// A line of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// The product.
    pub product_id: String,
    /// What it was called then, if known.
    pub name: Option<String>,
    /// How many.
    pub quantity: u32,
    /// Minor units for one, if known.
    pub price: Option<i64>,
    /// Minor units for the line, if known.
    pub total: Option<i64>,
}

impl Content {
    /// What it costs.
    pub const fn total(&self) -> Money {
        Money { minor: self.total, currency: self.currency }
    }

    /// Whether somebody has to be charged.
    pub const fn is_payable(&self) -> bool {
        self.payment_method.is_some() && self.total > 0
    }
}

impl Order {
    /// A new order. Of a `tracked` one somebody counts the pieces.
    pub fn new(id: Uuid, content: Content, tracked: bool, now: Timestamp) -> Self {
        let facts = Facts::new(tracked, content.is_payable());
        Self { id, content: Arc::new(content), facts, version: 1, created_at: now, updated_at: now }
    }

    /// Where it stands.
    pub fn status(&self) -> Status {
        self.facts.status()
    }

    /// Whether it has ended, and the question of its charge with it. It may change all the same, but rarely does.
    pub fn is_settled(&self) -> bool {
        self.facts.is_settled()
    }

    /// Whether it still waits for what becomes of its charge.
    pub fn awaits_payment(&self) -> bool {
        self.status() == Status::Pending
            && matches!(self.facts.payment, PaymentFact::Pending | PaymentFact::Unknown)
    }

    /// Whether pieces have to be kept for it.
    pub fn is_tracked(&self) -> bool {
        !self.facts.stock.is_none()
    }

    /// Why it failed or was called off, if it did.
    pub fn reason(&self) -> Option<&Reason> {
        self.facts.reason()
    }

    /// The same order with other facts, if they are other ones.
    pub fn revised(&self, now: Timestamp, learn: impl FnOnce(&mut Facts)) -> Option<Self> {
        let mut facts = self.facts.clone();
        learn(&mut facts);
        (facts != self.facts).then(|| Self {
            facts,
            version: self.version + 1,
            updated_at: now,
            ..self.clone()
        })
    }
}
