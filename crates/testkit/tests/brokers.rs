//! Kafka and RabbitMQ, held to the broker port, and the whole shop over them. Each test has names of its own at the servers of
//! `ORDO_TEST_KAFKA_URL` and `ORDO_TEST_RABBITMQ_URL`, and takes away what it left there.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "the whole file is a test"
)]

#[path = "brokers/kafka.rs"]
mod kafka_harness;
#[path = "brokers/matrix.rs"]
mod matrix;
#[path = "brokers/rabbitmq.rs"]
mod rabbitmq_harness;

use engine::{Ids, SystemIds};
use kafka_harness::KafkaHarness;
use rabbitmq_harness::RabbitHarness;
use testkit::broker_conformance;

mod kafka {
    use super::*;
    broker_conformance!(KafkaHarness::new(), #[ignore = "needs Kafka: scripts/services up"]);
}

mod rabbitmq {
    use super::*;
    broker_conformance!(RabbitHarness::new(), #[ignore = "needs RabbitMQ: scripts/services up"]);
}

/// What names begin with that nobody else has.
fn prefix() -> String {
    format!("test-{}-", SystemIds.next().simple())
}

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name}: see scripts/services"))
}
