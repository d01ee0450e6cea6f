//! Events into Kafka: a wave of different keys at once, each awaited until all replicas in sync have it.

use std::sync::Arc;

use async_trait::async_trait;
use broker::Topic;
use engine::{Fault, Publisher, Record};
use rdkafka::error::KafkaError;
use rdkafka::producer::{DeliveryFuture, FutureRecord};
use tokio::runtime::Handle;

use crate::connection::Asked;
use crate::headers::written;
use crate::names::Names;
use crate::producer::{Client, Producer};
use crate::topics::Topics;
use crate::verdict::{fault, is_missing, is_refusal};

/// Publishes each event in the topic of its source, under its key.
pub(crate) struct KafkaPublisher {
    pub names: Names,
    pub producer: Arc<Producer>,
    pub topics: Arc<Topics>,
    pub runtime: Handle,
}

/// Why a record is not in Kafka.
enum Failure {
    /// It was not sent, and never can be.
    Unfit(Fault),
    /// What the client says of it.
    Client(KafkaError),
}

impl KafkaPublisher {
    async fn topics(&self) -> Result<(), Fault> {
        if self.topics.are_there() {
            return Ok(());
        }
        let topics = Arc::clone(&self.topics);
        let ensured = self.runtime.spawn_blocking(move || topics.ensure()).await;
        ensured.unwrap_or_else(|_| Err(Fault::Unavailable("this process is stopping".to_owned())))
    }

    /// All are on their way before the first is awaited. Awaiting ends by itself: the client gives up in time.
    async fn wave(&self, client: &Client, records: &[Arc<Record>]) -> Vec<Result<(), Failure>> {
        let handed: Vec<_> = records.iter().map(|record| self.hand_over(client, record)).collect();
        let mut came_of_it = Vec::with_capacity(records.len());
        for delivery in handed {
            came_of_it.push(delivered(delivery).await);
        }
        came_of_it
    }

    fn hand_over(&self, client: &Client, record: &Record) -> Result<DeliveryFuture, Failure> {
        let Some(topic) = Topic::of(&record.source) else {
            let reason = format!("there is no topic for events of {:?}", record.source);
            return Err(Failure::Unfit(Fault::Rejected(reason)));
        };
        let (topic, key) = (self.names.topic(topic), record.key.text());
        let message = FutureRecord::to(&topic).key(&key).payload(&record.data).headers(written(record));
        client.send_result(message).map_err(|(error, _)| match is_refusal(&error) {
            true => Failure::Unfit(fault(&error, record)),
            false => Failure::Client(error),
        })
    }

    /// Kafka refuses a batch as a whole, whatever is wrong with one record of it. So each that was refused is tried alone.
    async fn alone(&self, client: &Client, records: &[Arc<Record>], wave: &mut [Result<(), Failure>]) {
        for (record, came_of_it) in records.iter().zip(wave) {
            if matches!(came_of_it, Err(Failure::Client(error)) if is_refusal(error)) {
                *came_of_it = delivered(self.hand_over(client, record)).await;
            }
        }
    }

    /// Learns from what came of it: whether Kafka is there, and the topics, and the client's own health.
    fn learn(&self, asked: Asked, client: &Client, wave: &[Result<(), Failure>]) {
        if wave.iter().any(Result::is_ok) {
            self.producer.connection().answered(asked);
        }
        if wave.iter().any(|of_it| matches!(of_it, Err(Failure::Client(error)) if is_missing(error))) {
            self.topics.missed();
        }
        if wave.iter().any(Result::is_err) {
            self.producer.renew(client);
        }
    }
}

async fn delivered(handed: Result<DeliveryFuture, Failure>) -> Result<(), Failure> {
    match handed?.await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err((error, _))) => Err(Failure::Client(error)),
        Err(_) => Err(Failure::Client(KafkaError::Canceled)),
    }
}

#[async_trait]
impl Publisher for KafkaPublisher {
    async fn publish(&self, records: &[Arc<Record>]) -> Vec<Result<(), Fault>> {
        if let Err(fault) = self.topics().await {
            return vec![Err(fault); records.len()];
        }
        let (asked, client) = (self.producer.connection().ask(), self.producer.client());
        let mut wave = self.wave(&client, records).await;
        if wave.len() > 1 {
            self.alone(&client, records, &mut wave).await;
        }
        self.learn(asked, &client, &wave);
        let results = records.iter().zip(wave).map(|(record, came_of_it)| {
            came_of_it.map_err(|failure| match failure {
                Failure::Unfit(fault) => fault,
                Failure::Client(error) => fault(&error, record),
            })
        });
        results.collect()
    }
}
