//! Operations: which service publishes what, and which one reads it.

use broker::{Reader, TOPICS, Topic};
use catalog::Catalog;
use engine::{Reaction, Service};
use orders::Orders;
use payments::Payments;
use processing::Processing;
use serde_json::{Map, Value, json};

use super::reference;

/// The services, and what they react to.
pub(super) const SERVICES: [(&str, &[Reaction]); 4] = [
    (Orders::NAME, Orders::REACTIONS),
    (Payments::NAME, Payments::REACTIONS),
    (Processing::NAME, Processing::REACTIONS),
    (Catalog::NAME, Catalog::REACTIONS),
];

/// All operations: first what is published, then what is read.
pub(super) fn all() -> Map<String, Value> {
    let sent = TOPICS.iter().filter(|topic| topic.counts).map(send);
    let read = SERVICES.iter().flat_map(|(service, reactions)| {
        TOPICS.iter().filter_map(|topic| receive(Reader { consumer: service, topic }, reactions))
    });
    sent.chain(read).collect()
}

fn send(topic: &Topic) -> (String, Value) {
    let operation = json!({
        "action": "send",
        "summary": format!("{} publishes", topic.source),
        "channel": reference(&format!("channels/{}", topic.name)),
        "messages": messages(topic, topic.kinds),
        "bindings": {"amqp": {"deliveryMode": 2, "bindingVersion": "0.3.0"}},
    });
    (format!("{}_send_{}", topic.source, topic.name), operation)
}

/// What a service reads of a topic. None: nothing.
fn receive(reader: Reader, reactions: &[Reaction]) -> Option<(String, Value)> {
    let topic = reader.topic;
    let mine = reactions.iter().filter(|reaction| reaction.source == topic.source);
    let kinds: Vec<_> = mine.map(|reaction| reaction.kind).collect();
    let operation = json!({
        "action": "receive",
        "summary": format!("{} reads", reader.consumer),
        "description": format!("On RabbitMQ from the queue `{}`.", reader.queue()),
        "channel": reference(&format!("channels/{}", topic.name)),
        "messages": messages(topic, &kinds),
        "bindings": {"kafka": {
            "groupId": {"type": "string", "enum": [reader.group()]},
            "bindingVersion": "0.5.0",
        }},
    });
    (!kinds.is_empty()).then(|| (format!("{}_receive_{}", reader.consumer, topic.name), operation))
}

fn messages(topic: &Topic, kinds: &[&str]) -> Vec<Value> {
    let path = |kind: &&str| reference(&format!("channels/{}/messages/{kind}", topic.name));
    kinds.iter().map(path).collect()
}
