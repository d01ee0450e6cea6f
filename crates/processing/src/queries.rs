//! What can be asked of the processing service. The port of the query side; store adapters answer it.

use async_trait::async_trait;
use engine::{DeadLetter, Fault};
use uuid::Uuid;

use crate::service::Record;

/// Questions about processing. Answers are committed states.
#[async_trait]
pub trait Queries: Send + Sync {
    /// The processing record of an order.
    async fn record(&self, order_id: Uuid) -> Result<Option<Record>, Fault>;

    /// Records from behind `after`, oldest first: for audits.
    async fn scan(&self, after: Option<Uuid>, limit: usize) -> Result<Vec<Record>, Fault>;

    /// What of an order's messages is a dead letter here.
    async fn dead_letters(&self, order_id: Uuid) -> Result<Vec<DeadLetter>, Fault>;
}
