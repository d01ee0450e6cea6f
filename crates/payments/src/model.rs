//! What the payments service keeps: one payment per order, under the order's id.

use contract::events::AttemptMade;
use contract::{Currency, Money, Reason};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The payment of an order. Its id is the order's: there is one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// The order that is paid for.
    pub order_id: Uuid,
    /// Minor units to be charged, above 0.
    pub amount: i64,
    /// The currency of all amounts.
    pub currency: Currency,
    /// The buyer's means, such as `card`.
    pub method: String,
    /// Where the charge stands.
    pub state: PaymentState,
    /// The idempotency key of the one charge.
    pub charge_key: String,
    /// Minor units that were captured: nothing or the amount.
    pub captured: i64,
    /// The order has failed or was called off: whatever was or will be captured goes back.
    pub closing: bool,
    /// What was, and is to be, given back.
    pub refunds: Vec<Refund>,
    /// Fruitless attempts that no event has told of yet.
    pub attempts: Vec<AttemptMade>,
    /// How often it was changed, from 1.
    pub version: u64,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
}

/// Where a charge stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentState {
    /// It is being made.
    Pending,
    /// It may or may not have been captured; that is being found out.
    Unknown,
    /// It was captured.
    Captured {
        /// The provider's name for it.
        reference: String,
    },
    /// It was not captured and never will be.
    Failed(Reason),
}

/// Money on its way back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    /// Its idempotency key.
    pub key: String,
    /// Minor units, above 0.
    pub amount: i64,
    /// Where it stands.
    pub state: RefundState,
    /// Who asked for it. None: nobody did, the order's end asks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// Why.
    pub reason: Reason,
}

/// Where a refund stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundState {
    /// It is being made.
    Pending,
    /// It was made.
    Done,
}

impl Payment {
    /// The payment of an order, about to be charged.
    pub fn new(order_id: Uuid, total: Money, method: &str, now: Timestamp) -> Self {
        Self {
            order_id,
            amount: total.minor,
            currency: total.currency,
            method: method.to_owned(),
            state: PaymentState::Pending,
            charge_key: order_id.to_string(),
            captured: 0,
            closing: false,
            refunds: Vec::new(),
            attempts: Vec::new(),
            version: 1,
            created_at: now,
            updated_at: now,
        }
    }

    /// Minor units that were given back.
    pub fn refunded(&self) -> i64 {
        self.sum(|refund| refund.state == RefundState::Done)
    }

    /// Minor units that a person had given back, or is having.
    pub fn refunded_by_operator(&self) -> i64 {
        self.sum(|refund| refund.actor.is_some())
    }

    /// Minor units that were captured and are not on their way back.
    pub fn refundable(&self) -> i64 {
        self.captured - self.sum(|_| true)
    }

    /// Whether nothing is under way any more.
    pub fn is_settled(&self) -> bool {
        let charge_settled = matches!(self.state, PaymentState::Captured { .. } | PaymentState::Failed(_));
        charge_settled && self.refunds.iter().all(|refund| refund.state == RefundState::Done)
    }

    /// An amount in the payment's currency.
    pub const fn money(&self, minor: i64) -> Money {
        Money { minor, currency: self.currency }
    }

    /// The same payment, about to be changed.
    pub(crate) fn revised(&self, now: Timestamp) -> Self {
        Self { version: self.version + 1, updated_at: now, ..self.clone() }
    }

    fn sum(&self, counts: impl Fn(&Refund) -> bool) -> i64 {
        self.refunds.iter().filter(|refund| counts(refund)).map(|refund| refund.amount).sum()
    }
}
