//! What can be asked of the orders service. The port of the query side; store adapters answer it.

use async_trait::async_trait;
use contract::Product;
use contract::{PaymentStatus, ProcessingStatus, Status};
use engine::{DeadLetter, Fault};
use jiff::Timestamp;
use uuid::Uuid;

use crate::model::Order;
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

    /// Orders, newest first.
    async fn list(&self, filter: &ListFilter) -> Result<Vec<Order>, Fault>;

    /// Orders from behind `after`, oldest first: for audits and exports.
    async fn scan(&self, after: Option<Uuid>, limit: usize) -> Result<Vec<Order>, Fault>;

    /// Orders that are not terminal and were not changed since `since`, oldest first.
    async fn stalled(&self, since: Timestamp, limit: usize) -> Result<Vec<Order>, Fault>;

    /// What of an order's messages is a dead letter here.
    async fn dead_letters(&self, id: Uuid) -> Result<Vec<DeadLetter>, Fault>;

    /// The replica of the menu, by name.
    async fn menu(&self) -> Result<Vec<Product>, Fault>;
}

/// Which orders to list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListFilter {
    /// Only those in this state.
    pub status: Option<Status>,
    /// Only those whose money stands so.
    pub payment_status: Option<PaymentStatus>,
    /// Only those whose processing stands so.
    pub processing_status: Option<ProcessingStatus>,
    /// Only this customer's.
    pub customer_id: Option<String>,
    /// Only those created at or after this time.
    pub created_from: Option<Timestamp>,
    /// Only those created before this time.
    pub created_to: Option<Timestamp>,
    /// Only those older than this one.
    pub before: Option<Uuid>,
    /// Leave out so many of the newest.
    pub skip: usize,
    /// At most so many.
    pub limit: usize,
}
