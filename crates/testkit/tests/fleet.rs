//! A fleet on PostgreSQL and a broker: three instances of orders and two of each other role, under load, while instances
//! are killed one after the other, one of each role, then the broker, then the database. Afterwards every acknowledged order is there, has
//! ended, and is charged exactly once.
//!
//! It needs the binary, and the servers of `scripts/services`, which it kills and starts again: nothing else may use them
//! meanwhile.
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

use std::process::Command;
use std::time::{Duration, Instant};

use books::every_order_ended_and_was_charged_once;
use load::Load;
use testkit::binary::{Client, Engine, Fleet, Server, free_port};

/// Every instance.
const ROLES: [&str; 11] = [
    "catalog",
    "catalog",
    "orders",
    "orders",
    "orders",
    "payments",
    "payments",
    "processing",
    "processing",
    "notifications",
    "notifications",
];
/// So many orders have to be acknowledged, and processed, for a disturbance to count as survived.
const STRETCH: usize = 60;
/// A buyer's pause between two orders: 8 buyers place some 50 in a second, which the fleet keeps up with on a busy machine too.
const PAUSE: Duration = Duration::from_millis(150);

#[test]
#[ignore = "needs the release binary and scripts/services up postgres kafka, alone"]
fn on_kafka_nothing_is_lost_whatever_is_killed() {
    run(Engine::Kafka, "kafka");
}

#[test]
#[ignore = "needs the release binary and scripts/services up postgres rabbitmq, alone"]
fn on_rabbitmq_nothing_is_lost_whatever_is_killed() {
    run(Engine::RabbitMq, "rabbitmq");
}

fn run(engine: Engine, broker: &str) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let fleet = Fleet::on(engine).await;
        let mut instances = Vec::new();
        for role in ROLES {
            instances.push(Instance::start(&fleet, role).await);
        }
        disturb(&fleet, &mut instances, broker).await;
        for instance in &mut instances {
            instance.server.stop().await;
        }
        fleet.audit();
        fleet.close().await;
    });
}

async fn disturb(fleet: &Fleet, instances: &mut [Instance], broker: &str) {
    let doors: Vec<_> =
        instances.iter().filter(|instance| instance.role == "orders").map(Instance::url).collect();
    the_menu_is_known(&doors[0]).await;
    let load = Load::start(&doors, PAUSE);
    load.aim(true);
    flows("at first", &load, &doors[0]).await;
    let mut killed = "";
    for instance in &mut *instances {
        if instance.role == killed {
            continue;
        }
        killed = instance.role;
        instance.server.kill();
        let other = doors.iter().find(|door| **door != instance.url()).unwrap();
        flows(&format!("without an instance of {}", instance.role), &load, other).await;
        instance.server = fleet.instance(instance.role, instance.port).await;
    }
    for server in [broker, "postgres"] {
        services(&["kill", server]);
        if server == broker {
            accepts(&format!("without {server}"), &load).await;
        }
        services(&["up", server]);
        flows(&format!("with {server} back"), &load, &doors[0]).await;
    }
    services(&["restart", broker]);
    services(&["restart", "postgres"]);
    flows("behind two restarts", &load, &doors[0]).await;
    let acknowledged = load.finish().await;
    println!("{} orders acknowledged", acknowledged.len());
    every_order_ended_and_was_charged_once(&doors[0], &fleet.provider_url(), &acknowledged).await;
}

/// Orders are taken.
async fn accepts(when: &str, load: &Load) {
    let begun = Instant::now();
    let wanted = load.acknowledged() + STRETCH;
    let client = Client::new(String::new());
    client.until("orders are accepted", async || (load.acknowledged() >= wanted).then_some(())).await;
    println!("{when}: {STRETCH} orders accepted within {:.1} s", begun.elapsed().as_secs_f64());
}

/// It comes to the orders service over the broker.
async fn the_menu_is_known(door: &str) {
    let client = Client::new(door.to_owned());
    let body = r#"{"items": [{"pizzaId": "margherita", "quantity": 1}]}"#;
    let known = client.until("an order from the menu is accepted", async || {
        client.post("/api/v1/orders", "menu", body).await.filter(|(status, _)| *status == 201)
    });
    known.await;
}

/// Orders are taken, and one that is placed now goes all the way.
async fn flows(when: &str, load: &Load, door: &str) {
    accepts(when, load).await;
    let begun = Instant::now();
    let client = Client::new(door.to_owned());
    let body = r#"{"customer_name": "Probe", "total_amount": 1, "payment_method": "card"}"#;
    let key = format!("probe-{}", load.acknowledged());
    let placed = client.until("an order is accepted", async || {
        client.post("/api/v1/orders", &key, body).await.filter(|(status, _)| *status == 201)
    });
    let (_, order) = placed.await;
    let order = client.until_terminal(order["id"].as_str().unwrap()).await;
    assert_eq!(order["status"], "PROCESSED", "{order}");
    println!("{when}: placed, paid and processed within {:.1} s", begun.elapsed().as_secs_f64());
}

/// A process of the fleet.
struct Instance {
    role: &'static str,
    port: u16,
    server: Server,
}

impl Instance {
    async fn start(fleet: &Fleet, role: &'static str) -> Self {
        let port = free_port();
        Self { role, port, server: fleet.instance(role, port).await }
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

fn services(arguments: &[&str]) {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/services");
    let status = Command::new(script).args(arguments).status().unwrap();
    assert!(status.success(), "scripts/services {arguments:?} failed");
}
