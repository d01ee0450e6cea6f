//! The ledger of the payment provider.

use async_trait::async_trait;
use engine::store::Existing;
use engine::{Fault, Key};
use provider::{Charge, Ledger, Provider, Status, Totals, Turnover};
use rusqlite::types::FromSqlError;
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::columns::{KeyColumn, limit};
use crate::migration;
use crate::migration::Migration;
use crate::services::{json, text};
use crate::store::SqliteStore;
use crate::tables::Tables;

/// The table of the payment provider.
#[derive(Clone, Copy, Debug, Default)]
pub struct ProviderTables;

impl Tables<Provider> for ProviderTables {
    fn migrations(&self) -> &'static [Migration] {
        const MIGRATIONS: &[Migration] = &[migration!("provider/0001_provider")];
        MIGRATIONS
    }

    fn load(&self, conn: &Connection, key: &Key) -> rusqlite::Result<Option<Charge>> {
        load(conn, key)
    }

    fn save(&self, conn: &Connection, key: &Key, entry: &Charge, existing: Existing) -> rusqlite::Result<()> {
        let sql = match existing {
            Existing::No => {
                "INSERT INTO charges (key, status, currency, captured, refunded, charge)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
            }
            Existing::Yes => {
                "UPDATE charges SET status = ?2, currency = ?3, captured = ?4, refunded = ?5, charge = ?6
                WHERE key = ?1"
            }
        };
        let capture = entry.capture();
        let values = params![
            KeyColumn(key),
            word(&entry.status),
            entry.purchase().map(|purchase| purchase.amount.currency.code()),
            capture.map_or(0, provider::Capture::captured),
            capture.map_or(0, provider::Capture::refunded),
            text(entry)?,
        ];
        conn.prepare_cached(sql)?.execute(values).map(drop)
    }
}

#[async_trait]
impl Ledger for SqliteStore<Provider> {
    async fn by_key(&self, key: &Key) -> Result<Option<Charge>, Fault> {
        if let Some(charge) = self.hot(key) {
            return Ok(Some((*charge).clone()));
        }
        self.query(|conn| load(conn, key))
    }

    /// Names come before ids: text sorts before blobs.
    async fn page(&self, after: Option<&Key>, rows: usize) -> Result<Vec<Charge>, Fault> {
        let sql = match after {
            Some(_) => "SELECT charge FROM charges WHERE key > ?1 ORDER BY key LIMIT ?2",
            None => "SELECT charge FROM charges WHERE ?1 IS NULL ORDER BY key LIMIT ?2",
        };
        self.scan_rows(|conn| {
            let mut statement = conn.prepare_cached(sql)?;
            statement.query_map(params![after.map(KeyColumn), limit(rows)], charge)?.collect()
        })
        .await
    }

    async fn totals(&self) -> Result<Totals, Fault> {
        let sql = "SELECT status, currency, count(*), sum(captured), sum(refunded) FROM charges
            GROUP BY status, currency ORDER BY currency";
        self.scan_rows(|conn| {
            let mut totals = Totals::default();
            let mut statement = conn.prepare_cached(sql)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                add(&mut totals, row)?;
            }
            Ok(totals)
        })
        .await
    }
}

fn add(totals: &mut Totals, row: &Row<'_>) -> rusqlite::Result<()> {
    let count = row.get::<_, i64>(2)?.cast_unsigned();
    match row.get_ref(0)?.as_str()? {
        "captured" => {
            totals.captured += count;
            let currency = row.get_ref(1)?.as_str()?.parse().map_err(FromSqlError::other)?;
            totals.turnover.push(Turnover { currency, captured: row.get(3)?, refunded: row.get(4)? });
        }
        "declined" => totals.declined += count,
        _ => totals.voided += count,
    }
    Ok(())
}

fn load(conn: &Connection, key: &Key) -> rusqlite::Result<Option<Charge>> {
    let sql = "SELECT charge FROM charges WHERE key = ?1";
    conn.prepare_cached(sql)?.query_row([KeyColumn(key)], charge).optional()
}

fn charge(row: &Row<'_>) -> rusqlite::Result<Charge> {
    json(row.get_ref(0)?.as_str()?)
}

const fn word(status: &Status) -> &'static str {
    match status {
        Status::Captured(_) => "captured",
        Status::Declined { .. } => "declined",
        Status::Voided => "voided",
    }
}
