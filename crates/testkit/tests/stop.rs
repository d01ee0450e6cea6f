//! Who is told to stop leaves in good order: the others of its role have its work at once, and a broker that says nothing keeps
//! nobody from stopping. The time limits that would help, were it otherwise, are longer than the tests wait.
//!
//! It needs the binary, and the servers of `scripts/services`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "the whole file is a test")]

use engine::{Ids, SystemIds};
use serde_json::Value;
use testkit::binary::{Client, Engine, Fleet, free_port};
use testkit::proxy::Proxy;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// So many orders that some are in the partitions that the one who leaves had.
const ORDERS: usize = 50;
/// The events that changed something for an instance of processing.
const PROCESSED: &str = r#"messages_total{service="processing",verdict="changed"}"#;
const ORDER: &str = r#"{"customer_name": "Ann", "total_amount": 1}"#;

/// Runs a test.
fn run(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.unwrap().block_on(test);
}

/// Otherwise they would wait for its session to be over.
#[test]
#[ignore = "needs the release binary and scripts/services up postgres kafka"]
fn what_an_instance_had_of_kafka_is_the_others_when_it_stops() {
    run(async {
        let mut fleet = Fleet::on(Engine::Kafka).await;
        fleet.say("ORDO_KAFKA_SESSION_TIMEOUT", "5m");
        let ports = [free_port(), free_port(), free_port()];
        let mut orders = fleet.instance("orders", ports[0]).await;
        let mut leaving = fleet.instance("processing", ports[1]).await;
        let mut staying = fleet.instance("processing", ports[2]).await;
        let [client, one, other] = ports.map(|port| Client::new(format!("http://127.0.0.1:{port}")));
        let shared = client.until("both instances process orders", async || {
            place(&client).await;
            (one.count(PROCESSED).await > 0 && other.count(PROCESSED).await > 0).then_some(())
        });
        shared.await;
        leaving.stop().await;
        for _ in 0..ORDERS {
            place(&client).await;
        }
        all_are_processed(&client).await;
        staying.stop().await;
        orders.stop().await;
        fleet.audit();
        fleet.close().await;
    });
}

#[test]
#[ignore = "needs the release binary and scripts/services up postgres kafka"]
fn a_silent_kafka_keeps_nobody_from_stopping() {
    run(async {
        let fleet = Fleet::on(Engine::Kafka).await;
        let url = fleet.ground().broker_url();
        // Where Kafka says that it is to be found by those who come through this line: see scripts/services.d.
        let port: u16 = url.rsplit_once(':').unwrap().1.parse().unwrap();
        let line = Proxy::at(port + 3, ([127, 0, 0, 1], port + 2).into()).await;
        let through = format!("kafka://{}", line.address());
        stop_in_silence(fleet, &line, &through, &["ORDO_KAFKA_TIMEOUT", "ORDO_KAFKA_PUBLISH_TIMEOUT"]).await;
    });
}

#[test]
#[ignore = "needs the release binary and scripts/services up postgres rabbitmq"]
fn a_silent_rabbitmq_keeps_nobody_from_stopping() {
    run(async {
        let fleet = Fleet::on(Engine::RabbitMq).await;
        let url = fleet.ground().broker_url();
        let authority = url.rsplit_once('@').and_then(|(_, behind)| behind.split('/').next()).unwrap();
        let line = Proxy::to(authority.parse().unwrap()).await;
        let through = url.replace(authority, &line.address().to_string());
        let limits = ["ORDO_RABBITMQ_TIMEOUT", "ORDO_RABBITMQ_PUBLISH_TIMEOUT", "ORDO_RABBITMQ_HEARTBEAT"];
        stop_in_silence(fleet, &line, &through, &limits).await;
    });
}

