//! The embedded store: one SQLite file per service, in one data directory that one process holds.
//!
//! It owns the engine's tables ([`engine::Store`], [`engine::Log`], [`engine::Cursors`]) and, behind [`Tables`], those of
//! each service; the files' migrations; and the lock on the directory.
//!
//! It guarantees what the store port asks for by the plainest means: a file has one writer connection, and a
//! transaction holds it from `BEGIN IMMEDIATE` to the end, so transactions follow one another. A commit is on the disk
//! when it returns (WAL, `synchronous = FULL`). Reading goes on beside it, on connections of its own.
//!
//! It deliberately has no threads and never waits but for the writer and the disk: whoever drives a service's steps is
//! the writer's thread. It does not share a file between processes.
//!
//! # To add a service
//! Write `migrations/<service>/0001_<service>.{up,down}.sql` and one small file that implements [`Tables`]:
//! its migrations, one point SELECT by key, one INSERT or UPDATE by key.

pub mod backup;
mod cache;
mod columns;
mod connection;
mod directory;
mod engine_tables;
mod fault;
mod index;
mod integrity;
mod migration;
mod migrations;
mod open_error;
mod readers;
mod scans;
mod services;
mod shared;
mod store;
mod tables;
mod tail;
mod transaction;
mod writing;

pub use columns::{KeyColumn, StoredKey, StoredTime, TimeColumn};
pub use directory::DataDirectory;
pub use fault::fault;
pub use index::SqliteIndex;
pub use integrity::{Integrity, integrity};
pub use migration::Migration;
pub use migrations::{Migrations, Status};
pub use open_error::OpenError;
pub use services::catalog::CatalogTables;
pub use services::notifications::NotificationsTables;
pub use services::orders::OrdersTables;
pub use services::payments::PaymentsTables;
pub use services::processing::ProcessingTables;
pub use services::provider::ProviderTables;
pub use store::{SqliteSettings, SqliteStore};
pub use tables::Tables;
