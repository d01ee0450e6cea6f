//! The table of the processing service, and its queries.

use async_trait::async_trait;
use engine::store::Existing;
use engine::{DeadLetter, Fault, Key};
use processing::{Processing, Queries, Record, Stage};
use rusqlite::types::FromSqlError;
use rusqlite::{Connection, OptionalExtension, Row, params};
use uuid::Uuid;

use crate::columns::{StoredTime, TimeColumn, limit, unknown_word};
use crate::migration;
use crate::migration::Migration;
use crate::services::{behind, dead_letters_of};
use crate::store::SqliteStore;
use crate::tables::Tables;

/// The table of the processing service.
#[derive(Clone, Copy, Debug, Default)]
pub struct ProcessingTables;

impl Tables<Processing> for ProcessingTables {
    fn migrations(&self) -> &'static [Migration] {
        const MIGRATIONS: &[Migration] = &[migration!("processing/0001_processing")];
        MIGRATIONS
    }

    fn load(&self, conn: &Connection, key: &Key) -> rusqlite::Result<Option<Record>> {
        key.id().map_or(Ok(None), |id| load(conn, id))
    }

    fn save(
        &self,
        conn: &Connection,
        _key: &Key,
        record: &Record,
        existing: Existing,
    ) -> rusqlite::Result<()> {
        let sql = match existing {
            Existing::No => {
                "INSERT INTO records (order_id, stage, error, updated_at) VALUES (?1, ?2, ?3, ?4)"
            }
            Existing::Yes => "UPDATE records SET stage = ?2, error = ?3, updated_at = ?4 WHERE order_id = ?1",
        };
        let (word, error) = match &record.stage {
            Stage::Working => ("working", None),
            Stage::Completed => ("completed", None),
            Stage::Failed(error) => ("failed", Some(error)),
            Stage::Cancelled => ("cancelled", None),
        };
        let values = params![record.order_id.as_bytes(), word, error, TimeColumn(record.updated_at)];
        conn.prepare_cached(sql)?.execute(values).map(drop)
    }
}

#[async_trait]
impl Queries for SqliteStore<Processing> {
    async fn record(&self, order_id: Uuid) -> Result<Option<Record>, Fault> {
        self.query(|conn| load(conn, order_id))
    }

    async fn scan(&self, after: Option<Uuid>, rows: usize) -> Result<Vec<Record>, Fault> {
        let sql = "SELECT order_id, stage, error, updated_at FROM records WHERE order_id > ?1
            ORDER BY order_id LIMIT ?2";
        self.scan_rows(|conn| {
            conn.prepare_cached(sql)?.query_map(params![behind(after), limit(rows)], record)?.collect()
        })
        .await
    }

    async fn dead_letters(&self, order_id: Uuid) -> Result<Vec<DeadLetter>, Fault> {
        dead_letters_of(self, order_id)
    }
}

fn load(conn: &Connection, order_id: Uuid) -> rusqlite::Result<Option<Record>> {
    let sql = "SELECT order_id, stage, error, updated_at FROM records WHERE order_id = ?1";
    conn.prepare_cached(sql)?.query_row([order_id.as_bytes()], record).optional()
}

fn record(row: &Row<'_>) -> rusqlite::Result<Record> {
    let stage = match row.get_ref(1)?.as_str()? {
        "working" => Stage::Working,
        "completed" => Stage::Completed,
        "failed" => Stage::Failed(row.get::<_, Option<String>>(2)?.unwrap_or_default()),
        "cancelled" => Stage::Cancelled,
        other => return Err(FromSqlError::into(unknown_word(other))),
    };
    Ok(Record { order_id: Uuid::from_bytes(row.get(0)?), stage, updated_at: row.get::<_, StoredTime>(3)?.0 })
}
