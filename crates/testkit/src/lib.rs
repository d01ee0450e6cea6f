//! What tests are made of. Nothing of it is in the product.
//!
//! - [`app`]: the whole shop, on temporary files or at a server, with a clock moved by hand.
//! - [`cached`]: orders in memory with a cache before them.
//! - [`clock`]: that clock, and ids that count.
//! - [`conformance`]: what every adapter of a port is held to.
//! - [`faults`]: what can be done to the ports.
//! - [`mail_server`]: a mail server on loopback that does what a test wants.
//! - [`matrix`]: every reaction with every fault.
//! - [`memory`]: the store port in memory, for any service.
//! - [`patience`]: waiting for what another process does, and not for ever.
//! - [`proxy`]: a line to a server that can be broken.
//! - [`simulation`]: the whole shop under chance, from a seed.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "the crate is used by tests alone"
)]

pub mod app;
pub mod binary;
pub mod cached;
pub mod clock;
pub mod conformance;
pub mod faults;
pub mod mail_server;
pub mod matrix;
pub mod memory;
pub mod patience;
pub mod proxy;
pub mod simulation;
