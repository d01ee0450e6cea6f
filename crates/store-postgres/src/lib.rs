//! The store at scale: one PostgreSQL schema per service, in one database or in one each.
//!
//! It owns the engine's tables ([`engine::Store`], [`engine::Log`], [`engine::Cursors`]) and, behind [`Tables`], those of
//! each service; their migrations; and the connections.
//!
//! It guarantees what the store port asks for with row locks under READ COMMITTED: keys that are there are locked in
//! their order when they are loaded, claims are made when they are asked for, and offsets of the log are drawn last, under
//! the lock of their partition's head. Whoever makes a key that somebody else makes at the same time is told to try again.
//! A transaction that is dropped takes its connection with it, so that nothing half done is ever used again.
//!
//! It deliberately keeps no state in memory: other processes write too. It depends on no state of a session but the
//! transaction's, so it works behind a proxy that pools by transaction.
//!
//! # To add a service
//! Write `migrations/<service>/0001_<service>.{up,down}.sql` with the names of SQLite's, and one file that implements
//! [`Tables`]: its migrations, one SELECT by keys, one INSERT and one UPDATE of many.

mod access;
mod bell;
mod columns;
mod connector;
mod engine_tables;
mod fault;
mod index;
mod migration;
mod migrations;
mod name;
mod open_error;
mod owner;
mod services;
mod session;
mod store;
mod tables;
mod transaction;

pub use access::Access;
pub use columns::{key_of, key_text};
pub use fault::fault;
pub use index::PostgresIndex;
pub use migration::Migration;
pub use migrations::{Migrations, Status};
pub use open_error::OpenError;
pub use owner::Owner;
pub use services::catalog::CatalogTables;
pub use services::notifications::NotificationsTables;
pub use services::orders::OrdersTables;
pub use services::payments::PaymentsTables;
pub use services::processing::ProcessingTables;
pub use services::provider::ProviderTables;
pub use session::{Database, DatabaseSettings, Session, Value};
pub use store::PostgresStore;
pub use tables::{Changes, Tables};
