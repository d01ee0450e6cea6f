//! How an event looks in AMQP: CloudEvents in binary mode, with the attributes as headers.

use std::borrow::Cow;
use std::collections::BTreeMap;

use broker::event::{AMQP_HEADER, CONTENT_TYPE};
use broker::{Incoming, Topic};
use engine::{Clock, Record, SystemClock};
use jiff::Timestamp;
use lapin::BasicProperties;
use lapin::message::Delivery;
use lapin::types::{AMQPValue, FieldTable, ShortString};

/// What may stand before an attribute's name. The second form is the one that the binding prefers, and that not every client
/// can write.
const PREFIXES: [&str; 2] = [AMQP_HEADER, "cloudEvents:"];
/// The delivery mode of a message that survives a restart of the server.
const PERSISTENT: u8 = 2;

/// Everything about an event but its data.
pub(crate) fn properties(record: &Record) -> BasicProperties {
    let mut headers = FieldTable::default();
    let mut properties = BasicProperties::default().with_delivery_mode(PERSISTENT);
    for (name, value) in broker::attributes(record) {
        if name == CONTENT_TYPE {
            properties = properties.with_content_type(short(&value));
        } else {
            let value = AMQPValue::LongString(value.into_owned().into());
            headers.insert(short(&format!("{AMQP_HEADER}{name}")), value);
        }
    }
    if let Ok(id) = ShortString::try_new(record.id()) {
        properties = properties.with_message_id(id);
    }
    if let Ok(second) = u64::try_from(record.time.as_second()) {
        properties = properties.with_timestamp(second);
    }
    properties.with_headers(headers)
}

/// The record that a delivery is to the engine.
pub(crate) fn record(topic: &'static Topic, delivery: &Delivery) -> Record {
    let properties = &delivery.properties;
    broker::record(&Incoming {
        topic,
        attributes: attributes(properties),
        routing_key: Some(delivery.routing_key.as_str()),
        id: properties.message_id().as_ref().map(ToString::to_string),
        time: time(properties),
        body: &delivery.data,
    })
}

fn attributes(properties: &BasicProperties) -> BTreeMap<String, String> {
    let headers = properties.headers().as_ref().map(FieldTable::inner).into_iter().flatten();
    let attribute = |(name, value): (&ShortString, &AMQPValue)| {
        let name = PREFIXES.iter().find_map(|prefix| name.as_str().strip_prefix(prefix))?;
        Some((name.to_owned(), text(value)?.into_owned()))
    };
    let mut attributes: BTreeMap<_, _> = headers.filter_map(attribute).collect();
    let content_type = properties.content_type().as_ref();
    attributes.extend(content_type.map(|value| (CONTENT_TYPE.to_owned(), value.to_string())));
    attributes
}

/// When it was sent, or, if it does not say so, when it came. Then an order that comes in again has another id, and is still
/// the same order: the message's own id is claimed.
fn time(properties: &BasicProperties) -> Timestamp {
    properties.timestamp().and_then(timestamp).unwrap_or_else(|| SystemClock.now())
}

fn timestamp(second: u64) -> Option<Timestamp> {
    Timestamp::from_second(i64::try_from(second).ok()?).ok()
}

/// A header's value as text. Clients write attributes in the type that is closest; the rest is none of CloudEvents'.
fn text(value: &AMQPValue) -> Option<Cow<'_, str>> {
    let text = match value {
        AMQPValue::LongString(text) => return std::str::from_utf8(text.as_bytes()).ok().map(Cow::Borrowed),
        AMQPValue::ShortString(text) => return Some(text.as_str().into()),
        AMQPValue::Boolean(value) => value.to_string(),
        AMQPValue::ShortShortInt(number) => number.to_string(),
        AMQPValue::ShortShortUInt(number) => number.to_string(),
        AMQPValue::ShortInt(number) => number.to_string(),
        AMQPValue::ShortUInt(number) => number.to_string(),
        AMQPValue::LongInt(number) => number.to_string(),
        AMQPValue::LongUInt(number) => number.to_string(),
        AMQPValue::LongLongInt(number) => number.to_string(),
        AMQPValue::Timestamp(second) => timestamp(*second)?.to_string(),
        _ => return None,
    };
    Some(text.into())
}

/// A text that is short because this house chose it.
fn short(text: &str) -> ShortString {
    ShortString::try_new(text).unwrap_or_default()
}
