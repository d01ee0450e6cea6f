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

#[path = "kill/books.rs"]
mod books;
#[path = "kill/load.rs"]
mod load;

use std::time::Duration;

use books::every_order_ended_and_was_charged_once;
use load::Load;
use testkit::binary::{Engine, Fleet};

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
fn on_the_embedded_default_nothing_is_lost_or_doubled() {
    kill_and_look(Engine::Embedded);
}

#[test]
#[ignore = "needs the release binary and scripts/services up postgres kafka"]
fn on_postgresql_and_kafka_nothing_is_lost_or_doubled() {
    kill_and_look(Engine::Kafka);
}

#[test]
#[ignore = "needs the release binary and scripts/services up postgres rabbitmq"]
fn on_postgresql_and_rabbitmq_nothing_is_lost_or_doubled() {
    kill_and_look(Engine::RabbitMq);
}

fn kill_and_look(engine: Engine) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    // Each broker gets half of the rounds, and the embedded default all of them.
    let rounds: Vec<_> = match engine {
        Engine::Embedded => ROUNDS.to_vec(),
        Engine::Kafka => ROUNDS.iter().step_by(2).copied().collect(),
        Engine::RabbitMq => ROUNDS.iter().skip(1).step_by(2).copied().collect(),
    };
    runtime.block_on(async {
        let mut fleet = Fleet::on(engine).await;
        kill(&mut fleet, &rounds).await;
        fleet.close().await;
    });
}

async fn kill(fleet: &mut Fleet, rounds: &[(&str, &str, u32)]) {
    let load = Load::start(&[fleet.shop_url()], Duration::ZERO);
    let mut killed = 0;
    for (round, (service, point, count)) in rounds.iter().enumerate() {
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
    assert!(killed >= rounds.len() && acknowledged.len() > 100, "the load was too small to show anything");

    every_order_ended_and_was_charged_once(&fleet.shop_url(), &fleet.provider_url(), &acknowledged).await;
    shop.stop().await;
    fleet.audit();
}
