//! The queries of the orders service.

use async_trait::async_trait;
use contract::{Product, Status};
use engine::{DeadLetter, Fault, Key};
use jiff::Timestamp;
use orders::page::{Walk, only};
use orders::timeline::Placed;
use orders::{ListFilter, Order, Orders, Page, Queries, State};
use rusqlite::{Connection, OptionalExtension, params};
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

    async fn find(&self, ids: &[Uuid]) -> Result<Vec<Order>, Fault> {
        self.scan_rows(|conn| ids.iter().filter_map(|id| load_order(conn, *id).transpose()).collect()).await
    }

    async fn documents(&self, ids: &[Uuid]) -> Result<Vec<(Uuid, String)>, Fault> {
        let sql = "SELECT document FROM documents WHERE order_id = ?1";
        let document = |conn: &Connection, id: &Uuid| {
            let document =
                conn.prepare_cached(sql)?.query_row([id.as_bytes()], |row| row.get(0)).optional()?;
            Ok(document.map(|document| (*id, document)))
        };
        self.scan_rows(|conn| ids.iter().filter_map(|id| document(conn, id).transpose()).collect()).await
    }

    async fn list(&self, filter: &ListFilter) -> Result<Page, Fault> {
        if let Some(external_id) = &filter.external_id {
            let order = self.by_external_id(external_id).await?;
            return Ok(only(filter, order));
        }
        self.scan_rows(|conn| page(conn, filter)).await
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

/// The page of a list without an external id. Rows are stepped over one by one, and what does not fit by its columns is
/// not read any further.
fn page(conn: &Connection, filter: &ListFilter) -> rusqlite::Result<Page> {
    let ((from, to), mut walk) = (filter.ids(), Walk::new(filter));
    let mut statement = conn.prepare_cached(&list_statement(filter))?;
    let mut rows = statement.query(params![to.as_bytes(), from.as_bytes(), filter.customer_id])?;
    while !walk.is_over() {
        let Some(row) = rows.next()? else { return Ok(walk.finish(true)) };
        let may_fit: bool = row.get(6)?;
        let order = if may_fit { Some(order(row)?).filter(|order| filter.fits(order, None)) } else { None };
        walk.show(Uuid::from_bytes(row.get(0)?), order);
    }
    Ok(walk.finish(rows.next()?.is_none()))
}

/// Of the states only the status leads to rows, by an index of those that are not PROCESSED. They are words of closed sets: as
/// literals they let SQLite choose that index.
fn list_statement(filter: &ListFilter) -> String {
    let mut fits = "(?3 IS NULL OR customer_id IS ?3)".to_owned();
    if let Some(status) = filter.payment_status {
        fits += &format!(" AND payment_status = '{status}'");
    }
    if let Some(status) = filter.processing_status {
        fits += &format!(" AND processing_status = '{status}'");
    }
    let status = match filter.status {
        None => String::new(),
        Some(Status::Processed) => {
            fits += " AND status = 'PROCESSED'";
            String::new()
        }
        Some(status) => format!(" AND status = '{status}' AND status <> 'PROCESSED'"),
    };
    format!("SELECT {COLUMNS}, {fits} FROM orders WHERE id < ?1 AND id >= ?2{status} ORDER BY id DESC")
}
