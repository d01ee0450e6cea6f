//! The search index in the schema of the orders service: terms in an array, under a GIN index of PostgreSQL's own.
//!
//! Terms are hashes, so it needs no extension, and no collation that knows an alphabet. Any number of processes may search; one
//! at a time has the turn to write.

mod find;
mod numbers;
mod turn;

use async_trait::async_trait;
use engine::{Cursors, Fault, Key, Service, Stream};
use jiff::Timestamp;
use orders::Orders;
use search::{Entry, Found, Index, Position, Term};
use tokio_postgres::types::Type;
use uuid::Uuid;

use self::numbers::{array, part_term};
use crate::columns::column;
use crate::session::{Database, Session, Value};

/// Orders in a part, from which on a new one is begun.
const PART: i64 = 1 << 14;

/// The search index in a schema.
pub struct PostgresIndex {
    database: Database,
}

impl PostgresIndex {
    /// The index in the schema of the orders service, which is migrated already.
    pub const fn new(database: Database) -> Self {
        Self { database }
    }
}

#[async_trait]
impl Index for PostgresIndex {
    async fn position(&self) -> Result<Position, Fault> {
        turn::position(&self.database.session().await?).await
    }

    async fn turn(&self, indexer: Uuid, now: Timestamp, until: Timestamp) -> Result<Option<Position>, Fault> {
        let session = self.database.session().await?;
        match turn::take(&session, indexer, now, until).await? {
            true => turn::position(&session).await.map(Some),
            false => Ok(None),
        }
    }

    async fn put(&self, indexer: Uuid, entries: &[Entry], position: &Position) -> Result<bool, Fault> {
        let session = self.database.guarded(self.database.begin()).await?;
        if !turn::move_to(&session, indexer, position).await? {
            return Ok(false);
        }
        let new = add(&session, entries).await?;
        grow(&session, new).await?;
        session.commit().await.map(|()| true)
    }

    async fn find(&self, terms: &[Term], from: Uuid, before: Uuid, limit: usize) -> Result<Found, Fault> {
        // In a transaction, because only there it is said to go by the index, whatever the statistics say.
        let session = self.database.guarded(self.database.begin()).await?;
        let found = find::find(&session, terms, from, before, limit).await?;
        session.commit().await.map(|()| found)
    }
}

#[async_trait]
impl Cursors for PostgresIndex {
    async fn cursors(&self, source: &str) -> Result<Vec<(u16, u64)>, Fault> {
        match source == Orders::NAME {
            true => Ok((0..).zip(self.position().await?.offsets).collect()),
            false => Ok(Vec::new()),
        }
    }

    async fn streams(&self, _keys: &[Key]) -> Result<Vec<(Key, Stream)>, Fault> {
        Ok(Vec::new())
    }
}

/// Adds the entries that are not there yet, each with the term of its part. Answers how many.
async fn add(session: &Session, entries: &[Entry]) -> Result<i64, Fault> {
    if entries.is_empty() {
        return Ok(0);
    }
    let sql = "INSERT INTO @search_terms (id, terms)
        SELECT new.id, new.terms::integer[] || (SELECT term FROM @search_parts WHERE first_id <= new.id
            ORDER BY first_id DESC LIMIT 1)
        FROM unnest($1, $2) AS new (id, terms) ON CONFLICT (id) DO NOTHING";
    let ids: Vec<_> = entries.iter().map(|entry| entry.id).collect();
    let terms: Vec<_> = entries.iter().map(|entry| array(&entry.terms)).collect();
    let values: &[Value<'_>] = &[(&ids, Type::UUID_ARRAY), (&terms, Type::TEXT_ARRAY)];
    Ok(session.execute(sql, values).await?.cast_signed())
}

/// Counts orders to the newest part, and begins a new one behind it when it is full.
async fn grow(session: &Session, new: i64) -> Result<(), Fault> {
    if new == 0 {
        return Ok(());
    }
    let sql = "UPDATE @search_parts SET orders = orders + $1
        WHERE number = (SELECT number FROM @search_parts ORDER BY number DESC LIMIT 1) RETURNING number, orders";
    let rows = session.query(sql, &[(&new, Type::INT8)]).await?;
    let Some(row) = rows.first() else { return Ok(()) };
    let (number, orders): (i32, i64) = (column(row, 0)?, column(row, 1)?);
    if orders < PART {
        return Ok(());
    }
    let newest = session.query("SELECT id FROM @search_terms ORDER BY id DESC LIMIT 1", &[]).await?;
    let Some(newest) = newest.first() else { return Ok(()) };
    let (first, number) = (next_id(column(newest, 0)?), number + 1);
    let sql = "INSERT INTO @search_parts (first_id, number, term, orders) VALUES ($1, $2, $3, 0)";
    let term = part_term(number);
    session.execute(sql, &[(&first, Type::UUID), (&number, Type::INT4), (&term, Type::INT4)]).await.map(drop)
}

/// The id behind this one.
fn next_id(id: Uuid) -> Uuid {
    Uuid::from_u128(id.as_u128().saturating_add(1))
}
