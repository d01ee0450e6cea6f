//! What can be asked of the orders service. The port of the query side; store adapters answer it.

use async_trait::async_trait;
use contract::Product;
use engine::{DeadLetter, Fault};
use jiff::Timestamp;
use uuid::Uuid;

use crate::filter::ListFilter;
use crate::model::Order;
use crate::page::Page;
use crate::timeline::Placed;

/// Questions about orders. Answers are committed states; an order placed or changed by a command that was answered is
/// in them.
#[async_trait]
pub trait Queries: Send + Sync {
    /// An order.
    async fn order(&self, id: Uuid) -> Result<Option<Order>, Fault>;

    /// The order that another system calls so.
    async fn by_external_id(&self, external_id: &str) -> Result<Option<Order>, Fault>;

    /// The document an order came as, whole.
    async fn document(&self, id: Uuid) -> Result<Option<String>, Fault>;

    /// What happened to an order, from behind entry `after`.
    async fn timeline(&self, id: Uuid, after: u64) -> Result<Vec<Placed>, Fault>;

    /// These orders, in any order; those that are not there are left out.
    async fn find(&self, ids: &[Uuid]) -> Result<Vec<Order>, Fault>;

    /// The documents of those of these orders that came as one.
    async fn documents(&self, ids: &[Uuid]) -> Result<Vec<(Uuid, String)>, Fault>;

    /// Orders, newest first. A page looks at no more orders than its filter says, so it may be shorter than asked for and
    /// have a next one. Words are looked for in the orders alone, not in their documents.
    async fn list(&self, filter: &ListFilter) -> Result<Page, Fault>;

    /// Orders from behind `after`, oldest first: for audits and exports.
    async fn scan(&self, after: Option<Uuid>, limit: usize) -> Result<Vec<Order>, Fault>;

    /// Orders that are not terminal and were not changed since `since`, oldest first.
    async fn stalled(&self, since: Timestamp, limit: usize) -> Result<Vec<Order>, Fault>;

    /// What of an order's messages is a dead letter here.
    async fn dead_letters(&self, id: Uuid) -> Result<Vec<DeadLetter>, Fault>;

    /// The replica of the menu, by name.
    async fn menu(&self) -> Result<Vec<Product>, Fault>;
}
