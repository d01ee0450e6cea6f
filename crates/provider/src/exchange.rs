//! What the provider is asked, and what it answers. The key of every message is the key of the *charge*, so that one
//! state holds all that a decision needs.

use contract::Money;
use serde::{Deserialize, Serialize};

use crate::charge::{Capture, Decline, Purchase, Refund};

/// What the provider is asked, about the charge that the message's key names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// Charge the buyer.
    Charge(Purchase),
    /// See to it that nothing is charged under the key from now on.
    Void,
    /// Give back what the charge captured, or a part of it.
    Refund {
        /// The idempotency key of the refund.
        key: String,
        /// How much, above 0.
        amount: Money,
    },
}

/// What the provider answers, always after the commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// The answer.
    pub verdict: Verdict,
    /// Whether the same had been asked before. Nothing was changed then.
    pub repeated: bool,
    /// Whether the answer never comes in time: the caller is to be left waiting.
    pub withheld: bool,
}

/// The answer itself. The same request under the same key gets the same one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum Verdict {
    /// The money is taken; to a void: it had been taken before, and it stays taken.
    Captured {
        /// The provider's name for the charge.
        reference: String,
        /// How much was taken.
        amount: Money,
    },
    /// The buyer's bank says no, for good.
    Declined {
        /// The provider's name for the attempt.
        reference: String,
        /// How much was to be taken.
        amount: Money,
        /// Why.
        decline: Decline,
    },
    /// Nothing is captured under the key, and nothing will be.
    Voided,
    /// The money is given back.
    Refunded {
        /// The provider's name for the refund.
        reference: String,
        /// How much was given back.
        amount: Money,
    },
}

impl Verdict {
    /// The answer about money that was taken.
    pub(crate) fn captured(capture: &Capture) -> Self {
        Self::Captured { reference: capture.reference.clone(), amount: capture.purchase.amount }
    }

    /// The answer about money of `capture` that was given back.
    pub(crate) fn refunded(capture: &Capture, refund: &Refund) -> Self {
        let amount = Money { minor: refund.amount, currency: capture.purchase.amount.currency };
        Self::Refunded { reference: refund.reference.clone(), amount }
    }
}
