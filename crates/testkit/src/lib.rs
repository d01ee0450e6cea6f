//! What tests are made of. Nothing of it is in the product.
//!
//! - [`conformance`]: what every adapter of a port is held to.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "the crate is used by tests alone")]

pub mod conformance;
