//! The engine's guarantees, over the smallest service there is.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "the whole file is a test")]
#![allow(missing_docs, reason = "the whole file is a test")]

#[path = "engine/claims.rs"]
mod claims;
#[path = "engine/cleaning.rs"]
mod cleaning;
#[path = "engine/company.rs"]
mod company;
#[path = "engine/dead_letters.rs"]
mod dead_letters;
#[path = "engine/effects.rs"]
mod effects;
#[path = "engine/faults.rs"]
mod faults;
#[path = "engine/order.rs"]
mod order;
#[path = "engine/pace.rs"]
mod pace;
#[path = "engine/rejected.rs"]
mod rejected;
#[path = "engine/relay.rs"]
mod relay;
#[path = "engine/tiny.rs"]
mod tiny;
