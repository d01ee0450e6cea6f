//! The tables of ordo's services, and their queries over them. One schema per service.

pub mod catalog;
pub mod catalog_queries;
pub mod orders;
pub mod orders_queries;
pub mod payments;
pub mod processing;
pub mod provider;

use ::engine::{Fault, Key};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio_postgres::Row;
use uuid::Uuid;

use crate::columns::column;

/// Reads a JSON column that was selected as text.
pub(crate) fn json<T: DeserializeOwned>(row: &Row, index: usize) -> Result<T, Fault> {
    serde_json::from_str(column(row, index)?).map_err(|error| Fault::Corrupt(error.to_string()))
}

/// Writes a JSON column.
pub(crate) fn text<T: Serialize>(value: &T) -> Result<String, Fault> {
    serde_json::to_string(value).map_err(|error| Fault::Rejected(error.to_string()))
}

/// The ids among keys.
pub(crate) fn ids(keys: &[Key]) -> Vec<Uuid> {
    keys.iter().filter_map(Key::id).collect()
}

/// The names among keys.
pub(crate) fn names(keys: &[Key]) -> Vec<&str> {
    let name = |key| match key {
        &Key::Id(_) => None,
        Key::Name(name) => Some(&**name),
    };
    keys.iter().filter_map(name).collect()
}

/// The id to begin a scan behind: nothing that was made sorts before it.
pub(crate) fn behind(after: Option<Uuid>) -> Uuid {
    after.unwrap_or_default()
}

/// An update changes what was loaded under lock, so it changes all.
pub(crate) fn all_updated(rows: u64, states: usize) -> Result<(), Fault> {
    match rows {
        rows if rows == states as u64 => Ok(()),
        rows => Err(Fault::Corrupt(format!("of {states} states {rows} are there"))),
    }
}
