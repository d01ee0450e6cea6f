//! The fault matrix over brokers, on PostgreSQL: what a service publishes goes to the broker by its relay, and what others
//! publish comes from there. Beside the reactions the relays fail, before and after the broker has taken what they hand over.

use std::sync::Arc;

use testkit::app::{Ground, Server};
use testkit::conformance::broker::BrokerHarness;
use testkit::matrix::{all, registry, relays};

use super::kafka_harness::KafkaHarness;
use super::rabbitmq_harness::RabbitHarness;
use super::variable;

#[test]
#[ignore = "needs PostgreSQL and Kafka: scripts/services up"]
fn over_kafka_every_reaction_bears_every_fault() {
    hold(KafkaHarness::new);
}

#[test]
#[ignore = "needs PostgreSQL and RabbitMQ: scripts/services up"]
fn over_rabbitmq_every_reaction_bears_every_fault() {
    hold(RabbitHarness::new);
}

fn hold<H: BrokerHarness + 'static>(harness: fn() -> H) {
    let outcome = all([registry(), relays()].concat(), || {
        let server = Arc::new(Server::at(&variable("ORDO_TEST_POSTGRES_URL")).with(harness()));
        move || Ground::on(&server)
    });
    println!("{}", outcome.table);
    assert!(outcome.wrong.is_empty(), "{}", outcome.wrong.join("\n\n"));
}
