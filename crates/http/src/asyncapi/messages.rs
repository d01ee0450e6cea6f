//! Messages: each event with its headers, its data and examples of both.

use broker::{TOPICS, Topic};
use contract::{KINDS, Kind};
use serde_json::{Map, Value, json};

use super::headers::{Carrier, event};
use super::reference;
use crate::examples::examples;

/// All messages, by their types.
pub(super) fn all() -> Map<String, Value> {
    let named = TOPICS.iter().flat_map(|topic| topic.kinds.iter().map(move |kind| (topic, *kind)));
    named.map(|(topic, kind)| (kind.to_owned(), message(topic, kind))).collect()
}

fn message(topic: &Topic, name: &str) -> Value {
    match KINDS.iter().find(|kind| kind.name == name) {
        Some(kind) => published(topic, kind),
        None => order(name),
    }
}

/// An event of ours.
fn published(topic: &Topic, kind: &Kind) -> Value {
    let schema = (kind.schema)();
    let carriers = Carrier::ALL.map(|carrier| reference(&format!("components/schemas/{}", carrier.schema())));
    json!({
        "name": kind.name,
        "title": kind.summary,
        "contentType": "application/json",
        "headers": {"type": "object", "oneOf": carriers},
        "payload": {"allOf": [
            reference(&format!("components/schemas/{}", schema.name)),
            {"type": "object", "properties": {"event_type": {"const": kind.name}}},
        ]},
        "examples": Carrier::ALL.map(|carrier| example(carrier, topic, kind)),
    })
}

fn example(carrier: Carrier, topic: &Topic, kind: &Kind) -> Value {
    json!({
        "name": carrier.schema(),
        "summary": format!("on {}", carrier.name()),
        "headers": carrier.headers(&event(topic.source, kind)),
        "payload": serde_json::from_str::<Value>(kind.sample).unwrap_or_default(),
    })
}

/// An order of another system.
fn order(name: &str) -> Value {
    let placed = examples("place_order").into_iter().filter(|example| example.response.status == 201);
    let forms = placed.filter_map(|example| {
        Some(json!({"name": example.name, "summary": example.summary, "payload": example.request.body?}))
    });
    json!({
        "name": name,
        "title": "An order of another system.",
        "description": "Needs no headers; those of CloudEvents are understood. It is placed once, by its external id, else by the \
            id of the event, else by its place in the topic or the id of the message.",
        "contentType": "application/json",
        "payload": reference("components/schemas/PlaceOrder"),
        "examples": forms.collect::<Vec<_>>(),
    })
}
