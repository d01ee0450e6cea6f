//! `ordo audit`: checks the promises over the data, also beside a running server.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use engine::{Clock, Key, SystemClock};
use invariants::{Audit, Sources, Summary, Violation};
use settings::Settings;
use store_sqlite::{
    CatalogTables, DataDirectory, OrdersTables, PaymentsTables, ProcessingTables, ProviderTables, SqliteStore,
};

use crate::cli;

/// How long what looks broken on a running server has to go on looking so.
const SECOND_LOOK: Duration = Duration::from_secs(5);
/// Violations named one by one; further ones are only counted.
const NAMED: usize = 100;
/// Rows of a table in memory.
const PAGE: usize = 1_000;

struct Stores {
    orders: SqliteStore<orders::Orders>,
    payments: SqliteStore<payments::Payments>,
    processing: SqliteStore<processing::Processing>,
    ledger: Option<SqliteStore<provider::Provider>>,
}

/// Audits the data directory.
pub async fn run(settings: &Settings, audit: &cli::Audit) -> Result<ExitCode> {
    let stores = open(settings)?;
    let (summary, suspected) = look(&stores, settings).await?;
    let broken =
        if suspected.is_empty() { Vec::new() } else { look_again(&stores, settings, &suspected).await? };
    report(audit.json, summary, &broken);
    Ok(if broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The ledger is audited where the provider is the one that ships with ordo.
fn open(settings: &Settings) -> Result<Stores> {
    // The catalog has nothing to audit yet, but a directory without it is not a shop's.
    let directory = DataDirectory::look_on(&super::data_directory(settings)?);
    let ledger = DataDirectory::look_on(&super::provider_directory(settings, false)?);
    SqliteStore::look_on(&directory, CatalogTables)?;
    Ok(Stores {
        orders: SqliteStore::look_on(&directory, OrdersTables)?,
        payments: SqliteStore::look_on(&directory, PaymentsTables)?,
        processing: SqliteStore::look_on(&directory, ProcessingTables)?,
        ledger: match settings.payment_url.is_none() && ledger.file("provider").exists() {
            true => Some(SqliteStore::look_on(&ledger, ProviderTables)?),
            false => None,
        },
    })
}

fn audit_of<'s>(stores: &'s Stores, settings: &Settings) -> Audit<'s> {
    Audit {
        sources: Sources {
            orders: &stores.orders,
            payments: &stores.payments,
            processing: Some(&stores.processing),
            ledger: stores.ledger.as_ref().map(|ledger| ledger as &dyn provider::Ledger),
        },
        now: SystemClock.now(),
        stuck_after: settings.orders.stuck_after,
        page: PAGE,
    }
}

async fn look(stores: &Stores, settings: &Settings) -> Result<(Summary, Vec<Key>)> {
    let mut suspected = Vec::new();
    let summary = audit_of(stores, settings).run(&mut |violation| suspected.push(violation.key)).await?;
    suspected.dedup();
    Ok((summary, suspected))
}

/// The services' databases are read one after the other: on a running server they may disagree for a moment.
async fn look_again(stores: &Stores, settings: &Settings, suspected: &[Key]) -> Result<Vec<Violation>> {
    second_look().await;
    let mut broken = Vec::new();
    audit_of(stores, settings).recheck(suspected, &mut |violation| broken.push(violation)).await?;
    Ok(broken)
}

#[expect(clippy::disallowed_methods, reason = "an audit of a running server waits before it looks again")]
async fn second_look() {
    tokio::time::sleep(SECOND_LOOK).await;
}

fn report(json: bool, summary: Summary, broken: &[Violation]) {
    if json {
        let named = broken.iter().take(NAMED).map(ToString::to_string).collect::<Vec<_>>();
        let report = serde_json::json!({
            "orders": summary.orders,
            "charges": summary.charges,
            "violations": broken.len(),
            "named": named,
        });
        println!("{report}");
        return;
    }
    broken.iter().take(NAMED).for_each(|violation| println!("{violation}"));
    println!(
        "{} orders and {} charges audited, {} violations",
        summary.orders,
        summary.charges,
        broken.len()
    );
}
