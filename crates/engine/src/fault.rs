//! Faults: what goes wrong with storage and brokers. A fault is never an outcome of a message.

use thiserror::Error;

/// A fault of a store or broker. The engine tries the batch again, or, where the fault names one row, sets the
/// guilty message aside.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Fault {
    /// Nothing is known to be wrong with the data: the other side is away, busy, slow or full. Try again.
    #[error("unavailable: {0}")]
    Unavailable(String),
    /// The store refused what was written (a constraint, a size). Trying the same again is of no use.
    #[error("rejected by the store: {0}")]
    Rejected(String),
    /// The data cannot be read as what it should be. An operator has to look.
    #[error("corrupt: {0}")]
    Corrupt(String),
    /// The process is to be taken for dead from here on. Only fault injection makes this one.
    #[error("crashed at {0}")]
    Crashed(&'static str),
}
