//! Three instances of orders behind nginx are one shop: the README's tour goes through it, and when an instance is killed under
//! load nothing that was acknowledged is lost, and requests go on through the others. nginx has the configuration of
//! `docs/examples`, with other ports.
//!
//! It needs the binary, the servers of `scripts/services`, and nginx, which `ORDO_TEST_NGINX` names.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "the whole file is a test"
)]

#[path = "kill/books.rs"]
mod books;
#[path = "tour/forms.rs"]
mod forms;
#[path = "kill/load.rs"]
mod load;
#[path = "gateway/nginx.rs"]
mod nginx;
#[path = "tour/story.rs"]
mod story;

use std::io::Write;
use std::time::Duration;

use books::every_order_ended_and_was_charged_once;
use load::Load;
use nginx::Nginx;
use testkit::binary::{Client, Engine, Fleet, Server, free_port};
use tokio::task::block_in_place;

/// The roles behind the instances of orders, one instance of each.
const OTHERS: [&str; 4] = ["catalog", "payments", "processing", "notifications"];
/// So many orders have to be acknowledged for a stretch of the load to count.
const STRETCH: usize = 60;
/// Orders of a file, more than a megabyte of them.
const LINES: usize = 5_000;
/// A buyer's pause between two orders.
const PAUSE: Duration = Duration::from_millis(20);
/// The orders that an instance has accepted.
const ACCEPTED: &str = r#"http_requests_total{method="POST",endpoint="/api/v1/orders",status="201"}"#;

#[test]
#[ignore = "needs the release binary, nginx, and scripts/services up postgres rabbitmq"]
fn instances_behind_nginx_are_one_shop() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let fleet = Fleet::on(Engine::RabbitMq).await;
        let mut servers = Vec::new();
        for role in OTHERS {
            servers.push(fleet.instance(role, free_port()).await);
        }
        let ports = [free_port(), free_port(), free_port()];
        for port in ports {
            servers.push(fleet.instance("orders", port).await);
        }
        let nginx = Nginx::before(ports).await;
        let client = Client::new(nginx.url());
        the_menu_is_known(&client).await;
        story::tell(&client).await;
        block_in_place(|| a_file_comes_through(&fleet, &nginx));
        assert_eq!(client.get("/metrics").await.map(|(status, _)| status), Some(404));
        for port in ports {
            let accepted = Client::new(format!("http://127.0.0.1:{port}")).count(ACCEPTED).await;
            assert!(accepted > 0, "the instance at {port} was not asked");
        }
        let [quiet, busy, last] = &mut servers[OTHERS.len()..] else { panic!("there are three instances") };
        quiet.kill();
        questions_are_answered(&client).await;
        kill_under_load(&fleet, &nginx, busy).await;
        last.stop().await;
        drop(servers);
        fleet.audit();
        fleet.close().await;
    });
}

/// It comes to the orders service over the broker. What is asked for is none of what the tour looks for.
async fn the_menu_is_known(client: &Client) {
    let body = r#"{"items": [{"pizzaId": "pepperoni", "quantity": 1}]}"#;
    let known = client.until("an order from the menu is accepted", async || {
        let (status, _) = client.post("/api/v1/orders", "menu", body).await?;
        (status == 201).then_some(())
    });
    known.await;
}

/// More than nginx takes for one order, so it has to let it through unread.
fn a_file_comes_through(fleet: &Fleet, nginx: &Nginx) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let name = "a".repeat(200);
    for _ in 0..LINES {
        writeln!(file, r#"{{"customer_name": "{name}", "total_amount": 1}}"#).unwrap();
    }
    assert!(file.as_file().metadata().unwrap().len() > 1 << 20);
    let path = file.path().to_str().unwrap();
    let import = fleet.client(&nginx.url(), &["orders", "import", path, "--json"]).output().unwrap();
    let told = String::from_utf8_lossy(&import.stdout);
    assert!(told.contains(&format!(r#""placed":{LINES}"#)), "{told} {import:?}");
}

/// By those who are left. Nobody but this asks anything, so that one of the first questions is for who is gone.
async fn questions_are_answered(client: &Client) {
    for _ in 0..6 {
        let answer = client.get("/api/v1/orders?limit=1").await;
        assert_eq!(answer.map(|(status, _)| status), Some(200));
    }
}

/// What is acknowledged is not lost, and commands go on.
async fn kill_under_load(fleet: &Fleet, nginx: &Nginx, instance: &mut Server) {
    let load = Load::through(nginx.url(), PAUSE);
    let client = Client::new(nginx.url());
    load.aim(true);
    accepted(&load, &client).await;
    instance.kill();
    accepted(&load, &client).await;
    questions_are_answered(&client).await;
    let acknowledged = load.finish().await;
    println!("{} orders acknowledged", acknowledged.len());
    every_order_ended_and_was_charged_once(&nginx.url(), &fleet.provider_url(), &acknowledged).await;
}

/// Orders are acknowledged.
async fn accepted(load: &Load, client: &Client) {
    let wanted = load.acknowledged() + STRETCH;
    let accepted = async || (load.acknowledged() >= wanted).then_some(());
    client.until("orders are accepted", accepted).await;
}