/// Neither streams, read or unread, nor a batch whose client sends nothing more and ends nothing either. What its client was
/// answered is kept.
#[test]
#[ignore = "needs the release binary; scripts/test builds it and runs this"]
fn open_streams_and_batches_keep_nobody_from_stopping() {
    run(async {
        let mut fleet = Fleet::on(Engine::Embedded).await;
        fleet.say("ORDO_SHUTDOWN_DEADLINE", "2s");
        ["ORDO_HTTP_BODY_TIMEOUT", "ORDO_HTTP_REQUEST_TIMEOUT"]
            .iter()
            .for_each(|limit| fleet.say(limit, "5m"));
        let mut shop = fleet.shop(None).await;
        let client = Client::new(fleet.shop_url());
        let mut read = client.events("/api/v1/events", None).await.unwrap();
        let _unread = client.events("/api/v1/events", None).await.unwrap();
        let mut batches = Vec::new();
        for number in 0..4 {
            batches.push(OpenBatch::begin(&fleet, number).await);
        }
        shop.stop().await;
        while read.next().await.is_some() {}

        let mut next = fleet.shop(None).await;
        for batch in &batches {
            assert_eq!(client.until_terminal(&batch.placed).await["status"], "PROCESSED");
        }
        next.stop().await;
        fleet.audit();
        fleet.close().await;
    });
}

/// A batch that goes on: one line of it is answered.
struct OpenBatch {
    _connection: TcpStream,
    /// The order that the line has become.
    placed: String,
}

impl OpenBatch {
    async fn begin(fleet: &Fleet, number: usize) -> Self {
        let url = fleet.shop_url();
        let mut connection = TcpStream::connect(url.strip_prefix("http://").unwrap()).await.unwrap();
        let line = format!("{ORDER}\n");
        let head = format!(
            "POST /api/v1/orders/batch HTTP/1.1\r\nhost: ordo\r\ncontent-type: application/x-ndjson\r\n\
            idempotency-key: open-{number}\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n{line}\r\n",
            line.len()
        );
        connection.write_all(head.as_bytes()).await.unwrap();
        let mut answered = String::new();
        let placed = loop {
            if let Some(answer) = answered.lines().find(|line| line.starts_with('{') && line.ends_with('}')) {
                let answer: Value = serde_json::from_str(answer).unwrap();
                assert_eq!(answer["status"], 201, "{answer}");
                break answer["id"].as_str().unwrap().to_owned();
            }
            let mut piece = [0; 4096];
            let read = connection.read(&mut piece).await.unwrap();
            assert!(read > 0, "{answered}");
            answered += std::str::from_utf8(&piece[..read]).unwrap();
        };
        Self { _connection: connection, placed }
    }
}

/// What was accepted in the silence goes on when somebody starts again.
async fn stop_in_silence(mut fleet: Fleet, line: &Proxy, through: &str, limits: &[&str]) {
    fleet.say("ORDO_SHUTDOWN_DEADLINE", "2s");
    fleet.say("ORDO_BROKER_URL", through);
    limits.iter().for_each(|limit| fleet.say(limit, "5m"));
    let client = Client::new(fleet.shop_url());
    let mut shop = fleet.shop(None).await;
    place(&client).await;
    all_are_processed(&client).await;
    line.silence().await;
    place(&client).await;
    shop.stop().await;

    let url = fleet.ground().broker_url();
    fleet.say("ORDO_BROKER_URL", &url);
    let mut next = fleet.shop(None).await;
    line.cut().await;
    all_are_processed(&client).await;
    next.stop().await;
    fleet.audit();
    fleet.close().await;
}

async fn place(client: &Client) {
    let (status, order) = client.post("/api/v1/orders", &SystemIds.next().to_string(), ORDER).await.unwrap();
    assert_eq!(status, 201, "{order}");
}

async fn all_are_processed(client: &Client) {
    let processed = client.until("all orders are processed", async || {
        let (_, orders) = client.get("/api/v1/orders?limit=1000").await?;
        let is_processed = |order: &Value| order["status"] == "PROCESSED";
        orders.as_array()?.iter().all(is_processed).then_some(())
    });
    processed.await;
}
