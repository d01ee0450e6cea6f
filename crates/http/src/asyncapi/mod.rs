//! The AsyncAPI 3.0 document: which events go over which topic, how they look on Kafka and on RabbitMQ, and who reads them.
//!
//! Everything in it is made from what the services run on: the topics, the services' reactions, the schemas and samples of
//! the contract, and the very function that gives an event its attributes. So it cannot say what is not so. It deliberately
//! describes only what goes over brokers; `/api/v1/events` tells the same over HTTP, and OpenAPI describes that.

mod channels;
mod headers;
mod messages;
mod operations;
mod schemas;
#[cfg(test)]
mod tests;

use serde_json::{Value, json};

const DESCRIPTION: &str = "What ordo's services tell each other, and whoever else listens, over Kafka or RabbitMQ. Events are \
    CloudEvents 1.0 in binary mode: attributes in headers, the data alone in the body, as JSON. Events of one source about one \
    subject are numbered 1, 2, 3 in `sequence`; each arrives at least once, so whoever reads them tells a duplicate by source, \
    subject and sequence. Fields are only ever added: pass over what you do not know. All names begin with `ORDO_BROKER_PREFIX`, \
    if one is set.";

/// The document.
pub(crate) fn document() -> Value {
    json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "ordo events",
            "version": env!("CARGO_PKG_VERSION"),
            "description": DESCRIPTION,
            "license": {"name": "MIT"},
        },
        "defaultContentType": "application/json",
        "servers": servers(),
        "channels": channels::all(),
        "operations": operations::all(),
        "components": {"messages": messages::all(), "schemas": schemas::all()},
    })
}

/// Where events go is a setting, so all that is known here is the usual port.
fn servers() -> Value {
    let server = |protocol: &str, port: u16| {
        json!({
            "host": "{host}",
            "protocol": protocol,
            "variables": {"host": {
                "default": format!("localhost:{port}"),
                "description": "What `ORDO_BROKER_URL` names",
            }},
        })
    };
    json!({"kafka": server("kafka", 9092), "rabbitmq": server("amqp", 5672)})
}

/// A reference to something of this document.
fn reference(path: &str) -> Value {
    json!({"$ref": format!("#/{path}")})
}
