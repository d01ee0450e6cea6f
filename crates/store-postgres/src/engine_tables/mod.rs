//! The engine's tables: one file each, one statement per purpose, for many rows at a time. Whether a session is in a
//! transaction is its caller's business.

pub mod claims;
pub mod cursors;
pub mod dead_letters;
pub mod journal;
pub mod log;
pub mod outbox;
pub mod schedule;
pub mod streams;
