//! Other teams' systems beside the shop, over both brokers: they have a plain client and `docs/operations.md`, and know nothing
//! of CloudEvents. Their kitchen works orders off in place of ours, what they send is placed, once, and what is no order is a
//! dead letter and stops nobody.
//!
//! It needs the binary, and the servers of `scripts/services`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "the whole file is a test"
)]

#[path = "interop/again.rs"]
mod again;
#[path = "tour/forms.rs"]
mod forms;
#[path = "interop/over_kafka.rs"]
mod over_kafka;
#[path = "interop/over_rabbitmq.rs"]
mod over_rabbitmq;
#[path = "interop/theirs.rs"]
mod theirs;

use forms::{DOCUMENT, FORMS, totals};
use over_kafka::OverKafka;
use over_rabbitmq::OverRabbit;
use serde_json::{Value, json};
use testkit::binary::{Client, Engine, Fleet};
use theirs::{OVEN, Theirs, UNLUCKY};

/// How many messages became dead letters of the orders service.
const DEAD: &str = r#"dead_letters_total{service="orders"}"#;
/// What is no order: no JSON, and a document that lacks nearly everything.
const NO_ORDERS: [&str; 2] = ["garbage", r#"{"order_uid": "c71e90d4"}"#];

#[test]
#[ignore = "needs the release binary and scripts/services up postgres kafka"]
fn other_teams_need_kafka_and_nothing_else() {
    run(async {
        let fleet = Fleet::on(Engine::Kafka).await;
        let theirs = OverKafka::of(fleet.ground());
        stand_beside(fleet, &theirs).await;
    });
}

#[test]
#[ignore = "needs the release binary and scripts/services up postgres rabbitmq"]
fn other_teams_need_rabbitmq_and_nothing_else() {
    run(async {
        let fleet = Fleet::on(Engine::RabbitMq).await;
        let theirs = OverRabbit::of(fleet.ground()).await;
        stand_beside(fleet, &theirs).await;
    });
}

/// Runs a test.
fn run(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.unwrap().block_on(test);
}

async fn stand_beside(mut fleet: Fleet, theirs: &dyn Theirs) {
    fleet.say("ORDO_PROCESSING_ELSEWHERE", "true");
    let client = Client::new(fleet.shop_url());
    let mut shop = fleet.shop(None).await;
    let _kitchen = theirs.kitchen().await;
    their_kitchen_works(&client).await;
    let before = orders(&client).await.len();
    their_orders_are_placed(&client, theirs).await;
    assert_eq!(orders(&client).await.len(), before + FORMS.len() + 1, "each of them once");
    assert_eq!(client.count(DEAD).await, NO_ORDERS.len() as u64);
    shop.stop().await;

    let mut next = fleet.shop(None).await;
    place(&client, theirs, "Next").await;
    assert_eq!(orders(&client).await.len(), before + FORMS.len() + 2, "nothing is placed again");
    assert_eq!(client.count(DEAD).await, 0, "nothing is delivered again");
    next.stop().await;
    fleet.audit();
    fleet.close().await;
}

/// What it says twice it says once.
async fn their_kitchen_works(client: &Client) {
    let paid = r#"{"customer_name": "Ann", "total_amount": 12, "payment_method": "card"}"#;
    let (status, order) = client.post("/api/v1/orders", "lucky", paid).await.unwrap();
    assert_eq!(status, 201, "{order}");
    let id = order["id"].as_str().unwrap();
    let order = client.until_terminal(id).await;
    assert_eq!((&order["status"], &order["payment_status"]), (&json!("PROCESSED"), &json!("PAID")));
    let (_, timeline) = client.get(&format!("/api/v1/orders/{id}/timeline")).await.unwrap();
    let processed = |entry: &&Value| entry["type"] == "order.processed";
    assert_eq!(timeline.as_array().unwrap().iter().filter(processed).count(), 1, "{timeline}");

    let failing = format!(
        r#"{{"customer_id": "{UNLUCKY}", "items": [{{"product_id": "p", "quantity": 1, "price": 13}}], "payment_method": "card"}}"#
    );
    let (_, order) = client.post("/api/v1/orders", "unlucky", &failing).await.unwrap();
    let path = format!("/api/v1/orders/{}", order["id"].as_str().unwrap());
    let order = client.until("a paid order that fails is refunded", async || {
        let (_, order) = client.get(&path).await?;
        (order["payment_status"] == "REFUNDED").then_some(order)
    });
    let order = order.await;
    assert_eq!((&order["status"], &order["refunded_amount"]), (&json!("FAILED"), &json!(13.0)), "{order}");
    assert_eq!(order["reason"], json!({"code": "processing_failed", "message": OVEN}));
}

/// All of them come in the order in which they are sent, so that nothing is on its way any more when the last one is there.
async fn their_orders_are_placed(client: &Client, theirs: &dyn Theirs) {
    for body in FORMS.into_iter().chain([DOCUMENT]).chain(NO_ORDERS) {
        theirs.send(body).await;
    }
    place(client, theirs, "Last").await;
    let all = client.until("their orders are processed", async || {
        let mut all = orders(client).await;
        all.retain(|order| order["status"] == "PROCESSED");
        (all.len() > FORMS.len() + 1).then_some(all)
    });
    let all = all.await;
    for total in totals() {
        assert!(all.iter().any(|order| order["total_amount"] == total), "an order of {total} is missing");
    }
    let document: Value = serde_json::from_str(DOCUMENT).unwrap();
    let uid = document["order_uid"].as_str().unwrap();
    let (_, mut whole) = client.get(&format!("/order/{uid}")).await.unwrap();
    whole.as_object_mut().unwrap().remove("status");
    assert_eq!(whole, document);
}

/// Sends an order in this name, and awaits that it is processed.
async fn place(client: &Client, theirs: &dyn Theirs, name: &str) {
    theirs.send(&format!(r#"{{"customer_name": "{name}", "total_amount": "7.50"}}"#)).await;
    client
        .until("what was sent last is processed", async || {
            let all = orders(client).await;
            all.iter()
                .any(|order| order["customer_name"] == name && order["status"] == "PROCESSED")
                .then_some(())
        })
        .await;
}

async fn orders(client: &Client) -> Vec<Value> {
    let (status, orders) = client.get("/api/v1/orders?limit=1000").await.unwrap();
    assert_eq!(status, 200, "{orders}");
    orders.as_array().unwrap().clone()
}
