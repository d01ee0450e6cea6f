//! Everything that can be said to the orders service.

use contract::events::{OrderProcessed, PaymentChanged};
use contract::{Product, Reason};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::place::PlaceOrder;

/// A command, an event or a timer.
#[derive(Clone, Debug)]
pub enum Input {
    /// Somebody orders.
    Place(Box<PlaceOrder>),
    /// Somebody calls an order off.
    Cancel(Cancel),
    /// A product of the menu is new or not as it was.
    ProductChanged(Box<Product>),
    /// There are more or fewer free pieces of a product.
    StockChanged(u32),
    /// The pieces that the order needs are kept for it, or, for this reason, not.
    Stock(Option<Reason>),
    /// The order's payment moved.
    Payment(PaymentNews, Box<PaymentChanged>),
    /// The order's processing ended.
    Processed(OrderProcessed),
    /// The buyer had time enough to pay.
    PaymentDeadline,
    /// Somebody was told how it stands with the order, or could not be.
    Told(Told),
    /// An operator does something with a dead letter of the order, in whichever service.
    Repaired(Box<Repaired>),
}

/// What an order's timeline says of a notification, as far as it is read from its event: there are several for each order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// The notification.
    pub notification_id: Uuid,
    /// What it tells of, such as `order.paid`.
    pub kind: String,
    /// How it is told.
    pub channel: String,
    /// Why nobody could be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Who had it sent once more, if anybody did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
}

/// What happened to a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaymentNews {
    /// It was captured.
    Paid,
    /// It was declined or voided.
    Failed,
    /// It is not known.
    Unknown,
    /// Some or all of it was given back.
    Refunded,
}

/// Calls an order off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cancel {
    /// Why.
    pub reason: Reason,
    /// Who.
    pub actor: String,
    /// The version the caller has seen. None: any.
    pub expected_version: Option<u64>,
}

/// What an operator does with a dead letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repaired {
    /// Whether it is given up. If not, it is tried again.
    pub discarded: bool,
    /// Whose it is.
    pub consumer: String,
    /// The type of the message or effect.
    pub event_type: String,
    /// What it is called where operators look at it.
    pub dead_letter: String,
    /// Why, in the operator's words. None: they gave no reason.
    pub reason: Option<String>,
    /// Who.
    pub actor: String,
}
