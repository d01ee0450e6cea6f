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

use serde_json::{Value, json};
use testkit::binary::{Client, Engine, Fleet};

const DOCUMENT: &str = include_str!("../../../docs/examples/full-document.json");

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
        five_forms(&client).await;
        one_order_for_one_key(&client).await;
        declined_cancelled_refunded(&client).await;
        bad_input(&client).await;
        for path in ["/health", "/health/live", "/health/ready", "/openapi.json", "/api/v1/menu"] {
            assert_eq!(client.get(path).await.map(|(status, _)| status), Some(200), "{path}");
        }
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
        (all && duplicates(client).await >= 50).then_some(placed.len())
    };
    assert_eq!(client.until("what was produced is placed and processed", placed).await, 50);
}

/// How many messages the orders service has told to be duplicates.
async fn duplicates(client: &Client) -> u64 {
    let metrics = client.text("/metrics").await.unwrap();
    let line = r#"messages_total{service="orders",verdict="duplicate"} "#;
    metrics.lines().find_map(|found| found.strip_prefix(line)).map_or(0, |count| count.parse().unwrap())
}

async fn orders(client: &Client) -> Vec<Value> {
    let (status, orders) = client.get("/api/v1/orders?limit=1000").await.unwrap();
    assert_eq!(status, 200);
    orders.as_array().unwrap().clone()
}

async fn five_forms(client: &Client) {
    let forms = [
        r#"{"customer_name": "John Doe", "total_amount": 100.50}"#,
        r#"{"customer_id": "customer-123", "items": [{"product_id": "product-1", "quantity": 2, "price": 10.50},
            {"product_id": "product-2", "quantity": 1, "price": 25.00}]}"#,
        r#"{"items": [{"pizzaId": "margherita", "quantity": 1}], "deliveryAddress": "Test Street 123",
            "paymentMethod": "card"}"#,
        r#"{"user_id": "user_1", "amount": "140", "products": [{"product_id": "product_001", "quantity": 1},
            {"product_id": "product_002", "quantity": 19}]}"#,
        DOCUMENT,
    ];
    let totals = [json!(100.5), json!(46.0), json!(12.0), json!(140.0), json!(3265.0)];
    for (form, (body, total)) in forms.iter().zip(totals).enumerate() {
        let order = placed(client, &format!("form-{form}"), body).await;
        assert_eq!(order["status"], "PROCESSED", "{order}");
        assert_eq!(order["total_amount"], total);
        let id = order["id"].as_str().unwrap();
        let (_, timeline) = client.get(&format!("/api/v1/orders/{id}/timeline")).await.unwrap();
        let types: Vec<_> =
            timeline.as_array().unwrap().iter().map(|entry| entry["type"].as_str().unwrap()).collect();
        assert!(types.starts_with(&["order.created"]) && types.ends_with(&["order.completed"]), "{types:?}");
    }
    let document: Value = serde_json::from_str(DOCUMENT).unwrap();
    let uid = document["order_uid"].as_str().unwrap();
    let (status, mut whole) = client.get(&format!("/order/{uid}")).await.unwrap();
    assert_eq!(status, 200);
    assert_eq!(whole.as_object_mut().unwrap().remove("status"), Some(json!("PROCESSED")));
    assert_eq!(whole, document);
}

async fn one_order_for_one_key(client: &Client) {
    let body = r#"{"customer_name": "Once", "total_amount": 1}"#;
    let (_, first) = client.post("/api/v1/orders", "once", body).await.unwrap();
    let (status, second) = client.post("/api/v1/orders", "once", body).await.unwrap();
    assert_eq!((status, &second["id"]), (201, &first["id"]));
    let other =
        client.post("/api/v1/orders", "once", r#"{"customer_name": "Once", "total_amount": 2}"#).await;
    assert_eq!(other.unwrap().0, 422);
    let (status, _) = client.post("/api/v1/orders", "document-again", DOCUMENT).await.unwrap();
    assert_eq!(status, 200, "the same document again is the first order");
}

async fn declined_cancelled_refunded(client: &Client) {
    let by = |method: &str| {
        format!(r#"{{"customer_name": "B", "total_amount": 10, "payment_method": "{method}"}}"#)
    };
    let declined = placed(client, "declined", &by("card-declined")).await;
    assert_eq!((&declined["status"], &declined["payment_status"]), (&json!("FAILED"), &json!("FAILED")));
    let paid = placed(client, "paid", &by("card")).await;
    let id = paid["id"].as_str().unwrap();
    let cancel = client.post(&format!("/api/v1/orders/{id}/cancel"), "cancel", r#"{"reason": "late"}"#).await;
    assert_eq!(cancel.unwrap().0, 409, "a processed order cannot be cancelled");
    let refund = format!("/api/v1/orders/{id}/refund");
    let (status, answer) =
        client.post(&refund, "refund", r#"{"reason": "cold", "amount": 4}"#).await.unwrap();
    assert!(status == 200 || status == 202, "{status} {answer}");
    let (status, _) = client.post(&refund, "refund-2", r#"{"reason": "cold", "amount": 7}"#).await.unwrap();
    assert_eq!(status, 422, "more than what is left cannot be given back");
}

async fn bad_input(client: &Client) {
    let nested = "[".repeat(100_000);
    let cases: [(&str, u16); 8] = [
        ("{", 400),
        (&nested, 400),
        (r#"{"hello": 1}"#, 422),
        (r#"{"customer_name": "A", "total_amount": 1.005}"#, 422),
        (r#"{"customer_name": "A", "total_amount": -1}"#, 422),
        (r#"{"customer_name": "A", "customer_name": "B", "total_amount": 1}"#, 422),
        (r#"{"customer_name": "A", "total_amount": 1, "currency": "XXQ"}"#, 422),
        (r#"{"items": [{"pizzaId": "no-such", "quantity": 1}]}"#, 422),
    ];
    for (number, (body, status)) in cases.into_iter().enumerate() {
        let (answered, problem) =
            client.post("/api/v1/orders", &format!("bad-{number}"), body).await.unwrap();
        let shown: String = body.chars().take(80).collect();
        assert_eq!(answered, status, "{shown}: {problem}");
        assert!(problem["type"].as_str().unwrap().starts_with("/problems/"), "{shown}: {problem}");
    }
    let malformed = client.get("/api/v1/orders?cursor=!").await.unwrap();
    assert_eq!(malformed.0, 400);
    assert_eq!(client.get("/api/v1/orders/no-such-order").await.unwrap().0, 404);
}

async fn placed(client: &Client, key: &str, body: &str) -> Value {
    let (status, order) = client.post("/api/v1/orders", key, body).await.unwrap();
    assert_eq!(status, 201, "{order}");
    client.until_terminal(order["id"].as_str().unwrap()).await
}
