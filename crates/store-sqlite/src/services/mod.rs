//! The tables of ordo's services, and their queries over them. One file per service.

pub mod catalog;
pub mod catalog_queries;
pub mod orders;
pub mod orders_queries;
pub mod payments;
pub mod processing;
pub mod provider;

use ::engine::{DeadLetter, Fault, Key, Service};
use rusqlite::Connection;
use rusqlite::types::FromSqlError;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::store::SqliteStore;

/// Reads a JSON column.
pub(crate) fn json<T: DeserializeOwned>(text: &str) -> rusqlite::Result<T> {
    serde_json::from_str(text).map_err(|error| FromSqlError::other(error).into())
}

/// Writes a JSON column.
pub(crate) fn text<T: serde::Serialize>(value: &T) -> rusqlite::Result<String> {
    serde_json::to_string(value).map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
}

/// The bytes to begin a scan behind: nothing sorts before the empty blob.
pub(crate) fn behind(after: Option<Uuid>) -> Vec<u8> {
    after.map_or_else(Vec::new, |id| id.as_bytes().to_vec())
}

/// What is dead of the messages and jobs about `id`, in any state.
pub(crate) fn dead_letters_of<S: Service>(
    store: &SqliteStore<S>,
    id: Uuid,
) -> Result<Vec<DeadLetter>, Fault> {
    store.query(|conn: &Connection| crate::engine_tables::dead_letters::of(conn, &Key::Id(id)))
}
