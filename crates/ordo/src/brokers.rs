//! Which broker carries events between services, and who reads what.

use std::sync::Arc;

use anyhow::{Context, Result};
use broker::{Broker, Capacity, Reader, Topic};
use broker_kafka::{Kafka, KafkaSettings, SaslMechanism};
use broker_rabbitmq::{RabbitMq, RabbitSettings};
use catalog::Catalog;
use engine::Service;
use engine::service::sources;
use notifications::Notifications;
use orders::Orders;
use payments::Payments;
use processing::Processing;
use settings::{BrokerUrl, Secret, Settings};
use tokio::runtime::Handle;

/// Messages of Kafka that an inlet holds ready for the next batches.
const INLET_MESSAGES: usize = 2048;
/// Bytes of messages that an inlet holds.
const INLET_BYTES: u32 = 32 * 1024 * 1024;

/// The broker that the settings name. None: services read each other's logs.
///
/// # Errors
/// One line that says which setting is wrong. A broker that is away is no error.
pub fn open(settings: &Settings) -> Result<Option<Arc<dyn Broker>>> {
    let broker: Arc<dyn Broker> = match &settings.broker_url {
        BrokerUrl::Embedded => return Ok(None),
        BrokerUrl::Kafka(url) => Arc::new(
            Kafka::open(kafka(settings, url), readers(settings), Handle::current()).context("broker_url")?,
        ),
        BrokerUrl::Amqp(url) => Arc::new(
            RabbitMq::open(rabbitmq(settings, url), readers(settings), Handle::current())
                .context("broker_url")?,
        ),
    };
    Ok(Some(broker))
}

/// Who reads what, in all processes together: what nobody reads, a broker need not keep.
fn readers(settings: &Settings) -> Vec<Reader> {
    let mut readers = [readers_of::<Orders>(), readers_of::<Payments>(), readers_of::<Catalog>()].concat();
    readers.extend(readers_of::<Notifications>());
    if !settings.processing.elsewhere {
        readers.extend(readers_of::<Processing>());
    }
    readers
}

/// What one service reads.
pub fn readers_of<S: Service>() -> Vec<Reader> {
    let topics = sources::<S>().into_iter().filter_map(Topic::of);
    topics.map(|topic| Reader { consumer: S::NAME, topic }).collect()
}

fn kafka(settings: &Settings, url: &Secret) -> KafkaSettings {
    let kafka = &settings.kafka;
    KafkaSettings {
        servers: url.expose().trim_start_matches("kafka://").trim_end_matches('/').to_owned(),
        prefix: settings.broker_prefix.as_str().to_owned(),
        partitions: i32::try_from(kafka.partitions).unwrap_or(i32::MAX),
        replication: i32::try_from(kafka.replication).ok().filter(|brokers| *brokers > 0).unwrap_or(-1),
        username: kafka.username.clone(),
        password: kafka.password.as_ref().map(|password| password.expose().to_owned()),
        sasl_mechanism: match kafka.sasl_mechanism {
            settings::SaslMechanism::Plain => SaslMechanism::Plain,
            settings::SaslMechanism::ScramSha256 => SaslMechanism::ScramSha256,
            settings::SaslMechanism::ScramSha512 => SaslMechanism::ScramSha512,
        },
        tls: kafka.tls,
        ca_file: kafka.ca.clone(),
        timeout: kafka.timeout,
        publish_timeout: kafka.publish_timeout,
        session_timeout: kafka.session_timeout,
        capacity: Capacity { messages: INLET_MESSAGES, bytes: INLET_BYTES },
    }
}

fn rabbitmq(settings: &Settings, url: &Secret) -> RabbitSettings {
    let rabbitmq = &settings.rabbitmq;
    RabbitSettings {
        url: url.expose().to_owned(),
        prefix: settings.broker_prefix.as_str().to_owned(),
        timeout: rabbitmq.timeout,
        publish_timeout: rabbitmq.publish_timeout,
        prefetch: u16::try_from(rabbitmq.prefetch).unwrap_or(u16::MAX),
        heartbeat: rabbitmq.heartbeat,
        order_bytes: u32::try_from(settings.http.max_body_bytes.as_usize()).unwrap_or(u32::MAX),
        bytes: INLET_BYTES,
    }
}

#[cfg(test)]
mod tests {
    use engine::Reaction;

    use super::*;

    /// What no topic lists is bound to no queue, and the next event of its key would wait for it for ever.
    #[test]
    fn whatever_a_service_reacts_to_is_carried() {
        let paying = [Orders::REACTIONS, Payments::REACTIONS, Processing::REACTIONS];
        let others = [Catalog::REACTIONS, Notifications::REACTIONS];
        for Reaction { source, kind } in [paying.concat(), others.concat()].concat() {
            let topic = Topic::of(source).unwrap_or_else(|| panic!("{source} has no topic"));
            assert!(topic.kinds.contains(&kind), "{kind} of {source} is not carried");
        }
    }
}
