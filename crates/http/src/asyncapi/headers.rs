//! Headers: an event's attributes as each broker carries them.

use broker::attributes;
use broker::event::{AMQP_HEADER, CONTENT_TYPE, KAFKA_HEADER};
use contract::Kind;
use engine::{Key, Record};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// The attribute that not every event has.
const STEPS: &str = "steps";
/// When the events of the examples were published.
const THEN: Timestamp = Timestamp::constant(1_760_961_605, 0);

/// A broker that carries events.
#[derive(Clone, Copy, Debug)]
pub(super) enum Carrier {
    Kafka,
    RabbitMq,
}

impl Carrier {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Kafka, Self::RabbitMq];

    /// What the schema of its headers is called.
    pub const fn schema(self) -> &'static str {
        match self {
            Self::Kafka => "KafkaHeaders",
            Self::RabbitMq => "RabbitMqHeaders",
        }
    }

    /// What it is called.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Kafka => "Kafka",
            Self::RabbitMq => "RabbitMQ",
        }
    }

    /// The header of an attribute. None: RabbitMQ has a property of the message for it.
    fn header(self, attribute: &str) -> Option<String> {
        match (self, attribute) {
            (Self::Kafka, CONTENT_TYPE) => Some("content-type".to_owned()),
            (Self::RabbitMq, CONTENT_TYPE) => None,
            (Self::Kafka, attribute) => Some(format!("{KAFKA_HEADER}{attribute}")),
            (Self::RabbitMq, attribute) => Some(format!("{AMQP_HEADER}{attribute}")),
        }
    }

    /// The headers of an event.
    pub fn headers(self, record: &Record) -> Map<String, Value> {
        let header = |(name, value): broker::Attribute<'_>| Some((self.header(name)?, json!(value)));
        attributes(record).into_iter().filter_map(header).collect()
    }

    /// The schema of the headers of all events.
    pub fn headers_schema(self, any: &Record) -> Value {
        let property = |(name, _): broker::Attribute<'_>| Some((self.header(name)?, property(name)));
        let properties: Map<_, _> = attributes(any).into_iter().filter_map(property).collect();
        let optional = self.header(STEPS);
        let required: Vec<_> = properties.keys().filter(|name| Some(*name) != optional.as_ref()).collect();
        json!({
            "type": "object",
            "description": format!("The attributes of an event on {}.", self.name()),
            "required": required,
            "properties": properties,
        })
    }
}

fn property(attribute: &str) -> Value {
    let (description, more) = match attribute {
        "specversion" => ("The version of CloudEvents.", json!({"const": "1.0"})),
        "id" => ("Tells it from all others of its source.", json!({})),
        "source" => ("The service that published it.", json!({})),
        "type" => ("What happened.", json!({})),
        "subject" => ("What it is about: an order's id, a product's id.", json!({})),
        "time" => ("When it was published.", json!({"format": "date-time"})),
        "sequence" => {
            ("1, 2, 3 for the events of one source about one subject.", json!({"pattern": "^[1-9][0-9]*$"}))
        }
        STEPS => (
            "The steps that its subject takes, with commas between them. None said: those that there were at first.",
            json!({}),
        ),
        CONTENT_TYPE => ("What the body is written in.", json!({"const": "application/json"})),
        _ => ("An attribute of the event.", json!({})),
    };
    let mut property = json!({"type": "string", "description": description});
    if let (Value::Object(property), Value::Object(more)) = (&mut property, more) {
        property.extend(more);
    }
    property
}

/// What a sample's data says about its subject.
#[derive(Deserialize)]
struct Subject {
    order_id: Option<Uuid>,
    product_id: Option<String>,
    product: Option<Named>,
}

#[derive(Deserialize)]
struct Named {
    id: String,
}

impl Subject {
    fn key(self) -> Key {
        let product = self.product_id.or(self.product.map(|product| product.id)).unwrap_or_default();
        self.order_id.map_or_else(|| Key::name(&product), Key::Id)
    }
}

/// The steps that the subject of a sample takes.
fn steps(source: &str, kind: &str) -> Option<&'static str> {
    match (source, kind) {
        ("orders", _) => Some("stock,payment,processing,notification"),
        ("payments", _) => Some("notification"),
        ("catalog", "stock.reserved" | "stock.rejected") => Some("payment"),
        ("catalog", _) => Some(""),
        _ => None,
    }
}

/// The event that a sample is the data of.
pub(super) fn event(source: &str, kind: &Kind) -> Record {
    let subject = serde_json::from_str(kind.sample).map_or_else(|_| Key::name(""), Subject::key);
    Record {
        source: source.to_owned(),
        key: subject,
        sequence: Some(1),
        foreign_id: None,
        steps: steps(source, kind.name).map(str::to_owned),
        kind: kind.name.to_owned(),
        time: THEN,
        data: kind.sample.to_owned(),
    }
}
