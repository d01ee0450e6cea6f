//! Everything that can be said to the orders service.

use contract::events::{OrderProcessed, PaymentChanged};
use contract::{Product, Reason};

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
