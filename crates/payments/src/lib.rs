//! The payments service: charges, voids and refunds, each exactly once.
//!
//! It owns payments and their refunds, and the journal of exchanges with the provider. A charge whose outcome is not known
//! is never guessed: it is repeated under its key, or the key is voided. A refund returns only what this order's own
//! charge captured. It calls nobody itself: charges, voids and refunds are effects.

mod charge;
mod close;
pub mod input;
pub mod jobs;
pub mod model;
pub mod queries;
mod refund;
pub mod refusal;
pub mod service;

pub use input::Input;
pub use model::{Payment, PaymentState, Refund, RefundState};
pub use queries::Queries;
pub use refusal::Refusal;
pub use service::Payments;
