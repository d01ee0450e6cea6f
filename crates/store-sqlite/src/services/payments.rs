//! The table of the payments service, and its queries.

use async_trait::async_trait;
use engine::store::Existing;
use engine::{DeadLetter, Fault, Key, Note};
use jiff::Timestamp;
use payments::{Payment, PaymentState, Payments, Queries};
use rusqlite::{Connection, OptionalExtension, Row, params};
use uuid::Uuid;

use crate::columns::{TimeColumn, limit};
use crate::engine_tables::journal;
use crate::migration;
use crate::migration::Migration;
use crate::services::{behind, dead_letters_of, json, text};
use crate::store::SqliteStore;
use crate::tables::Tables;

/// The table of the payments service.
#[derive(Clone, Copy, Debug, Default)]
pub struct PaymentsTables;

impl Tables<Payments> for PaymentsTables {
    fn migrations(&self) -> &'static [Migration] {
        const MIGRATIONS: &[Migration] = &[migration!("payments/0001_payments")];
        MIGRATIONS
    }

    fn load(&self, conn: &Connection, key: &Key) -> rusqlite::Result<Option<Payment>> {
        key.id().map_or(Ok(None), |id| load(conn, id))
    }

    fn save(
        &self,
        conn: &Connection,
        _key: &Key,
        payment: &Payment,
        existing: Existing,
    ) -> rusqlite::Result<()> {
        let sql = match existing {
            Existing::No => {
                "INSERT INTO payments (order_id, state, settled, amount, currency, captured, refunded, updated_at,
                    payment)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
            }
            Existing::Yes => {
                "UPDATE payments SET state = ?2, settled = ?3, amount = ?4, currency = ?5, captured = ?6,
                    refunded = ?7, updated_at = ?8, payment = ?9
                WHERE order_id = ?1"
            }
        };
        let values = params![
            payment.order_id.as_bytes(),
            word(&payment.state),
            payment.is_settled(),
            payment.amount,
            payment.currency.code(),
            payment.captured,
            payment.refunded(),
            TimeColumn(payment.updated_at),
            text(payment)?,
        ];
        conn.prepare_cached(sql)?.execute(values).map(drop)
    }
}

#[async_trait]
impl Queries for SqliteStore<Payments> {
    async fn payment(&self, order_id: Uuid) -> Result<Option<Payment>, Fault> {
        if let Some(payment) = self.hot(&Key::Id(order_id)) {
            return Ok(Some((*payment).clone()));
        }
        self.query(|conn| load(conn, order_id))
    }

    async fn exchanges(&self, order_id: Uuid) -> Result<Vec<Note>, Fault> {
        self.query(|conn| journal::of(conn, &Key::Id(order_id)))
    }

    async fn scan(&self, after: Option<Uuid>, rows: usize) -> Result<Vec<Payment>, Fault> {
        let sql = "SELECT payment FROM payments WHERE order_id > ?1 ORDER BY order_id LIMIT ?2";
        self.scan_rows(|conn| {
            conn.prepare_cached(sql)?.query_map(params![behind(after), limit(rows)], payment)?.collect()
        })
        .await
    }

    async fn dead_letters(&self, order_id: Uuid) -> Result<Vec<DeadLetter>, Fault> {
        dead_letters_of(self, order_id)
    }

    async fn stalled(&self, since: Timestamp, rows: usize) -> Result<Vec<Payment>, Fault> {
        let sql =
            "SELECT payment FROM payments WHERE settled = 0 AND updated_at < ?1 ORDER BY order_id LIMIT ?2";
        self.scan_rows(|conn| {
            conn.prepare_cached(sql)?.query_map(params![TimeColumn(since), limit(rows)], payment)?.collect()
        })
        .await
    }
}

fn load(conn: &Connection, order_id: Uuid) -> rusqlite::Result<Option<Payment>> {
    let sql = "SELECT payment FROM payments WHERE order_id = ?1";
    conn.prepare_cached(sql)?.query_row([order_id.as_bytes()], payment).optional()
}

fn payment(row: &Row<'_>) -> rusqlite::Result<Payment> {
    json(row.get_ref(0)?.as_str()?)
}

const fn word(state: &PaymentState) -> &'static str {
    match state {
        PaymentState::Pending => "pending",
        PaymentState::Unknown => "unknown",
        PaymentState::Captured { .. } => "captured",
        PaymentState::Failed(_) => "failed",
    }
}
