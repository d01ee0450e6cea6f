//! What can be asked of the payments service. The port of the query side; store adapters answer it.

use async_trait::async_trait;
use engine::{DeadLetter, Fault, Note};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::model::Payment;

/// Questions about payments. Answers are committed states.
#[async_trait]
pub trait Queries: Send + Sync {
    /// The payment of an order.
    async fn payment(&self, order_id: Uuid) -> Result<Option<Payment>, Fault>;

    /// The exchanges with the provider about an order: notes whose data is an [`Exchange`].
    async fn exchanges(&self, order_id: Uuid) -> Result<Vec<Note>, Fault>;

    /// Payments from behind `after`, oldest first: for audits.
    async fn scan(&self, after: Option<Uuid>, limit: usize) -> Result<Vec<Payment>, Fault>;

    /// What of an order's messages and jobs is a dead letter here.
    async fn dead_letters(&self, order_id: Uuid) -> Result<Vec<DeadLetter>, Fault>;

    /// Payments that are not settled and were not changed since `since`, oldest first.
    async fn stalled(&self, since: Timestamp, limit: usize) -> Result<Vec<Payment>, Fault>;
}

/// An exchange with the payment provider, as the journal keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchange {
    /// What was asked: a job type of [`crate::jobs`].
    pub what: String,
    /// Which attempt it was, from 1. 0: nothing was asked yet, a person wants it asked.
    pub attempt: u32,
    /// What came of it, in a word.
    pub result: String,
    /// What came of it, in a sentence.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub message: String,
}

impl Exchange {
    pub(crate) fn encode(what: &str, attempt: u32, result: &str, message: &str) -> String {
        let exchange = Self { what: what.into(), attempt, result: result.into(), message: message.into() };
        serde_json::to_string(&exchange).unwrap_or_default()
    }
}
