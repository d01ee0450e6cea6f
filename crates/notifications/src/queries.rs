//! What can be asked of the notifications service. The port of the query side; store adapters answer it.

use async_trait::async_trait;
use engine::{DeadLetter, Fault};
use uuid::Uuid;

use crate::model::Notification;

/// Questions about notifications. Answers are committed states.
#[async_trait]
pub trait Queries: Send + Sync {
    /// A notification.
    async fn notification(&self, id: Uuid) -> Result<Option<Notification>, Fault>;

    /// All notifications of an order, oldest first.
    async fn of_order(&self, order_id: Uuid) -> Result<Vec<Notification>, Fault>;

    /// Notifications, newest first.
    async fn list(&self, filter: &ListFilter) -> Result<Vec<Notification>, Fault>;

    /// The oldest order of which there is a notification that it was received: those before it were there before this service.
    async fn first_order(&self) -> Result<Option<Uuid>, Fault>;

    /// What of an order's messages and jobs is a dead letter here.
    async fn dead_letters(&self, order_id: Uuid) -> Result<Vec<DeadLetter>, Fault>;
}

/// Which notifications to list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListFilter {
    /// Only this order's.
    pub order_id: Option<Uuid>,
    /// Only those in this state: a word of [`State::WORDS`](crate::State::WORDS).
    pub state: Option<&'static str>,
    /// Only those older than this one.
    pub before: Option<Uuid>,
    /// At most so many.
    pub limit: usize,
}
