//! The queries of the orders service.

use async_trait::async_trait;
use contract::{Product, Status};
use engine::{DeadLetter, Fault, Key};
use jiff::Timestamp;
use orders::timeline::Placed;
use orders::{ListFilter, Order, Orders, Queries, State};
use rusqlite::{OptionalExtension, params};
use uuid::Uuid;

use crate::columns::{TimeColumn, limit};
use crate::engine_tables::journal;
use crate::services::orders::{COLUMNS, load_order, order};
use crate::services::{behind, dead_letters_of, json};
use crate::store::SqliteStore;

#[async_trait]
impl Queries for SqliteStore<Orders> {
    async fn order(&self, id: Uuid) -> Result<Option<Order>, Fault> {
        if let Some(State::Order(order)) = self.hot(&Key::Id(id)).as_deref() {
            return Ok(Some(order.clone()));
        }
        self.query(|conn| load_order(conn, id))
    }

    async fn by_external_id(&self, external_id: &str) -> Result<Option<Order>, Fault> {
        let sql = format!("SELECT {COLUMNS} FROM orders WHERE external_id = ?1");
        self.query(|conn| conn.prepare_cached(&sql)?.query_row([external_id], order).optional())
    }

    async fn document(&self, id: Uuid) -> Result<Option<String>, Fault> {
        let sql = "SELECT document FROM documents WHERE order_id = ?1";
        self.query(|conn| conn.prepare_cached(sql)?.query_row([id.as_bytes()], |row| row.get(0)).optional())
    }

    async fn timeline(&self, id: Uuid, after: u64) -> Result<Vec<Placed>, Fault> {
        let notes = self.query(|conn| journal::of(conn, &Key::Id(id)))?;
        let later = notes.into_iter().filter(|note| note.sequence > after);
        let placed = |note: engine::Note| match serde_json::from_str(&note.data) {
            Ok(entry) => Ok(Placed { seq: note.sequence, at: note.at, entry }),
            Err(error) => Err(Fault::Corrupt(format!("note {} of order {id}: {error}", note.sequence))),
        };
        later.map(placed).collect()
    }

    async fn list(&self, filter: &ListFilter) -> Result<Vec<Order>, Fault> {
        // The states are words of closed sets: as literals they let SQLite choose the partial index.
        // The bounds of ids are always there, so that SQLite seeks to them.
        let mut sql = format!("SELECT {COLUMNS} FROM orders WHERE id >= ?5 AND id < ?1");
        if let Some(status) = filter.status {
            sql += &format!(" AND status = '{status}'");
            if status != Status::Processed {
                sql += " AND status <> 'PROCESSED'";
            }
        }
        if let Some(status) = filter.payment_status {
            sql += &format!(" AND payment_status = '{status}'");
        }
        if let Some(status) = filter.processing_status {
            sql += &format!(" AND processing_status = '{status}'");
        }
        if filter.customer_id.is_some() {
            sql += " AND customer_id = ?4";
        } else {
            sql += " AND ?4 IS NULL";
        }
        sql += " ORDER BY id DESC LIMIT ?2 OFFSET ?3";
        let (from, to) = (filter.created_from.map(first_id), filter.created_to.map(first_id));
        let before = filter.before.into_iter().chain(to).min().unwrap_or(Uuid::max());
        let from = from.unwrap_or(Uuid::nil());
        self.scan_rows(|conn| {
            let mut statement = conn.prepare_cached(&sql)?;
            let (before, from) = (before.as_bytes(), from.as_bytes());
            let values = params![before, limit(filter.limit), limit(filter.skip), filter.customer_id, from];
            statement.query_map(values, order)?.collect()
        })
        .await
    }

    async fn scan(&self, after: Option<Uuid>, rows: usize) -> Result<Vec<Order>, Fault> {
        let sql = format!("SELECT {COLUMNS} FROM orders WHERE id > ?1 ORDER BY id LIMIT ?2");
        self.scan_rows(|conn| {
            conn.prepare_cached(&sql)?.query_map(params![behind(after), limit(rows)], order)?.collect()
        })
        .await
    }

    async fn stalled(&self, since: Timestamp, rows: usize) -> Result<Vec<Order>, Fault> {
        let sql = format!(
            "SELECT {COLUMNS} FROM orders WHERE status IN ('PENDING', 'PAID') AND status <> 'PROCESSED'
                AND updated_at < ?1 ORDER BY id LIMIT ?2"
        );
        self.scan_rows(|conn| {
            conn.prepare_cached(&sql)?.query_map(params![TimeColumn(since), limit(rows)], order)?.collect()
        })
        .await
    }

    async fn dead_letters(&self, id: Uuid) -> Result<Vec<DeadLetter>, Fault> {
        dead_letters_of(self, id)
    }

    async fn menu(&self) -> Result<Vec<Product>, Fault> {
        let sql = "SELECT product FROM products WHERE product ->> '$.deleted' IS NOT TRUE ORDER BY id";
        self.query(|conn| {
            conn.prepare_cached(sql)?.query_map([], |row| json(row.get_ref(0)?.as_str()?))?.collect()
        })
    }
}

/// The lowest id that can be made at `time` or later: ids are UUIDv7 and begin with their milliseconds (RFC 9562).
fn first_id(time: Timestamp) -> Uuid {
    let ms = (time.as_nanosecond() + 999_999).div_euclid(1_000_000).clamp(0, (1 << 48) - 1);
    Uuid::from_u128(ms.cast_unsigned() << 80)
}
