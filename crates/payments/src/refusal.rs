//! The business noes of the payments service.

use contract::Money;
use thiserror::Error;

/// Why a refund was refused. Nothing was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// The order has no payment.
    #[error("nothing was to be paid for this order here")]
    NoPayment,
    /// The order is not as the caller saw it. This is its version.
    #[error("the order has version {0} by now")]
    OrderChanged(u64),
    /// Nothing was captured, so nothing can be given back.
    #[error("nothing was captured for this order")]
    NotCaptured,
    /// More than what is left.
    #[error("{} can be given back, not {}", .available.to_decimal_string(), .wanted.to_decimal_string())]
    TooMuch {
        /// What was asked for.
        wanted: Money,
        /// What is left.
        available: Money,
    },
}
