//! Membership of a consumer group: what it takes, and what a member does when partitions come and go.
//!
//! What was settled is committed before a partition goes. It deliberately leaves to the library which partitions those are.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use broker::Topic;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext, Rebalance};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::{ClientConfig, ClientContext, TopicPartitionList};

use crate::connection::Quiet;
use crate::offsets::Offsets;
use crate::producer::Producer;
use crate::topics::Topics;

/// What it takes to be a member.
pub(crate) struct Membership {
    pub config: ClientConfig,
    pub topic: &'static Topic,
    /// What the topic is called in Kafka.
    pub name: String,
    pub topics: Arc<Topics>,
    pub offsets: Offsets,
    /// Whom to ask whether Kafka is there.
    pub producer: Arc<Producer>,
    /// How long the broker waits for a member.
    pub session: Duration,
}

impl Membership {
    /// A client of the group; it joins when it subscribes.
    ///
    /// # Errors
    /// What the library says of the options.
    pub fn client(&self) -> KafkaResult<BaseConsumer<Seat>> {
        let (name, offsets) = (self.name.clone(), self.offsets.clone());
        self.config.create_with_context(Seat { name, offsets, joining: AtomicBool::new(false) })
    }
}

/// What a member does when partitions come and go.
pub(crate) struct Seat {
    name: String,
    offsets: Offsets,
    /// Whether it has subscribed and was given nothing yet, not even nothing.
    joining: AtomicBool,
}

impl Seat {
    /// Something was subscribed to.
    pub fn join(&self) {
        self.joining.store(true, Ordering::Relaxed);
    }

    /// Whether the broker has not yet answered that.
    pub fn is_joining(&self) -> bool {
        self.joining.load(Ordering::Relaxed)
    }
}

impl ClientContext for Seat {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        Quiet.log(level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        Quiet.error(error, reason);
    }
}

impl ConsumerContext for Seat {
    fn pre_rebalance(&self, consumer: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        tracing::debug!(topic = self.name, ?rebalance, "partitions come or go");
        // The library commits what is stored of a partition that goes.
        if matches!(rebalance, Rebalance::Revoke(_)) {
            self.offsets.store(consumer, &self.name);
        }
    }

    fn post_rebalance(&self, consumer: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        self.joining.store(false, Ordering::Relaxed);
        // A partition that was paused when it went would come back as it went.
        if let Rebalance::Assign(partitions) = rebalance
            && let Err(error) = consumer.resume(partitions)
        {
            tracing::debug!(topic = self.name, %error, "partitions cannot be resumed");
        }
    }

    fn commit_callback(&self, result: KafkaResult<()>, _: &TopicPartitionList) {
        if let Err(error) = result {
            tracing::debug!(topic = self.name, %error, "offsets were not committed");
        }
    }
}
