//! The SQLite store, seen from outside: what the conformance suites do not ask.

mod backup;
mod common;
mod memory;
mod migrations;
mod opening;
