//! How the provider is spoken to: the bodies of its HTTP API, for the server and for the client.
//!
//! | request | body | answer |
//! |---|---|---|
//! | `POST /api/v1/payments/process` | [`ChargeBody`] | [`PaymentAnswer`]: captured, declined |
//! | `POST /api/v1/payments/void` | [`VoidBody`] | [`PaymentAnswer`]: voided, captured |
//! | `POST /api/v1/payments/refund` | [`RefundBody`] | [`PaymentAnswer`]: refunded |
//! | `GET /api/v1/payments/by-key/{key}` | | [`LedgerEntry`] |
//! | `GET`, `PUT /api/v1/provider/settings` | [`SettingsBody`] | [`SettingsAnswer`] |
//! | `GET /api/v1/provider/ledger` | | [`LedgerPage`] |
//!
//! `Idempotency-Key` is needed for a charge and for a refund, where it is the key of the charge and of the refund; a
//! void names the charge in its body and needs none. A business answer is 200, a decline too: it is an answer, not
//! an error, and a client that retries errors must not retry it. A [`Refusal`] is a problem with [`status_of`]
//! and the type `/problems/` + [`Refusal::code`]. Unknown fields of payment bodies are passed over. A 404 of
//! `by-key` says that nothing was heard under the key *so far*; only a void makes that final.

mod amount;
mod answer;
mod ledger;
mod request;
mod settings;
#[cfg(test)]
mod tests;

pub use amount::Amount;
pub use answer::{AnswerStatus, PaymentAnswer};
pub use ledger::{EntryStatus, LedgerEntry, LedgerPage, RefundLine, TotalsAnswer, TurnoverLine};
pub use request::{ChargeBody, DEFAULT_METHOD, Invalid, RefundBody, VoidBody, read_key};
pub use settings::{SettingsAnswer, SettingsBody, Share};

use crate::refusal::Refusal;

/// The path of a charge.
pub const CHARGE_PATH: &str = "/api/v1/payments/process";
/// The path of a void.
pub const VOID_PATH: &str = "/api/v1/payments/void";
/// The path of a refund.
pub const REFUND_PATH: &str = "/api/v1/payments/refund";

/// The HTTP status of a refusal.
pub fn status_of(refusal: &Refusal) -> u16 {
    match refusal {
        Refusal::UnknownCharge => 404,
        Refusal::Voided
        | Refusal::NotCaptured
        | Refusal::ExceedsCaptured { .. }
        | Refusal::TooManyRefunds { .. } => 409,
        Refusal::KeyReused | Refusal::CurrencyMismatch { .. } => 422,
        Refusal::Broken => 500,
    }
}
