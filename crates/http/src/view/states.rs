//! The words for states, for the description only: what is written are the contract's own.
#![expect(dead_code, reason = "these describe the words of the contract and are never made")]

use utoipa::ToSchema;

/// Where an order stands.
#[derive(ToSchema)]
#[schema(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Status {
    Pending,
    Paid,
    Processed,
    Failed,
    Cancelled,
}

/// Where the money of an order stands.
#[derive(ToSchema)]
#[schema(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum PaymentStatus {
    None,
    Pending,
    Paid,
    Failed,
    Unknown,
    Refunded,
    PartiallyRefunded,
}

/// Where the processing of an order stands.
#[derive(ToSchema)]
#[schema(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum ProcessingStatus {
    Pending,
    Processed,
    Rejected,
}

/// Where a notification stands.
#[derive(ToSchema)]
#[schema(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum NotificationState {
    Pending,
    Sent,
    Failed,
    Unknown,
    Skipped,
}

/// Where a dead letter stands.
#[derive(ToSchema)]
#[schema(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum DeadLetterState {
    Dead,
    Redriving,
    Resolved,
    Discarded,
}

/// Why something ended as it did.
#[derive(ToSchema)]
pub(crate) struct Reason {
    /// For programs: a stable word.
    #[schema(example = "card_declined")]
    code: String,
    /// For people: a sentence.
    message: String,
}

/// Where an order goes and to whom.
#[derive(ToSchema)]
pub(crate) struct Delivery {
    #[schema(required)]
    name: Option<String>,
    #[schema(required)]
    phone: Option<String>,
    #[schema(required)]
    zip: Option<String>,
    #[schema(required)]
    city: Option<String>,
    #[schema(required)]
    address: Option<String>,
    #[schema(required)]
    region: Option<String>,
    #[schema(required)]
    email: Option<String>,
}

#[cfg(test)]
mod tests {
    use utoipa::PartialSchema;

    use super::*;

    fn words<T: PartialSchema>() -> serde_json::Value {
        serde_json::to_value(T::schema()).unwrap()["enum"].clone()
    }

    #[test]
    fn the_words_are_the_contracts() {
        assert_eq!(words::<Status>(), serde_json::json!(contract::Status::ALL));
        assert_eq!(words::<PaymentStatus>(), serde_json::json!(contract::PaymentStatus::ALL));
        assert_eq!(words::<ProcessingStatus>(), serde_json::json!(contract::ProcessingStatus::ALL));
        assert_eq!(words::<NotificationState>(), serde_json::json!(notifications::State::WORDS));
    }
}
