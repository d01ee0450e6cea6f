//! Upgrade: data directories as earlier versions left them, opened with today's binary. Every order is found as that version told it,
//! what was under way goes on, and what waits for a person still does.
//!
//! `scripts/store-directory` makes such a directory, with what the version said of it. It needs the binary:
//! `cargo build --release`, then `cargo test -p ordo-testkit --test upgrade -- --ignored`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "the whole file is a test")]

use std::path::{Path, PathBuf};
use std::process::Command;

use rusqlite::Connection;
use serde_json::{Map, Value};
use testkit::binary::{Alone, Client};

/// Where stored directories lie.
const STORED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/upgrade");
/// What has changed by itself when a directory is opened a long time later: its deadline has passed.
const LATE: &str = "late";
/// What becomes of the others that had not ended, once the provider answers again.
const ENDS: &[(&str, &str)] = &[("open", "PROCESSED"), ("cancelled", "CANCELLED")];

#[test]
#[ignore = "needs the release binary; scripts/test builds it and runs this"]
fn every_stored_directory_goes_on() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let stored: Vec<PathBuf> =
        std::fs::read_dir(STORED).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(!stored.is_empty(), "there is no stored directory");
    for directory in stored {
        println!("{}", directory.display());
        runtime.block_on(goes_on(&directory));
    }
}

async fn goes_on(stored: &Path) {
    let home = tempfile::tempdir().unwrap();
    let unpacked = Command::new("tar").arg("-xzf").arg(stored).arg("-C").arg(home.path()).status().unwrap();
    assert!(unpacked.success());
    let told: Value = serde_json::from_slice(&std::fs::read(home.path().join("told.json")).unwrap()).unwrap();

    let mut shop = Alone::at(&home.path().join("data"));
    shop.say("ORDO_ORDERS_STUCK_AFTER", "1s");
    // Nothing moves that waits for the provider, and nothing that was given up is tried again.
    shop.say("ORDO_PROVIDER_OUTAGE", "true");
    let mut server = shop.serve();
    let client = Client::new(shop.url());
    all_is_as_it_was_told(&client, &told).await;
    keys_and_external_ids_are_known(&client, &told).await;
    let late = client.until_terminal(id_of(&told, LATE)).await;
    assert_eq!(late["status"], "CANCELLED", "its deadline has passed: {late}");

    client.put("/api/v1/provider/settings", "{}").await.unwrap();
    for (name, status) in ENDS {
        let ended = async || {
            let (_, payment) = client.get(&format!("/api/v1/payments/order/{}", id_of(&told, name))).await?;
            (payment["status"] != "PENDING").then_some(payment)
        };
        client.until(&format!("the payment of {name} ends"), ended).await;
        assert_eq!(client.until_terminal(id_of(&told, name)).await["status"], **status, "{name}");
    }
    new_orders_are_taken(&client).await;
    server.stop().await;
    what_waits_for_a_person_still_does(shop.data(), &told);
    shop.succeeds(&["audit"]);
}

/// What the version said of an order is still said of it. A newer one may say more.
async fn all_is_as_it_was_told(client: &Client, told: &Value) {
    for told in told["orders"].as_array().unwrap().iter().filter(|told| told["name"] != LATE) {
        let id = told["order"]["id"].as_str().unwrap();
        for (path, told) in [
            (format!("/api/v1/orders/{id}"), &told["order"]),
            (format!("/api/v1/orders/{id}/timeline"), &told["timeline"]),
            (format!("/api/v1/payments/order/{id}"), &told["payment"]),
        ] {
            let (status, now) = client.get(&path).await.unwrap();
            match told {
                Value::Null => assert_eq!(status, 404, "{path}: {now}"),
                told => is_still_said(&path, told, &now),
            }
        }
    }
    let uid = told["document"]["order_uid"].as_str().unwrap();
    let (_, document) = client.get(&format!("/order/{uid}")).await.unwrap();
    is_still_said(uid, &told["document"], &document);
}

/// Every field that was told is told, and says the same.
fn is_still_said(place: &str, told: &Value, now: &Value) {
    match (told, now) {
        (Value::Object(told), Value::Object(now)) => {
            for (field, told) in told {
                let place = format!("{place}/{field}");
                // How far a payment's attempts have got is no promise, and goes on while the provider is away.
                if ["exchanges", "updated_at", "attempts"].contains(&field.as_str()) && is_open(now) {
                    continue;
                }
                is_still_said(&place, told, now.get(field).unwrap_or_else(|| panic!("{place} is gone")));
            }
        }
        (Value::Array(told), Value::Array(now)) => {
            assert_eq!(told.len(), now.len(), "{place}: {now:?}");
            told.iter().zip(now).for_each(|(told, now)| is_still_said(place, told, now));
        }
        (Value::Number(told), Value::Number(now)) => assert_eq!(told.as_f64(), now.as_f64(), "{place}"),
        _ => assert_eq!(told, now, "{place}"),
    }
}

