//! Refusals: what the provider will not do, as facts. None of them changes anything.

use contract::Currency;
use thiserror::Error;

/// A business no.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// The key was used for a charge, or for a refund of this charge, with other content.
    #[error("the idempotency key was used with other content; use a new key for a new payment")]
    KeyReused,
    /// The key was voided, so nothing can be charged under it.
    #[error("the key was voided; nothing can be charged under it")]
    Voided,
    /// Nothing is known under the key that a refund names.
    #[error("there is no charge under the key")]
    UnknownCharge,
    /// The charge that a refund names took no money.
    #[error("the charge captured nothing, so there is nothing to refund")]
    NotCaptured,
    /// A refund is greater than what is left of the capture.
    #[error("the refund is greater than what is left of the capture")]
    ExceedsCaptured {
        /// Minor units that were asked for.
        wanted: i64,
        /// Minor units that are left.
        refundable: i64,
    },
    /// A refund is in another currency than its charge.
    #[error("the charge is in {charged}, the refund in {wanted}")]
    CurrencyMismatch {
        /// The currency of the charge.
        charged: Currency,
        /// The currency of the refund.
        wanted: Currency,
    },
    /// A charge has as many refunds as one charge may have.
    #[error("the charge has {limit} refunds, and no charge has more")]
    TooManyRefunds {
        /// How many refunds a charge may have.
        limit: usize,
    },
    /// The payment method is the one that always fails.
    #[error("the provider fails for this payment method, and nothing was captured")]
    Broken,
}

impl Refusal {
    /// The refusal in a word, for programs. It names the problem type too.
    pub fn code(&self) -> &'static str {
        match self {
            Self::KeyReused => "key-reused",
            Self::Voided => "voided",
            Self::UnknownCharge => "unknown-charge",
            Self::NotCaptured => "not-captured",
            Self::ExceedsCaptured { .. } => "exceeds-captured",
            Self::CurrencyMismatch { .. } => "currency-mismatch",
            Self::TooManyRefunds { .. } => "too-many-refunds",
            Self::Broken => "provider-error",
        }
    }
}
