//! The ledger of the payment provider.

use async_trait::async_trait;
use engine::{Fault, Key};
use provider::{Charge, Ledger, Provider, Status, Totals, Turnover};
use tokio_postgres::Row;
use tokio_postgres::types::Type;

use crate::columns::{column, key_of, key_text, key_texts, limit, number};
use crate::migration;
use crate::migration::Migration;
use crate::services::{all_updated, json, text};
use crate::session::{Session, Value};
use crate::store::PostgresStore;
use crate::tables::{Changes, Tables, locking};

/// The table of the payment provider.
#[derive(Clone, Copy, Debug, Default)]
pub struct ProviderTables;

#[async_trait]
impl Tables<Provider> for ProviderTables {
    fn migrations(&self) -> &'static [Migration] {
        const MIGRATIONS: &[Migration] = &[migration!("provider/0001_provider")];
        MIGRATIONS
    }

    async fn load(&self, session: &Session, keys: &[Key], lock: bool) -> Result<Vec<(Key, Charge)>, Fault> {
        let lock = locking(lock);
        let sql = format!("SELECT key, charge::text FROM @charges WHERE key = ANY($1) ORDER BY key {lock}");
        let rows = session.query(&sql, &[(&key_texts(keys), Type::TEXT_ARRAY)]).await?;
        rows.iter().map(|row| Ok((key_of(column(row, 0)?), json(row, 1)?))).collect()
    }

    async fn insert(&self, session: &Session, charges: &Changes<'_, Charge>) -> Result<(), Fault> {
        let sql = "INSERT INTO @charges (key, status, currency, captured, refunded, charge)
            SELECT key, status, currency, captured, refunded, charge::json
            FROM unnest($1, $2, $3, $4, $5, $6) AS new (key, status, currency, captured, refunded, charge)";
        write(session, sql, charges).await.map(drop)
    }

    async fn update(&self, session: &Session, charges: &Changes<'_, Charge>) -> Result<(), Fault> {
        let sql = "UPDATE @charges AS old SET status = new.status, currency = new.currency,
                captured = new.captured, refunded = new.refunded, charge = new.charge::json
            FROM unnest($1, $2, $3, $4, $5, $6) AS new (key, status, currency, captured, refunded, charge)
            WHERE old.key = new.key";
        all_updated(write(session, sql, charges).await?, charges.len())
    }
}

async fn write(session: &Session, sql: &str, charges: &Changes<'_, Charge>) -> Result<u64, Fault> {
    let keys = key_texts(charges.iter().map(|(key, _)| *key));
    let charges = charges.iter().map(|(_, charge)| *charge);
    let statuses: Vec<_> = charges.clone().map(|charge| word(&charge.status)).collect();
    let currency = |charge: &Charge| charge.purchase().map(|purchase| purchase.amount.currency.code());
    let currencies: Vec<_> = charges.clone().map(currency).collect();
    let captures = charges.clone().map(Charge::capture);
    let captured: Vec<_> = captures.clone().map(|it| it.map_or(0, provider::Capture::captured)).collect();
    let refunded: Vec<_> = captures.map(|it| it.map_or(0, provider::Capture::refunded)).collect();
    let texts = charges.map(text).collect::<Result<Vec<_>, _>>()?;
    let values: &[Value<'_>] = &[
        (&keys, Type::TEXT_ARRAY),
        (&statuses, Type::TEXT_ARRAY),
        (&currencies, Type::TEXT_ARRAY),
        (&captured, Type::INT8_ARRAY),
        (&refunded, Type::INT8_ARRAY),
        (&texts, Type::TEXT_ARRAY),
    ];
    session.execute(sql, values).await
}

#[async_trait]
impl Ledger for PostgresStore<Provider> {
    async fn by_key(&self, key: &Key) -> Result<Option<Charge>, Fault> {
        let sql = "SELECT charge::text FROM @charges WHERE key = $1";
        let rows = self.session().await?.query(sql, &[(&key_text(key), Type::TEXT)]).await?;
        rows.first().map(charge).transpose()
    }

    async fn page(&self, after: Option<&Key>, rows: usize) -> Result<Vec<Charge>, Fault> {
        let sql =
            "SELECT charge::text FROM @charges WHERE $1::text IS NULL OR key > $1 ORDER BY key LIMIT $2";
        let values: &[Value<'_>] = &[(&after.map(key_text), Type::TEXT), (&limit(rows), Type::INT8)];
        self.session().await?.query(sql, values).await?.iter().map(charge).collect()
    }

    async fn totals(&self) -> Result<Totals, Fault> {
        let sql =
            "SELECT status, currency, count(*), sum(captured)::bigint, sum(refunded)::bigint FROM @charges
            GROUP BY status, currency ORDER BY currency";
        let mut totals = Totals::default();
        for row in &self.session().await?.query(sql, &[]).await? {
            add(&mut totals, row)?;
        }
        Ok(totals)
    }
}

fn add(totals: &mut Totals, row: &Row) -> Result<(), Fault> {
    let count = number(row, 2)?;
    match column(row, 0)? {
        "captured" => {
            totals.captured += count;
            let code: &str = column(row, 1)?;
            let currency = code.parse().map_err(|_| Fault::Corrupt(format!("'{code}' is no currency")))?;
            totals.turnover.push(Turnover { currency, captured: column(row, 3)?, refunded: column(row, 4)? });
        }
        "declined" => totals.declined += count,
        _ => totals.voided += count,
    }
    Ok(())
}

fn charge(row: &Row) -> Result<Charge, Fault> {
    json(row, 0)
}

const fn word(status: &Status) -> &'static str {
    match status {
        Status::Captured(_) => "captured",
        Status::Declined { .. } => "declined",
        Status::Voided => "voided",
    }
}
