//! The kinds of public events, one by one: what each one tells, the schema of its data, and a sample of it.
//!
//! It is what describes the events to the world (AsyncAPI) and holds them to what they were: every event has a sample in
//! `samples/`, the samples of former versions stay in `samples/v1` and so on, and all of them are read to this day. It
//! deliberately does not say who publishes what, or where to: that is the broker's and the services'.

use std::borrow::Cow;

use serde::Serialize;
use serde::de::DeserializeOwned;
use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};

use crate::events::{
    ORDER_CANCELLED, ORDER_COMPLETED, ORDER_CREATED, ORDER_FAILED, ORDER_PAID, ORDER_PROCESSED, OrderChanged,
    OrderCreated, OrderProcessed, PAYMENT_FAILED, PAYMENT_PAID, PAYMENT_REFUNDED, PAYMENT_UNKNOWN,
    PRODUCT_CHANGED, PaymentChanged, ProductChanged, STOCK_CHANGED, STOCK_REJECTED, STOCK_RESERVED,
    StockChanged, StockRejected, StockReserved,
};

/// A kind of event.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// Its type, such as `order.paid`.
    pub name: &'static str,
    /// What it tells, in a sentence.
    pub summary: &'static str,
    /// Data as it is written today: the file `samples/<name>.json`.
    pub sample: &'static str,
    /// The schema of its data.
    pub schema: fn() -> DataSchema,
    /// Reads data as its type and writes what was understood of it.
    pub reread: fn(&str) -> Result<String, serde_json::Error>,
}

/// The schema of an event's data.
#[derive(Clone)]
pub struct DataSchema {
    /// What the data's own schema is called.
    pub name: Cow<'static, str>,
    /// All schemas that are needed, the data's own among them, by the names they refer to each other with.
    pub all: Vec<(String, RefOr<Schema>)>,
}

/// A line of [`KINDS`]: the event's type, the type of its data, and what it tells. The sample is looked for under its name.
macro_rules! kind {
    ($name:expr, $data:ty, $file:literal, $summary:literal) => {
        Kind {
            name: $name,
            summary: $summary,
            sample: include_str!(concat!("../samples/", $file, ".json")),
            schema: schema::<$data>,
            reread: reread::<$data>,
        }
    };
}

/// All public events. A new one is a line here and a sample; the tests of this module say so where either is missing.
pub const KINDS: &[Kind] = &[
    kind!(ORDER_CREATED, OrderCreated, "order.created", "An order was accepted."),
    kind!(ORDER_PAID, OrderChanged, "order.paid", "An order is paid."),
    kind!(ORDER_COMPLETED, OrderChanged, "order.completed", "An order is done."),
    kind!(ORDER_FAILED, OrderChanged, "order.failed", "An order could not be done."),
    kind!(ORDER_CANCELLED, OrderChanged, "order.cancelled", "An order was called off."),
    kind!(PAYMENT_PAID, PaymentChanged, "payment.paid", "A charge was captured."),
    kind!(PAYMENT_FAILED, PaymentChanged, "payment.failed", "A charge was declined, or voided."),
    kind!(
        PAYMENT_UNKNOWN,
        PaymentChanged,
        "payment.unknown",
        "It is not known whether a charge was captured."
    ),
    kind!(PAYMENT_REFUNDED, PaymentChanged, "payment.refunded", "Money was given back."),
    kind!(ORDER_PROCESSED, OrderProcessed, "order.processed", "Processing ended, well or badly."),
    kind!(PRODUCT_CHANGED, ProductChanged, "product.changed", "A product is new, or not as it was."),
    kind!(STOCK_RESERVED, StockReserved, "stock.reserved", "All pieces that an order needs are kept for it."),
    kind!(STOCK_REJECTED, StockRejected, "stock.rejected", "An order needs more pieces than there are."),
    kind!(STOCK_CHANGED, StockChanged, "stock.changed", "There are more or fewer free pieces of a product."),
];

impl Kind {
    /// The kind of a type.
    pub fn of(name: &str) -> Option<&'static Self> {
        KINDS.iter().find(|kind| kind.name == name)
    }
}

fn schema<T: ToSchema>() -> DataSchema {
    let mut all = vec![(T::name().into_owned(), T::schema())];
    T::schemas(&mut all);
    DataSchema { name: T::name(), all }
}

fn reread<T: DeserializeOwned + Serialize>(data: &str) -> Result<String, serde_json::Error> {
    serde_json::to_string(&serde_json::from_str::<T>(data)?)
}

#[cfg(test)]
mod tests;
