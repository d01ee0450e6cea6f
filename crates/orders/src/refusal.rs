//! The business noes of the orders service.

use contract::{Money, Status};
use thiserror::Error;
use uuid::Uuid;

/// Why a command was refused. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// A line names a product that is not on the menu.
    #[error("the menu has no product '{product_id}'")]
    UnknownProduct {
        /// Which line, from 0.
        line: usize,
        /// The product.
        product_id: String,
    },
    /// A product is on the menu but cannot be ordered now.
    #[error("'{product_id}' is sold out")]
    SoldOut {
        /// Which line, from 0.
        line: usize,
        /// The product.
        product_id: String,
    },
    /// There are fewer pieces of a product than are wanted.
    #[error("of '{product_id}' {wanted} are wanted and {available} are left")]
    OutOfStock {
        /// The line, from 0, with which they are too many.
        line: usize,
        /// The product.
        product_id: String,
        /// How many the lines up to this one want.
        wanted: u64,
        /// How many there are.
        available: u32,
    },
    /// The lines have prices in several currencies, or in another one than the order's.
    #[error("the menu's price of '{product_id}' is not in the order's currency")]
    OtherCurrency {
        /// Which line, from 0.
        line: usize,
        /// The product.
        product_id: String,
    },
    /// The total is greater than an amount can be.
    #[error("the total is greater than this system counts")]
    TotalOutOfRange,
    /// The total is not what the caller expected.
    #[error("the total is {}, not the expected {}", .total.to_decimal_string(), .expected.to_decimal_string())]
    TotalDrifted {
        /// What it is.
        total: Money,
        /// What the caller expected.
        expected: Money,
    },
    /// There is no such order.
    #[error("there is no order {0}")]
    UnknownOrder(Uuid),
    /// The order has ended; it cannot be called off any more.
    #[error("the order is {0} and cannot be cancelled any more")]
    TooLate(Status),
    /// The order was changed since the caller saw it.
    #[error("the order has version {0} by now")]
    VersionChanged(u64),
}
