use engine::{Key, Record};
use jiff::Timestamp;
use uuid::Uuid;

use crate::{Incoming, TOPICS, Topic, attributes, record};

const ORDER: Uuid = Uuid::from_u128(7);

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn plain<'m>(source: &str, body: &'m str) -> Incoming<'m> {
    Incoming {
        topic: Topic::of(source).unwrap(),
        attributes: [].into(),
        routing_key: None,
        id: Some("processing-events/3/14/1000".to_owned()),
        time: at(1),
        body: body.as_bytes(),
    }
}

fn with<'m>(source: &str, attributes: &[(&str, &str)], body: &'m str) -> Incoming<'m> {
    let attributes = attributes.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Incoming { attributes: attributes.collect(), ..plain(source, body) }
}

fn paid() -> Record {
    Record {
        source: "payments".to_owned(),
        key: Key::Id(ORDER),
        sequence: Some(2),
        foreign_id: None,
        steps: None,
        kind: "payment.paid".to_owned(),
        time: at(5),
        data: r#"{"event_type":"payment.paid"}"#.to_owned(),
    }
}

#[test]
fn an_event_of_ours_comes_in_as_it_went_out() {
    let named = |name: &str| Record { key: Key::name(name), ..paid() };
    for record in [paid(), named("margherita"), named(&ORDER.to_string()), named("=")] {
        let attributes: Vec<_> = attributes(&record);
        let attributes: Vec<_> = attributes.iter().map(|(name, value)| (*name, value.as_ref())).collect();
        assert_eq!(crate::record(&with("payments", &attributes, &record.data)), record);
    }
}

#[test]
fn an_event_of_ours_is_a_cloud_event() {
    let attributes: Vec<_> =
        attributes(&paid()).into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(
        attributes,
        [
            "specversion=1.0",
            &format!("id={ORDER}:2"),
            "source=payments",
            "type=payment.paid",
            &format!("subject={ORDER}"),
            "time=1970-01-01T00:00:05Z",
            "datacontenttype=application/json",
            "sequence=2",
        ]
    );
}

#[test]
fn a_plain_answer_of_a_foreign_processor_is_understood() {
    let body = format!(r#"{{"order_id": "{ORDER}", "status": "completed"}}"#);
    let record = record(&plain("processing", &body));
    assert_eq!(record.key, Key::Id(ORDER));
    assert_eq!((record.source.as_str(), record.kind.as_str()), ("processing", "order.processed"));
    assert_eq!((record.sequence, record.id().as_str()), (None, "processing-events/3/14/1000"));
    assert_eq!(record.data, body);
}

#[test]
fn a_cloud_event_of_somebody_else_is_known_by_his_id() {
    let attributes = [("source", "/kitchen"), ("id", "77"), ("type", "order.processed"), ("sequence", "9")];
    let body = format!(r#"{{"order_id": "{ORDER}", "status": "failed"}}"#);
    let record = record(&with("processing", &attributes, &body));
    assert_eq!((record.sequence, record.id().as_str()), (None, "/kitchen/77"));
    assert_eq!(record.key, Key::Id(ORDER));
}

#[test]
fn who_says_our_name_without_a_sequence_is_foreign() {
    for sequence in ["", "0", "-1", "x"] {
        let attributes = [("source", "processing"), ("id", "1"), ("subject", "s"), ("sequence", sequence)];
        let record = record(&with("processing", &attributes, "{}"));
        assert_eq!((record.sequence, record.id().as_str()), (None, "processing/1"), "{sequence}");
    }
}

#[test]
fn an_order_that_comes_in_is_foreign_whatever_it_says_of_itself() {
    let attributes = [
        ("source", "ingress"),
        ("id", "1"),
        ("type", "order.place"),
        ("subject", "mine"),
        ("sequence", "1"),
        ("time", "2026-01-01T00:00:00Z"),
    ];
    let record = record(&with("ingress", &attributes, "{}"));
    assert_eq!((record.sequence, record.id().as_str()), (None, "ingress/1"));
    assert!(record.key.id().is_some());
}

#[test]
fn names_that_are_not_fit_are_replaced_by_their_hash() {
    let long = "x".repeat(201);
    for name in [long.as_str(), "a\0b", "a\nb"] {
        let attributes = [("id", name), ("subject", name), ("type", name)];
        let record = record(&with("processing", &attributes, "{}"));
        for text in [record.id(), record.key.to_string(), record.kind.clone()] {
            assert_eq!((text.len(), text.contains(name)), (64, false), "{name}");
        }
        let attributes = [("source", "processing"), ("sequence", "1"), ("time", "2026-01-01T00:00:00Z")];
        let own = [&attributes[..], &[("subject", name), ("type", "order.processed")]].concat();
        assert_eq!(crate::record(&with("processing", &own, "{}")).sequence, None, "{name}");
    }
}

#[test]
fn the_type_is_the_attribute_or_in_the_body_or_the_routing_key_or_the_topics() {
    let kind = |attribute: &[(&str, &str)], body: &str, routing_key| {
        record(&Incoming { routing_key, ..with("payments", attribute, body) }).kind
    };
    let body = r#"{"event_type": "payment.failed"}"#;
    assert_eq!(kind(&[("type", "payment.unknown")], body, Some("payment.refunded")), "payment.unknown");
    assert_eq!(kind(&[], body, Some("payment.refunded")), "payment.failed");
    assert_eq!(kind(&[], "{}", Some("payment.refunded")), "payment.refunded");
    assert_eq!(kind(&[], "{}", Some("something.else")), "payment.paid");
}

#[test]
fn an_order_that_comes_in_has_the_same_id_whenever_the_message_comes() {
    let order =
        |id: Option<&str>, body| record(&Incoming { id: id.map(str::to_owned), ..plain("ingress", body) });
    let first = order(Some("orders/0/1/5"), "{}");
    assert_eq!((first.source.as_str(), first.kind.as_str()), ("ingress", "order.place"));
    assert_eq!(first.key.id().unwrap().get_version_num(), 7);
    assert_eq!(order(Some("orders/0/1/5"), "{}").key, first.key);
    assert_ne!(order(Some("orders/0/2/5"), "{}").key, first.key);
    assert_eq!(order(None, "{}"), order(None, "{}"), "known by its content");
    assert_ne!(order(None, "{}").key, order(None, "[]").key);
    let lies = format!(r#"{{"order_id": "{ORDER}", "event_type": "order.paid"}}"#);
    let lie = order(Some("x"), &lies);
    assert_eq!((lie.key == Key::Id(ORDER), lie.kind.as_str()), (false, "order.place"));
}

#[test]
fn what_cannot_be_read_is_a_record_all_the_same() {
    for body in [&b""[..], b"{", b"\xff\xfe", b"[1]", b"{\"order_id\": 7}"] {
        for topic in &TOPICS {
            let record = record(&Incoming { body, ..plain(topic.source, "") });
            assert_eq!(record.kind, topic.kinds[0]);
            assert_eq!(record.data, String::from_utf8_lossy(body));
        }
    }
}
