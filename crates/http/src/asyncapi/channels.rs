//! Channels: the topics, and what they are on each broker.

use broker::topics::EXCHANGE;
use broker::{TOPICS, Topic};
use serde_json::{Map, Value, json};

use super::reference;

/// All channels, by the names of their topics.
pub(super) fn all() -> Map<String, Value> {
    TOPICS.iter().map(|topic| (topic.name.to_owned(), channel(topic))).collect()
}

fn channel(topic: &Topic) -> Value {
    let message = |kind: &&str| ((*kind).to_owned(), reference(&format!("components/messages/{kind}")));
    let messages: Map<_, _> = topic.kinds.iter().map(message).collect();
    json!({
        "address": topic.name,
        "description": description(topic),
        "messages": messages,
        "bindings": {
            "kafka": {"topic": topic.name, "bindingVersion": "0.5.0"},
            "amqp": amqp(topic),
        },
    })
}

fn description(topic: &Topic) -> String {
    match topic.counts {
        true => format!(
            "What the service {} publishes. On Kafka a message's key is the subject, so the events about one subject stay in \
             order. On RabbitMQ it is the exchange `{EXCHANGE}`, and the type is the routing key.",
            topic.source,
        ),
        false => format!(
            "Orders of other systems, in any of the five forms. On RabbitMQ they go straight into the queue `{}`, or into the \
             exchange `{EXCHANGE}` with the routing key `{}`.",
            topic.name, topic.kinds[0],
        ),
    }
}

/// What it is on RabbitMQ: a queue where orders come in, an exchange else.
fn amqp(topic: &Topic) -> Value {
    match topic.counts {
        true => json!({
            "is": "routingKey",
            "exchange": {"name": EXCHANGE, "type": "topic", "durable": true, "autoDelete": false},
            "bindingVersion": "0.3.0",
        }),
        false => json!({
            "is": "queue",
            "queue": {"name": topic.name, "durable": true, "exclusive": false, "autoDelete": false},
            "bindingVersion": "0.3.0",
        }),
    }
}
