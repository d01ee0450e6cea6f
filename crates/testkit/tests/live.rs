//! Live on the release binary: an order is followed until it has ended, the server stops in good order although streams are
//! open, and who comes back goes on where it was; in a fleet at another instance. A thousand of them are
//! cheap.
//!
//! It needs the binary: `cargo build --release`, then `cargo test -p ordo-testkit --test live -- --ignored`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "the whole file is a test"
)]

use serde_json::Value;
use testkit::binary::{Client, Engine, Event, Events, Fleet, free_port};

/// So many streams.
const THOUSAND: u64 = 1_000;
const ORDER: &str = r#"{"customer_name": "Ann", "total_amount": 7.20, "payment_method": "card"}"#;

fn run(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(test);
}

/// A fleet that would wait longer for what is open at its end than anybody waits for the fleet: that it stops shows that streams
/// hold up nothing.
async fn patient_fleet() -> Fleet {
    let mut fleet = Fleet::on(Engine::Embedded).await;
    fleet.say("ORDO_SHUTDOWN_DEADLINE", "10m");
    fleet
}

#[test]
#[ignore = "needs the release binary; scripts/test builds it and runs this"]
fn who_comes_back_after_a_restart_goes_on_where_it_was() {
    run(async {
        let fleet = patient_fleet().await;
        let mut shop = fleet.shop(None).await;
        let client = Client::new(fleet.shop_url());
        let mut all = client.events("/api/v1/events?topic=order-events", None).await.unwrap();
        let order = place(&client, "one").await;
        let mut stream = client.events(&stream_of(&order), None).await.unwrap();
        let told = until_told(&mut stream).await;
        assert_eq!(Value::Array(told), timeline(&client, &order).await);
        let completed = all.find(|event| event.data["type"] == "order.completed").await.unwrap();
        assert_eq!(completed.data["subject"], order);

        shop.stop().await;
        assert_eq!((stream.next().await, all.next().await), (None, None));

        let mut shop = fleet.shop(None).await;
        let other = place(&client, "two").await;
        client.until_terminal(&other).await;
        refund(&client, &order).await;
        let (path, last) = (stream_of(&order), stream.last_id().to_owned());
        let mut stream = client.events(&path, Some(&last)).await.unwrap();
        let next = stream.next().await.unwrap();
        assert_eq!(next.id.parse::<u64>().unwrap(), last.parse::<u64>().unwrap() + 1, "{next:?}");
        let mut all = client.events("/api/v1/events", Some(&completed.id)).await.unwrap();
        let missed = until(&mut all, |event| event.data["type"] == "payment.refunded").await;
        assert!(missed.iter().all(|event| event.name == "event"), "there is no gap: {missed:?}");
        for wanted in ["order.created", "payment.paid", "order.paid", "order.processed", "order.completed"] {
            let is_it = |event: &&Event| event.data["type"] == wanted && event.data["subject"] == *other;
            assert_eq!(missed.iter().filter(is_it).count(), 1, "{wanted}: {missed:?}");
        }
        drop((stream, all));
        shop.stop().await;
        fleet.close().await;
    });
}

#[test]
#[ignore = "needs the release binary and scripts/services up postgres kafka"]
fn any_instance_tells_what_another_one_does() {
    run(async {
        let fleet = Fleet::on(Engine::Kafka).await;
        let mut instances = Vec::new();
        for role in ["catalog", "payments", "processing", "notifications"] {
            instances.push(fleet.instance(role, free_port()).await);
        }
        let doors = [free_port(), free_port()];
        for port in doors {
            instances.push(fleet.instance("orders", port).await);
        }
        let [one, other] = doors.map(|port| Client::new(format!("http://127.0.0.1:{port}")));
        let mut all = other.events("/api/v1/events", None).await.unwrap();
        let order = place(&one, "one").await;
        let mut stream = other.events(&stream_of(&order), None).await.unwrap();
        let first = stream.next().await.unwrap();
        let mut elsewhere = one.events(&stream_of(&order), Some(&first.id)).await.unwrap();
        let told = until_told(&mut elsewhere).await;
        assert_eq!(until_told(&mut stream).await, told, "both instances tell the same");
        let heard = until(&mut all, |event| event.data["data"]["kind"] == "order.completed").await;
        for wanted in ["order.created", "payment.paid", "order.paid", "order.processed", "order.completed"] {
            assert!(heard.iter().any(|event| event.data["type"] == wanted), "{wanted}: {heard:?}");
        }
        for instance in &mut instances {
            instance.stop().await;
        }
        assert_eq!((stream.next().await, all.next().await), (None, None));
        fleet.close().await;
    });
}

#[test]
#[ignore = "needs the release binary; scripts/test builds it and runs this"]
fn a_thousand_streams_take_less_than_50_mb_and_end_together() {
    raise_open_files();
    run(async {
        let fleet = patient_fleet().await;
        let mut shop = fleet.shop(None).await;
        let client = Client::new(fleet.shop_url());
        let mut orders = Vec::new();
        for number in 0..THOUSAND {
            orders.push(place(&client, &number.to_string()).await);
        }
        client.until_terminal(orders.last().unwrap()).await;
        let before = meter(&client, "process_resident_memory_bytes").await;
        let mut streams = Vec::new();
        for order in &orders {
            let mut stream = client.events(&stream_of(order), None).await.unwrap();
            assert_eq!(stream.next().await.unwrap().id, "1");
            streams.push(stream);
        }
        assert_eq!(meter(&client, r#"live_streams{stream="order"}"#).await, THOUSAND);
        let taken = meter(&client, "process_resident_memory_bytes").await.saturating_sub(before);
        println!("{THOUSAND} streams take {} KiB", taken >> 10);
        assert!(taken < 50_000_000, "{taken} bytes");
        shop.stop().await;
        for stream in &mut streams {
            assert_eq!(stream.find(|event| event.name != "entry").await, None);
        }
        fleet.close().await;
    });
}

/// Of both ends.
fn raise_open_files() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, rustix::process::Rlimit { current: limit.maximum, ..limit }).unwrap();
}

async fn meter(client: &Client, name: &str) -> u64 {
    let metrics = client.text("/metrics").await.unwrap();
    let value = metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    value.unwrap().parse().unwrap()
}

fn stream_of(order: &str) -> String {
    format!("/api/v1/orders/{order}/stream")
}

async fn place(client: &Client, key: &str) -> String {
    let (status, order) = client.post("/api/v1/orders", key, ORDER).await.unwrap();
    assert_eq!(status, 201, "{order}");
    order["id"].as_str().unwrap().to_owned()
}

async fn refund(client: &Client, order: &str) {
    let path = format!("/api/v1/orders/{order}/refund");
    let (status, answer) = client.post(&path, "refund", r#"{"reason": "cold"}"#).await.unwrap();
    assert!(status == 200 || status == 202, "{status} {answer}");
}

async fn timeline(client: &Client, order: &str) -> Value {
    client.get(&format!("/api/v1/orders/{order}/timeline")).await.unwrap().1
}

/// What an order's stream tells until the customer knows that it is done, which is the last there is to tell.
async fn until_told(stream: &mut Events) -> Vec<Value> {
    let told = until(stream, |event| event.data["data"]["kind"] == "order.completed").await;
    told.into_iter().map(|event| event.data).collect()
}

/// What comes, up to what is waited for.
async fn until(stream: &mut Events, is_it: impl Fn(&Event) -> bool) -> Vec<Event> {
    let mut events = Vec::new();
    while !events.last().is_some_and(&is_it) {
        events.push(stream.next().await.expect("the stream goes on"));
    }
    events
}
