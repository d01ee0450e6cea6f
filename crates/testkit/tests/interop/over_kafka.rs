//! A team that has Kafka's client.

use std::time::Duration;

use async_trait::async_trait;
use rdkafka::consumer::{Consumer, StreamConsumer};
use rdkafka::producer::{FutureProducer, FutureRecord};
use rdkafka::{ClientConfig, Message};
use testkit::binary::Ground;
use tokio::task::JoinSet;

use super::theirs::{Theirs, said};

/// The one key of what they send, so that it comes in the order in which it was sent. Nobody looks at it.
const KEY: &str = "theirs";

pub struct OverKafka {
    servers: String,
    prefix: String,
    producer: FutureProducer,
}

impl OverKafka {
    pub fn of(ground: &Ground) -> Self {
        let servers = ground.broker_url().trim_start_matches("kafka://").to_owned();
        let producer = ClientConfig::new().set("bootstrap.servers", &servers).create().unwrap();
        Self { servers, prefix: ground.prefix(), producer }
    }

    fn topic(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }
}

#[async_trait]
impl Theirs for OverKafka {
    async fn send(&self, body: &str) {
        say(&self.producer, &self.topic("orders"), body).await;
    }

    async fn kitchen(&self) -> JoinSet<()> {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", &self.servers).set("auto.offset.reset", "earliest");
        let consumer: StreamConsumer = config.set("group.id", self.topic("kitchen")).create().unwrap();
        consumer.subscribe(&[&self.topic("order-events")]).unwrap();
        let (producer, topic) = (self.producer.clone(), self.topic("processing-events"));
        let mut work = JoinSet::new();
        work.spawn(async move {
            loop {
                let event = consumer.recv().await.expect("an event");
                let Some(said) = event.payload().and_then(said) else { continue };
                for _ in 0..2 {
                    say(&producer, &topic, &said).await;
                }
            }
        });
        work
    }
}

async fn say(producer: &FutureProducer, topic: &str, body: &str) {
    let message: FutureRecord<'_, str, str> = FutureRecord::to(topic).key(KEY).payload(body);
    producer.send(message, Duration::ZERO).await.expect("Kafka takes it");
}
