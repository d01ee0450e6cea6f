//! The queries over the tables of the catalog.

use async_trait::async_trait;
use catalog::queries::Stocked;
use catalog::{Catalog, Item, Queries, Reservation};
use contract::Product;
use engine::{DeadLetter, Fault};
use rusqlite::params;
use uuid::Uuid;

use crate::columns::limit;
use crate::services::catalog::{item, load_item, load_reservation, reservation};
use crate::services::{behind, dead_letters_of, json};
use crate::store::SqliteStore;

#[async_trait]
impl Queries for SqliteStore<Catalog> {
    async fn menu(&self) -> Result<Vec<Product>, Fault> {
        let sql = "SELECT product FROM products WHERE product ->> '$.deleted' IS NOT TRUE ORDER BY id";
        self.query(|conn| {
            conn.prepare_cached(sql)?.query_map([], |row| json(row.get_ref(0)?.as_str()?))?.collect()
        })
    }

    async fn item(&self, id: &str) -> Result<Option<Item>, Fault> {
        self.query(|conn| load_item(conn, id))
    }

    async fn stock(&self) -> Result<Vec<Stocked>, Fault> {
        let sql = "SELECT product, reserved, telling, version, updated_at, coalesce(kept.quantity, 0)
            FROM products LEFT JOIN (
                SELECT piece.value ->> '$.product_id' AS product_id, sum(piece.value ->> '$.quantity') AS quantity
                FROM reservations, json_each(items) AS piece WHERE stage = 'reserved' GROUP BY 1) AS kept
            ON kept.product_id = products.id ORDER BY id";
        self.scan_rows(|conn| {
            let stocked = |row: &rusqlite::Row<'_>| {
                Ok(Stocked { item: item(row)?, kept: row.get::<_, i64>(5)?.cast_unsigned() })
            };
            conn.prepare_cached(sql)?.query_map([], stocked)?.collect()
        })
        .await
    }

    async fn reservation(&self, order_id: Uuid) -> Result<Option<Reservation>, Fault> {
        self.query(|conn| load_reservation(conn, order_id))
    }

    async fn scan(&self, after: Option<Uuid>, rows: usize) -> Result<Vec<Reservation>, Fault> {
        let sql = "SELECT order_id, stage, reason, items, created_at, updated_at FROM reservations
            WHERE order_id > ?1 ORDER BY order_id LIMIT ?2";
        self.scan_rows(|conn| {
            conn.prepare_cached(sql)?.query_map(params![behind(after), limit(rows)], reservation)?.collect()
        })
        .await
    }

    async fn dead_letters(&self, order_id: Uuid) -> Result<Vec<DeadLetter>, Fault> {
        dead_letters_of(self, order_id)
    }
}
