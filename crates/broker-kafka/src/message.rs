//! Messages of Kafka as arrivals of the engine.

use std::collections::BTreeMap;
use std::sync::Arc;

use broker::{Arrival, Incoming, Topic, record};
use engine::{Delivery, Position};
use jiff::Timestamp;
use rdkafka::Message;

use crate::headers::read;
use crate::offsets::Mark;

/// What a message is to the engine. There always is something; what it means is for the service to say.
pub(crate) fn arrival<M: Message>(topic: &'static Topic, message: &M) -> Arrival<Mark> {
    let (partition, offset) = (message.partition(), message.offset());
    let stamp = message.timestamp().to_millis();
    let incoming = Incoming {
        topic,
        attributes: message.headers().map_or_else(BTreeMap::new, read),
        routing_key: None,
        id: Some(format!("{}/{partition}/{offset}/{}", topic.name, stamp.unwrap_or(-1))),
        time: stamp
            .and_then(|stamp| Timestamp::from_millisecond(stamp).ok())
            .unwrap_or(Timestamp::UNIX_EPOCH),
        body: message.payload().unwrap_or_default(),
    };
    let delivery = Delivery { record: Arc::new(record(&incoming)), position: position(partition, offset) };
    Arrival { delivery, tag: Mark { partition, next: offset + 1 } }
}

/// The place for who looks at it: the broker keeps the cursor, so nothing depends on it.
fn position(partition: i32, offset: i64) -> Position {
    let partition = u16::try_from(partition).unwrap_or(u16::MAX);
    Position { partition, offset: u64::try_from(offset).map_or(0, |offset| offset + 1) }
}

#[cfg(test)]
mod tests {
    use engine::{Key, Record};
    use rdkafka::message::{Header, OwnedHeaders, OwnedMessage};

    use super::*;
    use crate::headers::written;

    fn topic(source: &str) -> &'static Topic {
        Topic::of(source).unwrap()
    }

    fn message(payload: Option<&str>, headers: Option<OwnedHeaders>) -> OwnedMessage {
        let stamp = rdkafka::Timestamp::CreateTime(1_700_000_000_123);
        let payload = payload.map(|payload| payload.as_bytes().to_vec());
        OwnedMessage::new(payload, None, "shop-1.anything".to_owned(), stamp, 70_000, 41, headers)
    }

    #[test]
    fn an_event_of_ours_comes_back_as_it_went() {
        let sent = Record {
            source: "orders".to_owned(),
            key: Key::name("margherita"),
            sequence: Some(3),
            foreign_id: None,
            steps: None,
            kind: "order.paid".to_owned(),
            time: Timestamp::UNIX_EPOCH,
            data: "{\"a\":1}".to_owned(),
        };
        let came = arrival(topic("orders"), &message(Some(&sent.data), Some(written(&sent))));
        assert_eq!(*came.delivery.record, sent);
        assert_eq!(came.tag, Mark { partition: 70_000, next: 42 });
        assert_eq!(came.delivery.position, Position { partition: u16::MAX, offset: 42 });
    }

    #[test]
    fn a_plain_message_is_known_by_its_place() {
        let came = arrival(topic("ingress"), &message(Some("{}"), None)).delivery.record;
        assert_eq!(came.foreign_id.as_deref(), Some("orders/70000/41/1700000000123"));
        assert_eq!((came.source.as_str(), came.kind.as_str()), ("ingress", "order.place"));
        assert_eq!(came.time.as_millisecond(), 1_700_000_000_123);
    }

    #[test]
    fn a_foreign_event_keeps_its_id() {
        let header = |key, value: &'static str| Header { key, value: Some(value) };
        let headers = OwnedHeaders::new().insert(header("ce_id", "7")).insert(header("ce_source", "kitchen"));
        let came = arrival(topic("processing"), &message(Some("{}"), Some(headers))).delivery.record;
        assert_eq!(came.foreign_id.as_deref(), Some("kitchen/7"));
    }

    #[test]
    fn a_message_without_a_body_is_an_empty_one() {
        let came = arrival(topic("ingress"), &message(None, None)).delivery.record;
        assert_eq!(came.data, "");
    }

    #[test]
    fn a_message_without_a_time_is_as_old_as_can_be() {
        let none = rdkafka::Timestamp::NotAvailable;
        let message = OwnedMessage::new(None, None, "orders".to_owned(), none, 0, 0, None);
        let came = arrival(topic("ingress"), &message).delivery.record;
        assert_eq!(came.time, Timestamp::UNIX_EPOCH);
        assert_eq!(came.foreign_id.as_deref(), Some("orders/0/0/-1"));
    }
}
