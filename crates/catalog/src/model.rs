//! What the catalog keeps: products with their stock, and what it keeps for orders.

use contract::events::Pieces;
use contract::{Product, Reason};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What is kept under one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// A product, under its name.
    Item(Item),
    /// What is kept for an order, under its id.
    Reservation(Reservation),
}

/// A product and how it stands with its pieces.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// The product. Its stock is what is free.
    pub product: Product,
    /// Pieces that are kept for orders, of a tracked product or of one that was.
    pub reserved: u64,
    /// Whether a timer is set to tell of its stock.
    pub telling: bool,
    /// How often its product was changed by somebody, from 1. Orders do not count.
    pub version: u64,
    /// When anything of it was changed last.
    pub updated_at: Timestamp,
}

/// What is kept for an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reservation {
    /// The order.
    pub order_id: Uuid,
    /// The pieces, of tracked products only, each product once.
    pub items: Vec<Pieces>,
    /// What became of them.
    pub stage: Stage,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
}

/// What became of the pieces that an order needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// They are kept for it.
    Reserved,
    /// There were not enough.
    Rejected(Reason),
    /// They went out with it.
    Consumed,
    /// They are free again.
    Released,
}

impl Item {
    /// A product that nothing is kept of.
    pub const fn new(product: Product, now: Timestamp) -> Self {
        Self { product, reserved: 0, telling: false, version: 1, updated_at: now }
    }

    /// Whether it is on the menu.
    pub const fn is_listed(&self) -> bool {
        !self.product.deleted
    }
}

impl Reservation {
    /// A new reservation, which holds nothing unless it is [`Stage::Reserved`].
    pub const fn new(order_id: Uuid, items: Vec<Pieces>, stage: Stage, now: Timestamp) -> Self {
        Self { order_id, items, stage, created_at: now, updated_at: now }
    }

    /// Whether pieces are kept for the order now.
    pub fn is_open(&self) -> bool {
        self.stage == Stage::Reserved
    }
}

impl State {
    /// The product, if it is one.
    pub const fn item(&self) -> Option<&Item> {
        match self {
            Self::Item(item) => Some(item),
            Self::Reservation(_) => None,
        }
    }

    /// The reservation, if it is one.
    pub const fn reservation(&self) -> Option<&Reservation> {
        match self {
            Self::Reservation(reservation) => Some(reservation),
            Self::Item(_) => None,
        }
    }
}
