//! A notification, in the words that the customer reads.

use contract::{Language, Reason};
use jiff::Timestamp;
use notifications::{Channel, Kind, Letter, Notification};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::states;

/// A notification.
#[derive(Serialize, ToSchema)]
#[schema(as = Notification, description = "What a customer is told about an order. There is one for each order and kind.")]
pub(crate) struct NotificationView<'a> {
    /// Its id.
    id: Uuid,
    /// The order it is about.
    order_id: Uuid,
    /// What it tells of: the type of an event.
    #[schema(value_type = String, example = "order.paid")]
    kind: Kind,
    /// Where it stands: `PENDING`, `SENT`, `FAILED`, `UNKNOWN` (it may have been sent) or `SKIPPED`.
    #[schema(value_type = states::NotificationState)]
    state: &'static str,
    /// Why it was not sent, or not yet.
    #[schema(required)]
    error: Option<&'a str>,
    /// How it is told: `log` or `smtp`.
    #[schema(value_type = String, example = "smtp")]
    channel: Channel,
    /// In which language.
    #[schema(value_type = String, example = "en")]
    language: Language,
    /// The customer's e-mail address, if it is known.
    #[schema(required)]
    recipient: Option<&'a str>,
    /// The subject.
    subject: String,
    /// The text.
    text: String,
    /// Why it happened what it tells of.
    #[schema(value_type = Option<states::Reason>, required)]
    reason: Option<&'a Reason>,
    /// How often it was to be sent.
    sendings: u32,
    /// Who had it sent last, if that was by request.
    #[schema(required)]
    actor: Option<&'a str>,
    /// When there was something to tell.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it was changed last.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl<'a> From<&'a Notification> for NotificationView<'a> {
    fn from(told: &'a Notification) -> Self {
        let Letter { subject, text } = Letter::of(told);
        Self {
            id: told.id,
            order_id: told.order_id,
            kind: told.kind,
            state: told.state.word(),
            error: told.state.error(),
            channel: told.channel,
            language: told.language,
            recipient: told.recipient.as_deref(),
            subject,
            text,
            reason: told.reason.as_ref(),
            sendings: told.sendings,
            actor: told.actor.as_deref(),
            created_at: told.created_at,
            updated_at: told.updated_at,
        }
    }
}
