//! What another team has: a plain client of the broker, a kitchen, and what it says.

use async_trait::async_trait;
use serde_json::{Value, json};
use tokio::task::JoinSet;

/// The customer whose orders fail in their kitchen, once they are paid.
pub const UNLUCKY: &str = "unlucky";
/// Why.
pub const OVEN: &str = "the oven is cold";

/// A team with a plain client of one broker.
#[async_trait]
pub trait Theirs: Send + Sync {
    /// Sends this to where orders come in: a body, and nothing about it. It comes behind what was sent before.
    async fn send(&self, body: &str);

    /// Their kitchen at work until this is dropped. It hears of every order that is placed from here on.
    async fn kitchen(&self) -> JoinSet<()>;
}

/// What their kitchen says to an event, going by its body alone. None: it has nothing to do.
pub fn said(event: &[u8]) -> Option<String> {
    let event: Value = serde_json::from_slice(event).ok()?;
    let is_unlucky = event["customer_id"] == UNLUCKY;
    let order = &event["order_id"];
    let said = match event["event_type"].as_str()? {
        "order.created" if !is_unlucky => json!({"order_id": order, "status": "completed"}),
        "order.paid" if is_unlucky => json!({"order_id": order, "status": "failed", "error_message": OVEN}),
        _ => return None,
    };
    Some(said.to_string())
}
