//! What payments asks of the payment provider, and what the provider answers: the jobs of its effects.
//!
//! Every job carries an idempotency key. Repeating a job under its key is always safe; the provider does it once.

use contract::Currency;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The type of a job to charge: its data is a [`ChargeJob`], its answer a [`ChargeAnswer`].
pub const CHARGE: &str = "charge";
/// The type of a job to void a charge's key: its data is a [`VoidJob`], its answer a [`VoidAnswer`].
pub const VOID: &str = "void";
/// The type of a job to refund: its data is a [`RefundJob`], its answer a [`RefundAnswer`].
pub const REFUND: &str = "refund";
/// The type of the message that answers [`CHARGE`].
pub const CHARGE_ANSWERED: &str = "charge.answered";
/// The type of the message that answers [`VOID`].
pub const VOID_ANSWERED: &str = "void.answered";
/// The type of the message that answers [`REFUND`].
pub const REFUND_ANSWERED: &str = "refund.answered";

/// Charge the buyer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChargeJob {
    /// The idempotency key: one charge at most under it.
    pub key: String,
    /// The order that is paid for.
    pub order_id: Uuid,
    /// Minor units of the currency, above 0.
    pub amount: i64,
    /// The currency.
    pub currency: Currency,
    /// The buyer's means, such as `card`.
    pub method: String,
}

/// Make sure that nothing is charged under a key from now on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VoidJob {
    /// The key of the charge.
    pub charge_key: String,
}

/// Give back what a charge captured, or a part of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundJob {
    /// The idempotency key: one refund at most under it.
    pub key: String,
    /// The key of the charge.
    pub charge_key: String,
    /// Minor units of the currency, above 0.
    pub amount: i64,
    /// The currency.
    pub currency: Currency,
}

/// The provider's answer to a charge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum ChargeAnswer {
    /// The money is taken.
    Captured {
        /// The provider's name for the charge.
        reference: String,
    },
    /// The buyer's bank says no, for good.
    Declined {
        /// Why, in a word.
        code: String,
        /// Why, in a sentence.
        message: String,
    },
}

/// The provider's answer to a void.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum VoidAnswer {
    /// Nothing was charged under the key, and nothing will be.
    Voided,
    /// The charge had been captured before.
    Captured {
        /// The provider's name for the charge.
        reference: String,
    },
}

/// The provider's answer to a refund.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum RefundAnswer {
    /// The money is given back.
    Refunded {
        /// The provider's name for the refund.
        reference: String,
    },
    /// The provider says no, for good.
    Refused {
        /// Why, in a word.
        code: String,
        /// Why, in a sentence.
        message: String,
    },
}
