//! `ordo audit`: checks the promises over the data, also beside a running server.

use std::collections::HashSet;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use engine::reading::Reading;
use engine::{Clock, Key, Service, SystemClock};
use invariants::{Audit, Sources, Summary, Violation, behind, underway};
use processing::Processing;
use settings::{BrokerUrl, Settings};

use crate::cli;
use crate::shop;
use crate::stores::{Ledger, Purpose, Stores, open_ledger};

/// How long what looks broken on a running server has to go on looking so.
const SECOND_LOOK: Duration = Duration::from_secs(5);
/// Violations named one by one; further ones are only counted.
const NAMED: usize = 100;
/// Rows of a table in memory.
const PAGE: usize = 1_000;

/// What is audited. The ledger only where the provider is the one that ships with ordo.
struct Books {
    shop: Stores,
    ledger: Option<Ledger>,
}

/// Audits the shop's databases.
pub async fn run(settings: &Settings, audit: &cli::Audit) -> Result<ExitCode> {
    let books = open(settings).await?;
    let (mut summary, suspected) = look(&books, settings).await?;
    let broken = match suspected.is_empty() {
        true => Vec::new(),
        false => look_again(&books, settings, &suspected, &mut summary).await?,
    };
    report(audit.json, summary, &broken);
    Ok(if broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn open(settings: &Settings) -> Result<Books> {
    let shop = Stores::open(settings, Purpose::LookOn).await?;
    let ledger = match settings.payment_url {
        None => open_ledger(settings, false, Purpose::LookOn).await?,
        Some(_) => None,
    };
    Ok(Books { shop, ledger })
}

fn audit_of<'s>(books: &'s Books, underway: &'s HashSet<Key>, settings: &Settings) -> Audit<'s> {
    Audit {
        sources: Sources {
            orders: &*books.shop.orders.queries,
            payments: &*books.shop.payments.queries,
            catalog: &*books.shop.catalog.queries,
            processing: (!settings.processing.elsewhere).then_some(&*books.shop.processing.queries),
            ledger: books.ledger.as_ref().map(|ledger| &*ledger.queries),
        },
        underway,
        now: SystemClock.now(),
        stuck_after: settings.orders.stuck_after,
        page: PAGE,
    }
}

async fn look(books: &Books, settings: &Settings) -> Result<(Summary, Vec<Key>)> {
    let mut suspected = Vec::new();
    let underway = match settings.broker_url {
        BrokerUrl::Embedded => underway(&readings(books, settings)).await?,
        // What a broker has cannot be listed; of those that are suspected it can be told.
        BrokerUrl::Kafka(_) | BrokerUrl::Amqp(_) => HashSet::new(),
    };
    let summary =
        audit_of(books, &underway, settings).run(&mut |violation| suspected.push(violation.key)).await?;
    suspected.sort_unstable();
    suspected.dedup();
    Ok((summary, suspected))
}

/// The services' databases are read one after the other: on a running server they may disagree for a moment.
async fn look_again(
    books: &Books,
    settings: &Settings,
    suspected: &[Key],
    summary: &mut Summary,
) -> Result<Vec<Violation>> {
    second_look().await;
    let mut broken = Vec::new();
    let readings = readings(books, settings);
    let underway = match settings.broker_url {
        BrokerUrl::Embedded => underway(&readings).await?,
        BrokerUrl::Kafka(_) | BrokerUrl::Amqp(_) => {
            let behind = behind(&readings, suspected).await?;
            summary.underway = behind.len() as u64;
            behind
        }
    };
    audit_of(books, &underway, settings).recheck(suspected, &mut |violation| broken.push(violation)).await?;
    Ok(broken)
}

fn readings(books: &Books, settings: &Settings) -> Vec<Reading> {
    let mut readings = shop::readings(&books.shop);
    if settings.processing.elsewhere {
        readings.retain(|reading| ![reading.source, reading.consumer].contains(&Processing::NAME));
    }
    readings
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
            "underway": summary.underway,
            "charges": summary.charges,
            "violations": broken.len(),
            "named": named,
        });
        println!("{report}");
        return;
    }
    broken.iter().take(NAMED).for_each(|violation| println!("{violation}"));
    if summary.underway > 0 {
        println!(
            "an event about {} of the orders is on its way: what the services say of them was not compared",
            summary.underway
        );
    }
    println!(
        "{} orders and {} charges audited, {} violations",
        summary.orders,
        summary.charges,
        broken.len()
    );
}
