//! The SQLite store, seen from outside: what the conformance suites do not ask.

mod backup;
mod common;
mod index;
mod memory;
mod migrations;
mod opening;
