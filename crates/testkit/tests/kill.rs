//! The kill test: the release binary under load is killed with SIGKILL at named points, the payment provider too, again
//! and again. Afterwards every acknowledged order is there, has ended, and is charged exactly once.
//!
//! It needs the binary: `cargo build --release`, then `cargo test -p ordo-testkit --test kill -- --ignored`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "the whole file is a test"
)]

#[path = "kill/load.rs"]
mod load;

use std::collections::BTreeMap;

use load::Load;
use serde_json::Value;
use testkit::binary::{Client, Fleet};

/// Where the shop is killed, round by round: the service, the point, and how often the point is reached before.
const ROUNDS: &[(&str, &str, u32)] = &[
    ("orders", "begin.before", 40),
    ("orders", "load.after", 25),
    ("orders", "write.before", 30),
    ("orders", "write.after", 35),
    ("orders", "commit.before", 20),
    ("orders", "commit.after", 45),
    ("orders", "settle.before", 15),
    ("orders", "settle.after", 30),
    ("orders", "poll.after", 50),
    ("payments", "begin.before", 20),
    ("payments", "write.before", 25),
    ("payments", "write.after", 15),
    ("payments", "commit.before", 30),
    ("payments", "commit.after", 20),
    ("payments", "perform.before", 35),
    ("payments", "perform.after", 60),
    ("payments", "settle.before", 10),
    ("processing", "load.after", 20),
    ("processing", "write.after", 15),
    ("processing", "commit.before", 25),
    ("processing", "commit.after", 20),
    ("processing", "settle.after", 15),
];
/// The provider is killed in every round whose number this divides.
const PROVIDER_EVERY: usize = 4;

#[test]
#[ignore = "needs the release binary; scripts/test builds it and runs this"]
fn no_acknowledged_order_is_lost_or_doubled() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(kill_and_look());
}

async fn kill_and_look() {
    let mut fleet = Fleet::new();
    let load = Load::start(&fleet.shop_url());
    let mut killed = 0;
    for (round, (service, point, count)) in ROUNDS.iter().enumerate() {
        let crash = format!("{service}/{point}:{count}");
        let mut shop = fleet.shop(Some(&crash)).await;
        load.aim(true);
        if round % PROVIDER_EVERY == 0 {
            fleet.restart_provider().await;
            killed += 1;
        }
        shop.dies(&crash).await;
        killed += 1;
    }
    let mut shop = fleet.shop(None).await;
    let acknowledged = load.finish().await;
    println!("{killed} processes killed, {} orders acknowledged", acknowledged.len());
    assert!(killed >= 20 && acknowledged.len() > 100, "the load was too small to show anything");

    let client = Client::new(fleet.shop_url());
    let mut totals = BTreeMap::new();
    for id in &acknowledged {
        let order = client.until_terminal(id).await;
        assert_eq!(order["status"], "PROCESSED", "order {id}: {order}");
        if order["payment_method"].is_string() {
            totals.insert(id.clone(), order["total_amount"].to_string());
        }
    }
    let ledger = Client::new(fleet.provider_url()).ledger().await;
    charged_exactly_once(&totals, &ledger);
    shop.stop().await;
    fleet.audit();
}

/// Every paid order has one captured charge of its total, and nothing else is captured but for orders whose answer
/// nobody saw.
fn charged_exactly_once(totals: &BTreeMap<String, String>, ledger: &[Value]) {
    let mut charges: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for charge in ledger.iter().filter(|charge| charge["status"] == "captured") {
        let order = charge["order_id"].as_str().unwrap().to_owned();
        charges.entry(order).or_default().push(charge["amount"].to_string());
    }
    for (order, charged) in &charges {
        assert_eq!(charged.len(), 1, "order {order} was charged {} times", charged.len());
    }
    for (order, total) in totals {
        assert_eq!(charges.get(order).map(|charged| &charged[0]), Some(total), "order {order}");
    }
    println!("{} paid orders, each charged once", totals.len());
}
