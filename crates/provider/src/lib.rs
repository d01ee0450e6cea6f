//! The payment provider that ships with ordo: a role of its own, with a durable ledger.
//!
//! It is a pure service on the engine, so that durability and group commit are the engine's. It keeps one [`Charge`] per
//! idempotency key of a charge, and that state is all its idempotency: its commands need no claims.
//!
//! It guarantees that there is at most one charge under a key, that the same request under the same key gets the
//! same answer, that nothing is captured under a voided key, and that no more is refunded than was captured.
//! [`decide`] holds the rules, [`behaviour`] what it does wrong on purpose, [`wire`] how it is spoken to.
//!
//! It deliberately publishes no events, knows no clock and no HTTP. Whoever serves [`wire`] asks [`Knobs::plan`]
//! before each request, and carries out the delays and silences that this crate only decides on.

pub mod behaviour;
pub mod charge;
pub mod decide;
pub mod exchange;
pub mod knobs;
pub mod queries;
pub mod refusal;
pub mod service;
pub mod settings;
pub mod wire;

pub use behaviour::{Course, Operation, Plan};
pub use charge::{Capture, Charge, Decline, Purchase, Refund, Status};
pub use exchange::{Input, Reply, Verdict};
pub use knobs::Knobs;
pub use queries::{Ledger, Totals, Turnover};
pub use refusal::Refusal;
pub use service::Provider;
pub use settings::Settings;
