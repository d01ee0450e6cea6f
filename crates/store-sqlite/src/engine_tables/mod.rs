//! The engine's tables: one file each, one statement per purpose. The functions stand on a connection; whether it is
//! in a transaction is their caller's business.

pub mod claims;
pub mod cursors;
pub mod dead_letters;
pub mod journal;
pub mod log;
pub mod outbox;
pub mod schedule;
pub mod streams;
