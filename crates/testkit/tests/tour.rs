//! The tour of the README on the release binary: each of the five forms is placed over HTTP and reaches PROCESSED, form 5
//! comes back whole, the timeline tells the story, bad input gets a problem, and the audit is clean; on every engine that
//! it can stand on.
//!
//! It needs the binary: `cargo build --release`, then `cargo test -p ordo-testkit --test tour -- --ignored`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "the whole file is a test"
)]

#[path = "tour/forms.rs"]
mod forms;
#[path = "tour/story.rs"]
mod story;

use serde_json::Value;
use testkit::binary::{Client, Engine, Fleet};

/// How many messages the orders service has told to be duplicates.
const DUPLICATES: &str = r#"messages_total{service="orders",verdict="duplicate"}"#;

#[test]
#[ignore = "needs the release binary; scripts/test builds it and runs this"]
fn on_the_embedded_default() {
    tour(Engine::Embedded);
}

#[test]
#[ignore = "needs the release binary and scripts/services up postgres kafka"]
fn on_postgresql_and_kafka() {
    tour(Engine::Kafka);
}

#[test]
#[ignore = "needs the release binary and scripts/services up postgres rabbitmq"]
fn on_postgresql_and_rabbitmq() {
    tour(Engine::RabbitMq);
}

fn tour(engine: Engine) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let fleet = Fleet::on(engine).await;
        let mut shop = fleet.shop(None).await;
        let client = Client::new(fleet.shop_url());
        story::tell(&client).await;
        if engine != Engine::Embedded {
            orders_come_in_over_the_broker(&fleet, &client).await;
        }
        shop.stop().await;
        fleet.audit();
        fleet.close().await;
    });
}

/// Those that are produced twice are placed once.
async fn orders_come_in_over_the_broker(fleet: &Fleet, client: &Client) {
    let before: Vec<_> = orders(client).await.iter().map(|order| order["id"].clone()).collect();
    for _ in 0..2 {
        println!("{}", fleet.run(&["produce", "--orders", "50", "--seed", "7"]).trim());
    }
    let placed = async || {
        let mut placed = orders(client).await;
        placed.retain(|order| !before.contains(&order["id"]));
        let all = placed.len() >= 50 && placed.iter().all(|order| order["status"] == "PROCESSED");
        (all && client.count(DUPLICATES).await >= 50).then_some(placed.len())
    };
    assert_eq!(client.until("what was produced is placed and processed", placed).await, 50);
}

async fn orders(client: &Client) -> Vec<Value> {
    let (status, orders) = client.get("/api/v1/orders?limit=1000").await.unwrap();
    assert_eq!(status, 200);
    orders.as_array().unwrap().clone()
}
