//! What can be asked of the catalog. The port of the query side; store adapters answer it.

use async_trait::async_trait;
use contract::Product;
use engine::{DeadLetter, Fault};
use uuid::Uuid;

use crate::model::{Item, Reservation};

/// Questions about the menu and about what is kept for orders. Answers are committed states.
#[async_trait]
pub trait Queries: Send + Sync {
    /// The menu, by id.
    async fn menu(&self) -> Result<Vec<Product>, Fault>;

    /// A product, also one that was deleted.
    async fn item(&self, id: &str) -> Result<Option<Item>, Fault>;

    /// All products, also those that were deleted, with what open reservations say is kept of them, as it stood at one moment:
    /// for audits.
    async fn stock(&self) -> Result<Vec<Stocked>, Fault>;

    /// What is kept for an order, or was.
    async fn reservation(&self, order_id: Uuid) -> Result<Option<Reservation>, Fault>;

    /// Reservations from behind `after`, oldest first: for audits.
    async fn scan(&self, after: Option<Uuid>, limit: usize) -> Result<Vec<Reservation>, Fault>;

    /// What of an order's messages is a dead letter here.
    async fn dead_letters(&self, order_id: Uuid) -> Result<Vec<DeadLetter>, Fault>;
}

/// A product, and what is kept of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stocked {
    /// The product.
    pub item: Item,
    /// Pieces of it in open reservations.
    pub kept: u64,
}
