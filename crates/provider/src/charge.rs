//! The state: all that is known under one idempotency key of a charge.
//!
//! Plain data, so that a store keeps it as it likes. What exists only in one status lives in that status.

use contract::Money;
use engine::Key;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What the provider keeps under one key. Made once, by a charge or by a void; only refunds change it after that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charge {
    /// The idempotency key. A key that is a UUID is that UUID, however it was spelt.
    pub key: Key,
    /// When the key was first heard of.
    pub at: Timestamp,
    /// What became of it.
    pub status: Status,
}

/// What became of a charge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum Status {
    /// The money was taken.
    Captured(Capture),
    /// The buyer's bank said no, for good.
    Declined {
        /// What was to be paid.
        purchase: Purchase,
        /// The provider's name for the attempt.
        reference: String,
        /// Why.
        decline: Decline,
    },
    /// The key was voided before anything was charged under it: a tombstone.
    Voided,
}

/// What was to be paid. A repetition under the same key must say the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Purchase {
    /// The caller's name for the order.
    pub order_id: String,
    /// How much, above 0.
    pub amount: Money,
    /// The buyer's means, such as `card`.
    pub method: String,
}

/// Money that was taken, and what of it was given back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capture {
    /// What was paid.
    pub purchase: Purchase,
    /// The provider's name for the charge.
    pub reference: String,
    /// What was given back, the oldest first.
    pub refunds: Vec<Refund>,
}

/// Why the buyer's bank said no.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decline {
    /// In a word.
    pub code: String,
    /// In a sentence.
    pub message: String,
}

/// Money that was given back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    /// The idempotency key of the refund, unique within the charge.
    pub key: String,
    /// Minor units of the charge's currency, above 0.
    pub amount: i64,
    /// The provider's name for the refund.
    pub reference: String,
    /// When it was given back.
    pub at: Timestamp,
}

impl Charge {
    /// What was to be paid. None for a tombstone.
    pub fn purchase(&self) -> Option<&Purchase> {
        match &self.status {
            Status::Captured(capture) => Some(&capture.purchase),
            Status::Declined { purchase, .. } => Some(purchase),
            Status::Voided => None,
        }
    }

    /// The money that was taken, if any was.
    pub fn capture(&self) -> Option<&Capture> {
        match &self.status {
            Status::Captured(capture) => Some(capture),
            Status::Declined { .. } | Status::Voided => None,
        }
    }
}

impl Capture {
    /// What was taken, in minor units.
    pub fn captured(&self) -> i64 {
        self.purchase.amount.minor
    }

    /// What was given back, in minor units.
    pub fn refunded(&self) -> i64 {
        self.refunds.iter().map(|refund| refund.amount).sum()
    }

    /// What can still be given back, in minor units.
    pub fn refundable(&self) -> i64 {
        self.captured() - self.refunded()
    }

    /// The refund under `key`, if there is one.
    pub fn refund(&self, key: &str) -> Option<&Refund> {
        self.refunds.iter().find(|refund| refund.key == key)
    }
}
