//! The queries of the orders service.

use async_trait::async_trait;
use contract::{Product, Status};
use engine::{DeadLetter, Fault, Key};
use jiff::Timestamp;
use orders::page::{Walk, only};
use orders::timeline::Placed;
use orders::{ListFilter, Order, Orders, Page, Queries};
use tokio_postgres::Row;
use tokio_postgres::types::Type;
use uuid::Uuid;

use crate::columns::{column, limit};
use crate::services::orders::{COLUMNS, load_orders, order};
use crate::services::{behind, json};
use crate::session::{Session, Value};
use crate::store::PostgresStore;

/// Rows of a list in one statement, where few of them fit.
const MOST_AT_ONCE: usize = 2_500;

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

    async fn find(&self, ids: &[Uuid]) -> Result<Vec<Order>, Fault> {
        load_orders(&self.session().await?, ids, false).await
    }

    async fn documents(&self, ids: &[Uuid]) -> Result<Vec<(Uuid, String)>, Fault> {
        let sql = "SELECT order_id, document FROM @documents WHERE order_id = ANY($1)";
        let rows = self.session().await?.query(sql, &[(&ids, Type::UUID_ARRAY)]).await?;
        rows.iter().map(|row| Ok((column(row, 0)?, column(row, 1)?))).collect()
    }

    async fn list(&self, filter: &ListFilter) -> Result<Page, Fault> {
        if let Some(external_id) = &filter.external_id {
            let order = self.by_external_id(external_id).await?;
            return Ok(only(filter, order));
        }
        page(&self.session().await?, filter).await
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

/// The page of a list without an external id. Where all that is looked at fits, as mostly, one statement brings it.
async fn page(session: &Session, filter: &ListFilter) -> Result<Page, Fault> {
    let (sql, (from, mut to), mut walk) = (list_statement(filter), filter.ids(), Walk::new(filter));
    let mut rows = walk.wanted();
    while !walk.is_over() {
        let asked = rows.min(walk.left().saturating_add(1));
        let values: &[Value<'_>] = &[
            (&to, Type::UUID),
            (&from, Type::UUID),
            (&limit(asked), Type::INT8),
            (&filter.customer_id, Type::TEXT),
        ];
        let read = session.query(&sql, values).await?;
        for row in &read {
            if walk.is_over() {
                return Ok(walk.finish(false));
            }
            to = column(row, 0)?;
            walk.show(to, fitting(row, filter)?);
        }
        if read.len() < asked {
            return Ok(walk.finish(true));
        }
        rows = MOST_AT_ONCE;
    }
    Ok(walk.finish(false))
}

/// The order of a row, if it fits.
fn fitting(row: &Row, filter: &ListFilter) -> Result<Option<Order>, Fault> {
    let has_content: Option<&str> = column(row, 5)?;
    if has_content.is_none() {
        return Ok(None);
    }
    Ok(Some(order(row)?).filter(|order| filter.fits(order, None)))
}

/// Rows that do not fit by their columns come without what is large. The states are words of closed sets: as literals they
/// let PostgreSQL choose the partial index.
fn list_statement(filter: &ListFilter) -> String {
    let mut fits = "TRUE".to_owned();
    if let Some(status) = filter.payment_status {
        fits += &format!(" AND payment_status = '{status}'");
    }
    if let Some(status) = filter.processing_status {
        fits += &format!(" AND processing_status = '{status}'");
    }
    let mut rows = "id < $1 AND id >= $2".to_owned();
    match filter.status {
        None => {}
        Some(Status::Processed) => fits += " AND status = 'PROCESSED'",
        Some(status) => rows += &format!(" AND status = '{status}' AND status <> 'PROCESSED'"),
    }
    rows += if filter.customer_id.is_some() { " AND customer_id = $4" } else { " AND $4::text IS NULL" };
    format!(
        "SELECT id, version, created_at, updated_at, CASE WHEN {fits} THEN facts::text END,
            CASE WHEN {fits} THEN content::text END
        FROM @orders WHERE {rows} ORDER BY id DESC LIMIT $3"
    )
}
