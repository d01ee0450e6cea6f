//! The table of the processing service, and its queries.

use async_trait::async_trait;
use engine::{DeadLetter, Fault, Key};
use processing::{Processing, Queries, Record, Stage};
use tokio_postgres::Row;
use tokio_postgres::types::Type;
use uuid::Uuid;

use crate::columns::{column, limit};
use crate::migration;
use crate::migration::Migration;
use crate::services::{all_updated, behind, ids};
use crate::session::{Session, Value};
use crate::store::PostgresStore;
use crate::tables::{Changes, Tables, locking};

/// The table of the processing service.
#[derive(Clone, Copy, Debug, Default)]
pub struct ProcessingTables;

#[async_trait]
impl Tables<Processing> for ProcessingTables {
    fn migrations(&self) -> &'static [Migration] {
        const MIGRATIONS: &[Migration] = &[migration!("processing/0001_processing")];
        MIGRATIONS
    }

    async fn load(&self, session: &Session, keys: &[Key], lock: bool) -> Result<Vec<(Key, Record)>, Fault> {
        let records = load(session, &ids(keys), lock).await?;
        Ok(records.into_iter().map(|record| (Key::Id(record.order_id), record)).collect())
    }

    async fn insert(&self, session: &Session, records: &Changes<'_, Record>) -> Result<(), Fault> {
        let sql =
            "INSERT INTO @records (order_id, stage, error, updated_at) SELECT * FROM unnest($1, $2, $3, $4)";
        write(session, sql, records).await.map(drop)
    }

    async fn update(&self, session: &Session, records: &Changes<'_, Record>) -> Result<(), Fault> {
        let sql = "UPDATE @records AS old SET stage = new.stage, error = new.error, updated_at = new.updated
            FROM unnest($1, $2, $3, $4) AS new (id, stage, error, updated) WHERE old.order_id = new.id";
        all_updated(write(session, sql, records).await?, records.len())
    }
}

async fn write(session: &Session, sql: &str, records: &Changes<'_, Record>) -> Result<u64, Fault> {
    let records = records.iter().map(|(_, record)| *record);
    let ids: Vec<_> = records.clone().map(|record| record.order_id).collect();
    let (stages, errors): (Vec<_>, Vec<_>) = records.clone().map(|record| words(&record.stage)).unzip();
    let updated: Vec<_> = records.map(|record| record.updated_at).collect();
    let values: &[Value<'_>] = &[
        (&ids, Type::UUID_ARRAY),
        (&stages, Type::TEXT_ARRAY),
        (&errors, Type::TEXT_ARRAY),
        (&updated, Type::TIMESTAMPTZ_ARRAY),
    ];
    session.execute(sql, values).await
}

const fn words(stage: &Stage) -> (&'static str, Option<&String>) {
    match stage {
        Stage::Working => ("working", None),
        Stage::Completed => ("completed", None),
        Stage::Failed(error) => ("failed", Some(error)),
        Stage::Cancelled => ("cancelled", None),
    }
}

#[async_trait]
impl Queries for PostgresStore<Processing> {
    async fn record(&self, order_id: Uuid) -> Result<Option<Record>, Fault> {
        Ok(load(&self.session().await?, &[order_id], false).await?.pop())
    }

    async fn scan(&self, after: Option<Uuid>, rows: usize) -> Result<Vec<Record>, Fault> {
        let sql = "SELECT order_id, stage, error, updated_at FROM @records WHERE order_id > $1
            ORDER BY order_id LIMIT $2";
        let values: &[Value<'_>] = &[(&behind(after), Type::UUID), (&limit(rows), Type::INT8)];
        self.session().await?.query(sql, values).await?.iter().map(record).collect()
    }

    async fn dead_letters(&self, order_id: Uuid) -> Result<Vec<DeadLetter>, Fault> {
        self.dead_letters_of(&Key::Id(order_id)).await
    }
}

async fn load(session: &Session, ids: &[Uuid], lock: bool) -> Result<Vec<Record>, Fault> {
    let lock = locking(lock);
    let sql = format!(
        "SELECT order_id, stage, error, updated_at FROM @records WHERE order_id = ANY($1) ORDER BY order_id {lock}"
    );
    session.query(&sql, &[(&ids, Type::UUID_ARRAY)]).await?.iter().map(record).collect()
}

fn record(row: &Row) -> Result<Record, Fault> {
    let stage = match column(row, 1)? {
        "working" => Stage::Working,
        "completed" => Stage::Completed,
        "failed" => Stage::Failed(column::<Option<String>>(row, 2)?.unwrap_or_default()),
        "cancelled" => Stage::Cancelled,
        other => return Err(Fault::Corrupt(format!("'{other}' is no stage of processing"))),
    };
    Ok(Record { order_id: column(row, 0)?, stage, updated_at: column(row, 3)? })
}
