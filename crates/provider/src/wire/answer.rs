//! The answer to a charge, a void or a refund.

use contract::{Currency, Money};
use serde::{Deserialize, Serialize};

use super::amount::Amount;
use crate::exchange::Verdict;

/// What was done, always with status 200.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PaymentAnswer {
    /// What was done.
    pub status: AnswerStatus,
    /// The provider's name for the charge or the refund. None for what is voided.
    #[serde(default)]
    pub reference: Option<String>,
    /// Why it was declined, in a word.
    #[serde(default)]
    pub code: Option<String>,
    /// Why it was declined, in a sentence.
    #[serde(default)]
    pub message: Option<String>,
    /// How much was captured, declined or refunded. None for what is voided.
    #[serde(default)]
    pub amount: Option<Amount>,
    /// The currency of the amount.
    #[serde(default)]
    pub currency: Option<Currency>,
}

/// What was done, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerStatus {
    /// The money is taken; to a void: it had been taken before.
    Captured,
    /// The buyer's bank says no, for good.
    Declined,
    /// Nothing is captured under the key, and nothing will be.
    Voided,
    /// The money is given back.
    Refunded,
}

impl PaymentAnswer {
    fn about_money(status: AnswerStatus, reference: String, amount: Money) -> Self {
        Self {
            reference: Some(reference),
            amount: Some(amount.into()),
            currency: Some(amount.currency),
            ..Self::bare(status)
        }
    }

    fn bare(status: AnswerStatus) -> Self {
        Self { status, reference: None, code: None, message: None, amount: None, currency: None }
    }
}

impl From<Verdict> for PaymentAnswer {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Captured { reference, amount } => {
                Self::about_money(AnswerStatus::Captured, reference, amount)
            }
            Verdict::Declined { reference, amount, decline } => Self {
                code: Some(decline.code),
                message: Some(decline.message),
                ..Self::about_money(AnswerStatus::Declined, reference, amount)
            },
            Verdict::Voided => Self::bare(AnswerStatus::Voided),
            Verdict::Refunded { reference, amount } => {
                Self::about_money(AnswerStatus::Refunded, reference, amount)
            }
        }
    }
}
