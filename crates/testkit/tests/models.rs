//! Every model under any sequence of messages: no illegal state, money conserved, each end reached once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "the whole file is a test")]
#![allow(missing_docs, reason = "the whole file is a test")]

#[path = "models/bench.rs"]
mod bench;
#[path = "models/catalog.rs"]
mod catalog_model;
#[path = "models/orders.rs"]
mod orders_model;
#[path = "models/payments.rs"]
mod payments_model;
#[path = "models/processing.rs"]
mod processing_model;
