//! The SQLite store, seen from outside: what the conformance suites do not ask.

mod common;
mod memory;
mod migrations;
mod opening;
