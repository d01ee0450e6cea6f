//! Backup and restore on the release binary: a copy that is made under load, of a server that is then killed, is a shop that goes
//! on elsewhere with all that was acknowledged before.
//!
//! It needs the binary: `cargo build --release`, then `cargo test -p ordo-testkit --test backup -- --ignored`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "the whole file is a test"
)]

#[path = "kill/books.rs"]
mod books;
#[path = "kill/load.rs"]
mod load;

use std::path::Path;
use std::time::Duration;

use books::every_order_ended_and_was_charged_once;
use load::Load;
use testkit::binary::{Alone, Client};

/// Backups, one after the other under the same load.
const BACKUPS: usize = 4;
/// Orders that are acknowledged before each of them.
const ORDERS: usize = 20;
const ORDER: &str = r#"{"items": [{"pizzaId": "margherita", "quantity": 1}], "paymentMethod": "card"}"#;

fn run(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(test);
}

#[test]
#[ignore = "needs the release binary; scripts/test builds it and runs this"]
fn a_backup_under_load_is_a_shop_that_goes_on_elsewhere() {
    run(async {
        let home = tempfile::tempdir().unwrap();
        let shop = Alone::at(&home.path().join("shop"));
        let mut server = shop.serve();
        let load = Load::start(&[shop.url()], Duration::ZERO);
        load.aim(true);
        let mut acknowledged = Vec::new();
        for number in 0..BACKUPS {
            place(&shop, number, &mut acknowledged).await;
            shop.succeeds(&["backup", text(&home.path().join(format!("backup-{number}")))]);
        }
        println!("{} orders acknowledged beside it", load.acknowledged());
        assert!(load.acknowledged() > 100, "the load was too small to show anything");
        server.kill();
        // The one that was copied goes on as behind any other crash.
        let mut server = shop.serve();
        let all = [load.finish().await, acknowledged.clone()].concat();
        every_order_ended_and_was_charged_once(&shop.url(), &shop.url(), &all).await;
        server.stop().await;
        for number in 0..BACKUPS {
            let backup = home.path().join(format!("backup-{number}"));
            let other = Alone::at(&home.path().join(format!("restored-{number}")));
            goes_on(&other, &backup, &acknowledged[..(number + 1) * ORDERS]).await;
        }
    });
}

/// Places orders, and notes their ids when they are acknowledged.
async fn place(shop: &Alone, round: usize, acknowledged: &mut Vec<String>) {
    let client = Client::new(shop.url());
    for number in 0..ORDERS {
        let key = format!("order-{round}-{number}");
        let (status, order) = client.post("/api/v1/orders", &key, ORDER).await.unwrap();
        assert_eq!(status, 201, "{order}");
        acknowledged.push(order["id"].as_str().unwrap().to_owned());
    }
}

/// All promises hold as it was copied, and still when all that was under way has ended.
async fn goes_on(shop: &Alone, backup: &Path, acknowledged: &[String]) {
    print!("{}", shop.succeeds(&["restore", text(backup)]));
    print!("{}", shop.succeeds(&["audit"]));
    let mut server = shop.serve();
    every_order_ended_and_was_charged_once(&shop.url(), &shop.url(), acknowledged).await;
    let client = Client::new(shop.url());
    let (status, order) = client.post("/api/v1/orders", "order-0-0", ORDER).await.unwrap();
    assert_eq!((status, order["id"].as_str()), (201, Some(&*acknowledged[0])), "keys are restored too");
    server.stop().await;
    print!("{}", shop.succeeds(&["audit"]));
}

#[test]
#[ignore = "needs the release binary; scripts/test builds it and runs this"]
fn a_directory_in_use_or_with_data_in_it_is_safe_from_a_restore() {
    run(async {
        let home = tempfile::tempdir().unwrap();
        let shop = Alone::at(&home.path().join("shop"));
        let (backup, json) = (home.path().join("backup"), home.path().join("json"));
        assert!(shop.fails(&["backup", text(&backup)]).contains("shop"));

        let mut server = shop.serve();
        let mut acknowledged = Vec::new();
        place(&shop, 0, &mut acknowledged).await;
        shop.succeeds(&["backup", text(&backup)]);
        assert!(shop.fails(&["restore", text(&backup), "--force"]).contains("is in use by process"));
        assert!(shop.fails(&["backup", text(&backup)]).contains("is not empty"));
        server.stop().await;

        // Without a server it is the same.
        let said = shop.succeeds(&["backup", text(&json), "--json"]);
        let manifest: serde_json::Value = serde_json::from_str(&said).unwrap();
        let written = std::fs::read_to_string(json.join("manifest.json")).unwrap();
        assert_eq!(manifest, serde_json::from_str::<serde_json::Value>(&written).unwrap());
        // A backup is a data directory that can be looked at.
        shop.succeeds(&["audit", "--set", &format!("database_url=sqlite:{}", json.display())]);

        assert!(shop.fails(&["restore", text(&backup)]).contains("say --force to move it aside"));
        let said = shop.succeeds(&["restore", text(&backup), "--force"]);
        assert!(said.contains("shop/before-restore-"), "{said}");
        goes_on(&Alone::at(&home.path().join("again")), &json, &acknowledged).await;
        let mut server = shop.serve();
        every_order_ended_and_was_charged_once(&shop.url(), &shop.url(), &acknowledged).await;
        server.stop().await;
    });
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}
