//! The queries of the orders service.

use async_trait::async_trait;
use contract::{Product, Status};
use engine::{DeadLetter, Fault, Key};
use jiff::Timestamp;
use orders::timeline::Placed;
use orders::{ListFilter, Order, Orders, Queries};
use tokio_postgres::types::Type;
use uuid::Uuid;

use crate::columns::{column, limit};
use crate::services::orders::{COLUMNS, load_orders, order};
use crate::services::{behind, json};
use crate::session::Value;
use crate::store::PostgresStore;

#[async_trait]
impl Queries for PostgresStore<Orders> {
    async fn order(&self, id: Uuid) -> Result<Option<Order>, Fault> {
        Ok(load_orders(&self.session().await?, &[id], false).await?.pop())
    }

    async fn by_external_id(&self, external_id: &str) -> Result<Option<Order>, Fault> {
        let sql = format!("SELECT {COLUMNS} FROM @orders WHERE external_id = $1");
        let rows = self.session().await?.query(&sql, &[(&external_id, Type::TEXT)]).await?;
        rows.first().map(order).transpose()
    }

    async fn document(&self, id: Uuid) -> Result<Option<String>, Fault> {
        let sql = "SELECT document FROM @documents WHERE order_id = $1";
        let rows = self.session().await?.query(sql, &[(&id, Type::UUID)]).await?;
        rows.first().map(|row| column(row, 0)).transpose()
    }

    async fn timeline(&self, id: Uuid, after: u64) -> Result<Vec<Placed>, Fault> {
        let notes = self.journal(&Key::Id(id)).await?;
        let later = notes.into_iter().filter(|note| note.sequence > after);
        let placed = |note: engine::Note| match serde_json::from_str(&note.data) {
            Ok(entry) => Ok(Placed { seq: note.sequence, at: note.at, entry }),
            Err(error) => Err(Fault::Corrupt(format!("note {} of order {id}: {error}", note.sequence))),
        };
        later.map(placed).collect()
    }

    async fn list(&self, filter: &ListFilter) -> Result<Vec<Order>, Fault> {
        // The states are words of closed sets: as literals they let PostgreSQL choose the partial index.
        let mut sql = format!("SELECT {COLUMNS} FROM @orders WHERE id >= $5 AND id < $1");
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
        sql += if filter.customer_id.is_some() { " AND customer_id = $4" } else { " AND $4::text IS NULL" };
        sql += " ORDER BY id DESC LIMIT $2 OFFSET $3";
        let (from, to) = (filter.created_from.map(first_id), filter.created_to.map(first_id));
        let before = filter.before.into_iter().chain(to).min().unwrap_or(Uuid::max());
        let values: &[Value<'_>] = &[
            (&before, Type::UUID),
            (&limit(filter.limit), Type::INT8),
            (&limit(filter.skip), Type::INT8),
            (&filter.customer_id, Type::TEXT),
            (&from.unwrap_or(Uuid::nil()), Type::UUID),
        ];
        self.session().await?.query(&sql, values).await?.iter().map(order).collect()
    }

    async fn scan(&self, after: Option<Uuid>, rows: usize) -> Result<Vec<Order>, Fault> {
        let sql = format!("SELECT {COLUMNS} FROM @orders WHERE id > $1 ORDER BY id LIMIT $2");
        let values: &[Value<'_>] = &[(&behind(after), Type::UUID), (&limit(rows), Type::INT8)];
        self.session().await?.query(&sql, values).await?.iter().map(order).collect()
    }

    async fn stalled(&self, since: Timestamp, rows: usize) -> Result<Vec<Order>, Fault> {
        let sql = format!(
            "SELECT {COLUMNS} FROM @orders WHERE status IN ('PENDING', 'PAID') AND status <> 'PROCESSED'
                AND updated_at < $1 ORDER BY id LIMIT $2"
        );
        let values: &[Value<'_>] = &[(&since, Type::TIMESTAMPTZ), (&limit(rows), Type::INT8)];
        self.session().await?.query(&sql, values).await?.iter().map(order).collect()
    }

    async fn dead_letters(&self, id: Uuid) -> Result<Vec<DeadLetter>, Fault> {
        self.dead_letters_of(&Key::Id(id)).await
    }

    async fn menu(&self) -> Result<Vec<Product>, Fault> {
        let sql = "SELECT product::text FROM @products WHERE (product ->> 'deleted')::boolean IS NOT TRUE ORDER BY id";
        self.session().await?.query(sql, &[]).await?.iter().map(|row| json(row, 0)).collect()
    }
}

/// The lowest id that can be made at `time` or later: ids are UUIDv7 and begin with their milliseconds (RFC 9562).
fn first_id(time: Timestamp) -> Uuid {
    let ms = (time.as_nanosecond() + 999_999).div_euclid(1_000_000).clamp(0, (1 << 48) - 1);
    Uuid::from_u128(ms.cast_unsigned() << 80)
}
