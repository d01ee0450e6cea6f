//! Everything that can be said to the payments service.

use contract::events::{Awaits, OrderChanged};
use contract::{Amount, Currency, Reason};
use serde::Deserialize;
use uuid::Uuid;

use crate::jobs::{ChargeAnswer, RefundAnswer, VoidAnswer};

/// A command, an event, or what came of an effect.
#[derive(Clone, Debug)]
pub enum Input {
    /// An order was accepted, or its pieces are reserved.
    Due(Box<Due>),
    /// An order has failed or was called off.
    OrderClosed(Box<OrderChanged>),
    /// Somebody gives money back.
    Refund(RefundCommand),
    /// The provider answered a charge.
    Charged(ChargeAnswer),
    /// The provider answered a void.
    Voided(VoidAnswer),
    /// The provider answered a refund.
    Refunded(RefundAnswer),
    /// An attempt at the provider was fruitless.
    Attempted(Attempted),
}

/// What an order is to be paid, and how.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Due {
    /// The order.
    pub order_id: Uuid,
    /// What it costs.
    pub total_amount: Amount,
    /// The currency of the amount.
    pub currency: Currency,
    /// How it is to be paid. None: nothing is charged.
    pub payment_method: Option<String>,
    /// What the order waits for. If there is more than the payment, that comes before.
    pub awaits: Vec<Awaits>,
}

/// Gives back what was captured, or a part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundCommand {
    /// Minor units. None: all that is left.
    pub amount: Option<i64>,
    /// Why.
    pub reason: Reason,
    /// Who gives it back.
    pub actor: String,
    /// The order's version, if it is not the one the caller saw. It is judged behind the claims, so that a repetition of a
    /// refund that was done gets its answer.
    pub order_changed: Option<u64>,
}

/// A fruitless attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempted {
    /// What was attempted: a job type of [`crate::jobs`].
    pub what: String,
    /// Which attempt it was, from 1.
    pub attempt: u32,
    /// Whether it may have been done all the same.
    pub unknown: bool,
    /// Why, in a sentence.
    pub message: String,
    /// Whether it was the last one.
    pub exhausted: bool,
}
