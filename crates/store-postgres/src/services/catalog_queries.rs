//! The queries over the tables of the catalog.

use async_trait::async_trait;
use catalog::queries::Stocked;
use catalog::{Catalog, Item, Queries, Reservation};
use contract::Product;
use engine::{DeadLetter, Fault, Key};
use tokio_postgres::types::Type;
use uuid::Uuid;

use crate::columns::{limit, number};
use crate::services::catalog::{item, load_items, load_reservations, reservation};
use crate::services::{behind, json};
use crate::session::Value;
use crate::store::PostgresStore;

#[async_trait]
impl Queries for PostgresStore<Catalog> {
    async fn menu(&self) -> Result<Vec<Product>, Fault> {
        let sql = "SELECT product::text FROM @products WHERE (product ->> 'deleted')::boolean IS NOT TRUE ORDER BY id";
        self.session().await?.query(sql, &[]).await?.iter().map(|row| json(row, 0)).collect()
    }

    async fn item(&self, id: &str) -> Result<Option<Item>, Fault> {
        Ok(load_items(&self.session().await?, &[id], false).await?.pop())
    }

    async fn stock(&self) -> Result<Vec<Stocked>, Fault> {
        let sql = "SELECT product::text, reserved, telling, version, updated_at, coalesce(kept.quantity, 0)::bigint
            FROM @products AS products LEFT JOIN (
                SELECT piece ->> 'product_id' AS product_id, sum((piece ->> 'quantity')::bigint) AS quantity
                FROM @reservations, json_array_elements(items) AS piece WHERE stage = 'reserved' GROUP BY 1) AS kept
            ON kept.product_id = products.id ORDER BY id";
        let stocked = |row| Ok(Stocked { item: item(row)?, kept: number(row, 5)? });
        self.session().await?.query(sql, &[]).await?.iter().map(stocked).collect()
    }

    async fn reservation(&self, order_id: Uuid) -> Result<Option<Reservation>, Fault> {
        Ok(load_reservations(&self.session().await?, &[order_id], false).await?.pop())
    }

    async fn scan(&self, after: Option<Uuid>, rows: usize) -> Result<Vec<Reservation>, Fault> {
        let sql =
            "SELECT order_id, stage, reason::text, items::text, created_at, updated_at FROM @reservations
            WHERE order_id > $1 ORDER BY order_id LIMIT $2";
        let values: &[Value<'_>] = &[(&behind(after), Type::UUID), (&limit(rows), Type::INT8)];
        self.session().await?.query(sql, values).await?.iter().map(reservation).collect()
    }

    async fn dead_letters(&self, order_id: Uuid) -> Result<Vec<DeadLetter>, Fault> {
        self.dead_letters_of(&Key::Id(order_id)).await
    }
}
