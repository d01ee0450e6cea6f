//! Events on the wire: CloudEvents 1.0 in binary mode, and what comes without it.
//!
//! Our own events are known by their source and sequence, and everything about them is in their attributes. Whatever else
//! comes is foreign: it is known by an id, and what it is about is looked for in its attributes and then in its body.

use std::borrow::Cow;
use std::collections::BTreeMap;

use engine::{Key, Record};
use jiff::Timestamp;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid};

use crate::topics::Topic;

/// The longest name that somebody else may choose, in bytes.
const LONGEST_NAME: usize = 200;

/// What a header begins with that is an attribute, in CloudEvents' binding to Kafka. The content type is a header without it.
pub const KAFKA_HEADER: &str = "ce_";
/// The same in the binding to AMQP, in the form that every client can write. The content type is a property instead.
pub const AMQP_HEADER: &str = "cloudEvents_";
/// The attribute that is no such header.
pub const CONTENT_TYPE: &str = "datacontenttype";

/// An attribute of a CloudEvent: its name, without the prefix of the protocol's binding, and its value.
pub type Attribute<'r> = (&'static str, Cow<'r, str>);

/// The attributes of an event of ours. Its body is its data.
pub fn attributes(record: &Record) -> Vec<Attribute<'_>> {
    let mut attributes: Vec<Attribute<'_>> = vec![
        ("specversion", "1.0".into()),
        ("id", record.id().into()),
        ("source", record.source.as_str().into()),
        ("type", record.kind.as_str().into()),
        ("subject", record.key.text().into()),
        ("time", record.time.to_string().into()),
        ("datacontenttype", "application/json".into()),
    ];
    attributes.extend(record.sequence.map(|sequence| ("sequence", sequence.to_string().into())));
    attributes.extend(record.steps.as_deref().map(|steps| ("steps", steps.into())));
    attributes
}

/// What a broker delivers.
#[derive(Clone, Debug)]
pub struct Incoming<'m> {
    /// Where it came in.
    pub topic: &'static Topic,
    /// The attributes of a CloudEvent, without prefix; none for a plain message.
    pub attributes: BTreeMap<String, String>,
    /// What else may tell its type: the routing key.
    pub routing_key: Option<&'m str>,
    /// What the broker, or else its sender, calls the message. None: its content has to do.
    pub id: Option<String>,
    /// When the broker got it.
    pub time: Timestamp,
    /// What it says.
    pub body: &'m [u8],
}

/// What is read of a body to know whom it is about.
#[derive(Default, Deserialize)]
struct Peek {
    event_type: Option<String>,
    order_id: Option<Uuid>,
}

/// The record that a message is to the engine. There always is one: what cannot be read is told by the service that tries.
pub fn record(incoming: &Incoming<'_>) -> Record {
    own(incoming).unwrap_or_else(|| foreign(incoming))
}

/// An event of the very service whose topic it is.
fn own(incoming: &Incoming<'_>) -> Option<Record> {
    let attribute = |name: &str| incoming.attributes.get(name);
    if !incoming.topic.counts || attribute("source")? != incoming.topic.source {
        return None;
    }
    Some(Record {
        source: incoming.topic.source.to_owned(),
        key: Key::read(attribute("subject").filter(|subject| is_fit(subject))?),
        sequence: Some(attribute("sequence")?.parse().ok().filter(|sequence| *sequence > 0)?),
        foreign_id: None,
        steps: attribute("steps").cloned(),
        kind: attribute("type").filter(|kind| is_fit(kind))?.clone(),
        time: attribute("time")?.parse().ok()?,
        data: std::str::from_utf8(incoming.body).ok()?.to_owned(),
    })
}

fn foreign(incoming: &Incoming<'_>) -> Record {
    let topic = incoming.topic;
    let attribute = |name: &str| incoming.attributes.get(name).cloned();
    let id = match (attribute("source"), attribute("id"), &incoming.id) {
        (source, Some(id), _) => format!("{}/{id}", source.unwrap_or_default()),
        (_, None, Some(id)) => id.clone(),
        (_, None, None) => hex(&Sha256::digest(incoming.body)),
    };
    let id = fit(id);
    // An order that comes in gets an id of its own. Whenever the message comes again it is known by its own id, which is claimed.
    let is_new = !topic.counts;
    let peek: Peek = match is_new {
        true => Peek::default(),
        false => serde_json::from_slice(incoming.body).unwrap_or_default(),
    };
    let known = |kind: &String| topic.kinds.contains(&kind.as_str());
    let routed = incoming.routing_key.map(str::to_owned).filter(known);
    let kind = attribute("type").or(peek.event_type).or(routed).filter(|_| !is_new).map(fit);
    let subject = || attribute("subject").map(|subject| Key::read(&fit(subject)));
    let key = match is_new {
        true => Key::Id(id_of(&id, incoming.time)),
        false => peek.order_id.map(Key::Id).or_else(subject).unwrap_or_else(|| Key::name(&id)),
    };
    Record {
        source: topic.source.to_owned(),
        key,
        sequence: None,
        foreign_id: Some(id),
        steps: None,
        kind: kind.unwrap_or_else(|| topic.kinds[0].to_owned()),
        time: incoming.time,
        data: String::from_utf8_lossy(incoming.body).into_owned(),
    }
}

/// Whether a text that somebody else chose can be a name here: in an index, in a log line.
fn is_fit(text: &str) -> bool {
    text.len() <= LONGEST_NAME && !text.chars().any(char::is_control)
}

/// The text, or, if it is not fit to be a name, the SHA-256 of it.
fn fit(text: String) -> String {
    if is_fit(&text) { text } else { hex(&Sha256::digest(text)) }
}

/// The id of what a message makes: its time, and for the rest the SHA-256 of its name (UUIDv7 layout, RFC 9562).
fn id_of(name: &str, time: Timestamp) -> Uuid {
    let mut random = [0; 10];
    random.copy_from_slice(&Sha256::digest(name)[..10]);
    let millis = u64::try_from(time.as_millisecond()).unwrap_or(0);
    Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