fn is_open(payment: &Map<String, Value>) -> bool {
    payment.get("status").is_some_and(|status| status == "PENDING")
}

/// A client that repeats what it sent to the version before gets what that answered.
async fn keys_and_external_ids_are_known(client: &Client, told: &Value) {
    let priced = r#"{"customer_id": "customer-123", "items": [{"product_id": "product-1", "quantity": 2, "price": 10.50}]}"#;
    let (status, order) = client.post("/api/v1/orders", "priced", priced).await.unwrap();
    assert_eq!((status, &order["id"]), (201, &Value::from(id_of(told, "priced"))), "{order}");
    let (status, _) = client
        .post("/api/v1/orders", "priced", r#"{"customer_name": "Eve", "total_amount": 1}"#)
        .await
        .unwrap();
    assert_eq!(status, 422, "the key was used with another request");
    let refunded = r#"{"customer_name": "Ann", "total_amount": 20, "currency": "EUR", "payment_method": "card", "external_id": "theirs-1"}"#;
    let (status, order) = client.post("/api/v1/orders", "another key", refunded).await.unwrap();
    assert_eq!((status, &order["id"]), (200, &Value::from(id_of(told, "refunded"))), "{order}");
}

async fn new_orders_are_taken(client: &Client) {
    let body = r#"{"items": [{"pizzaId": "margherita", "quantity": 1}], "paymentMethod": "card"}"#;
    let (status, order) = client.post("/api/v1/orders", "new", body).await.unwrap();
    assert_eq!(status, 201, "{order}");
    assert_eq!(client.until_terminal(order["id"].as_str().unwrap()).await["status"], "PROCESSED");
}

/// Dead letters are as they were, with the rows that they hold back.
fn what_waits_for_a_person_still_does(data: &Path, told: &Value) {
    let mut waiting = 0;
    for told in told["rows"].as_array().unwrap() {
        let file = Connection::open(data.join(told["file"].as_str().unwrap())).unwrap();
        for dead in told["dead"].as_array().unwrap() {
            let said = |field: &str| dead[field].as_str().unwrap();
            let sql = "SELECT code || ' ' || state FROM dead_letters WHERE hex(key) = ?1 AND name = ?2";
            let now: String =
                file.query_row(sql, [said("key"), said("name")], |row| row.get(0)).expect("a dead letter");
            assert_eq!(now, format!("{} {}", said("code"), said("state")));
            waiting += 1;
        }
        for row in told["scheduled"].as_array().unwrap().iter().filter(|row| row["kind"] == "held") {
            let sql = "SELECT standing FROM scheduled WHERE hex(key) = ?1 AND name = ?2";
            let said = |field: &str| row[field].as_str().unwrap();
            let now: String =
                file.query_row(sql, [said("key"), said("name")], |row| row.get(0)).expect("a held event");
            assert_eq!(now, said("standing"));
            waiting += 1;
        }
    }
    assert!(waiting > 0, "nothing waits for a person");
}

fn id_of<'t>(told: &'t Value, name: &str) -> &'t str {
    let mut orders = told["orders"].as_array().unwrap().iter();
    orders.find(|order| order["name"] == name).unwrap()["order"]["id"].as_str().unwrap()
}

/// What a newer version has done to a file is not guessed at.
#[test]
#[ignore = "needs the release binary; scripts/test builds it and runs this"]
fn a_directory_of_a_newer_version_is_refused_and_left_alone() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let home = tempfile::tempdir().unwrap();
        let shop = Alone::at(&home.path().join("data"));
        shop.serve().stop().await;
        let file = shop.data().join("payments.db");
        let newer = "INSERT INTO migrations VALUES ('payments/0099_newer', 'unknown', 0)";
        Connection::open(&file).unwrap().execute(newer, ()).unwrap();
        let before = std::fs::read(&file).unwrap();
        for command in ["serve", "migrate"] {
            let said = shop.fails(&[command]);
            assert!(said.contains("payments.db was last used by a newer ordo"), "{said}");
            assert!(
                said.contains("0099_newer") && said.contains("run that version or restore a backup"),
                "{said}"
            );
        }
        assert!(std::fs::read(&file).unwrap() == before, "it was written");
    });
}
