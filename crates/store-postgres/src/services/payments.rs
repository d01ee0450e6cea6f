//! The table of the payments service, and its queries.

use async_trait::async_trait;
use engine::{DeadLetter, Fault, Key, Note};
use jiff::Timestamp;
use payments::{Payment, PaymentState, Payments, Queries};
use tokio_postgres::Row;
use tokio_postgres::types::Type;
use uuid::Uuid;

use crate::columns::limit;
use crate::migration;
use crate::migration::Migration;
use crate::services::{all_updated, behind, ids, json, text};
use crate::session::{Session, Value};
use crate::store::PostgresStore;
use crate::tables::{Changes, Tables, locking};

/// The table of the payments service.
#[derive(Clone, Copy, Debug, Default)]
pub struct PaymentsTables;

#[async_trait]
impl Tables<Payments> for PaymentsTables {
    fn migrations(&self) -> &'static [Migration] {
        const MIGRATIONS: &[Migration] = &[migration!("payments/0001_payments")];
        MIGRATIONS
    }

    async fn load(&self, session: &Session, keys: &[Key], lock: bool) -> Result<Vec<(Key, Payment)>, Fault> {
        let payments = load(session, &ids(keys), lock).await?;
        Ok(payments.into_iter().map(|payment| (Key::Id(payment.order_id), payment)).collect())
    }

    async fn insert(&self, session: &Session, payments: &Changes<'_, Payment>) -> Result<(), Fault> {
        let sql = "INSERT INTO @payments
                (order_id, state, settled, amount, currency, captured, refunded, updated_at, payment)
            SELECT id, state, settled, amount, currency, captured, refunded, updated, payment::json
            FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9)
                AS new (id, state, settled, amount, currency, captured, refunded, updated, payment)";
        write(session, sql, payments).await.map(drop)
    }

    async fn update(&self, session: &Session, payments: &Changes<'_, Payment>) -> Result<(), Fault> {
        let sql = "UPDATE @payments AS old SET state = new.state, settled = new.settled, amount = new.amount,
                currency = new.currency, captured = new.captured, refunded = new.refunded,
                updated_at = new.updated, payment = new.payment::json
            FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9)
                AS new (id, state, settled, amount, currency, captured, refunded, updated, payment)
            WHERE old.order_id = new.id";
        all_updated(write(session, sql, payments).await?, payments.len())
    }
}

async fn write(session: &Session, sql: &str, payments: &Changes<'_, Payment>) -> Result<u64, Fault> {
    let payments = payments.iter().map(|(_, payment)| *payment);
    let ids: Vec<_> = payments.clone().map(|payment| payment.order_id).collect();
    let states: Vec<_> = payments.clone().map(|payment| word(&payment.state)).collect();
    let settled: Vec<_> = payments.clone().map(Payment::is_settled).collect();
    let amounts: Vec<_> = payments.clone().map(|payment| payment.amount).collect();
    let currencies: Vec<_> = payments.clone().map(|payment| payment.currency.code()).collect();
    let captured: Vec<_> = payments.clone().map(|payment| payment.captured).collect();
    let refunded: Vec<_> = payments.clone().map(Payment::refunded).collect();
    let updated: Vec<_> = payments.clone().map(|payment| payment.updated_at).collect();
    let texts = payments.map(text).collect::<Result<Vec<_>, _>>()?;
    let values: &[Value<'_>] = &[
        (&ids, Type::UUID_ARRAY),
        (&states, Type::TEXT_ARRAY),
        (&settled, Type::BOOL_ARRAY),
        (&amounts, Type::INT8_ARRAY),
        (&currencies, Type::TEXT_ARRAY),
        (&captured, Type::INT8_ARRAY),
        (&refunded, Type::INT8_ARRAY),
        (&updated, Type::TIMESTAMPTZ_ARRAY),
        (&texts, Type::TEXT_ARRAY),
    ];
    session.execute(sql, values).await
}

#[async_trait]
impl Queries for PostgresStore<Payments> {
    async fn payment(&self, order_id: Uuid) -> Result<Option<Payment>, Fault> {
        Ok(load(&self.session().await?, &[order_id], false).await?.pop())
    }

    async fn exchanges(&self, order_id: Uuid) -> Result<Vec<Note>, Fault> {
        self.journal(&Key::Id(order_id)).await
    }

    async fn scan(&self, after: Option<Uuid>, rows: usize) -> Result<Vec<Payment>, Fault> {
        let sql = "SELECT payment::text FROM @payments WHERE order_id > $1 ORDER BY order_id LIMIT $2";
        let values: &[Value<'_>] = &[(&behind(after), Type::UUID), (&limit(rows), Type::INT8)];
        self.session().await?.query(sql, values).await?.iter().map(payment).collect()
    }

    async fn dead_letters(&self, order_id: Uuid) -> Result<Vec<DeadLetter>, Fault> {
        self.dead_letters_of(&Key::Id(order_id)).await
    }

    async fn stalled(&self, since: Timestamp, rows: usize) -> Result<Vec<Payment>, Fault> {
        let sql = "SELECT payment::text FROM @payments WHERE NOT settled AND updated_at < $1
            ORDER BY order_id LIMIT $2";
        let values: &[Value<'_>] = &[(&since, Type::TIMESTAMPTZ), (&limit(rows), Type::INT8)];
        self.session().await?.query(sql, values).await?.iter().map(payment).collect()
    }
}

async fn load(session: &Session, ids: &[Uuid], lock: bool) -> Result<Vec<Payment>, Fault> {
    let lock = locking(lock);
    let sql =
        format!("SELECT payment::text FROM @payments WHERE order_id = ANY($1) ORDER BY order_id {lock}");
    session.query(&sql, &[(&ids, Type::UUID_ARRAY)]).await?.iter().map(payment).collect()
}

fn payment(row: &Row) -> Result<Payment, Fault> {
    json(row, 0)
}

const fn word(state: &PaymentState) -> &'static str {
    match state {
        PaymentState::Pending => "pending",
        PaymentState::Unknown => "unknown",
        PaymentState::Captured { .. } => "captured",
        PaymentState::Failed(_) => "failed",
    }
}
