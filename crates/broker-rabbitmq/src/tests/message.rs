use std::sync::Arc;

use broker::Topic;
use engine::{Key, Record};
use jiff::Timestamp;
use lapin::BasicProperties;
use lapin::message::Delivery;
use lapin::types::{AMQPValue, FieldTable};

use crate::message::{properties, record};
use crate::tests::event;

fn delivery(key: &str, properties: BasicProperties, body: &str) -> Delivery {
    let mut delivery = Delivery::mock(1, "orders".into(), key.into(), false, body.as_bytes().to_vec());
    delivery.properties = properties;
    delivery
}

fn coming(source: &str, key: &str, properties: BasicProperties, body: &str) -> Record {
    record(Topic::of(source).unwrap(), &delivery(key, properties, body))
}

fn headers(headers: Vec<(&str, AMQPValue)>) -> BasicProperties {
    let mut table = FieldTable::default();
    for (name, value) in headers {
        table.insert(name.into(), value);
    }
    BasicProperties::default().with_headers(table)
}

fn text(text: &str) -> AMQPValue {
    AMQPValue::LongString(text.into())
}

#[test]
fn an_event_of_ours_comes_in_as_it_went_out() {
    let long = Record { key: Key::name(&"k".repeat(300)), ..(*event("payment.failed", "{}")).clone() };
    let event = event("payment.paid", r#"{"a":"ä"}"#);
    assert_eq!(coming("payments", &event.kind, properties(&event), &event.data), *event);
    assert_eq!(properties(&long).message_id(), &None, "there is no room for it, and the header says it");
}

#[test]
fn an_event_of_ours_is_a_persistent_cloud_event() {
    let properties = properties(&event("payment.paid", "{}"));
    assert_eq!(properties.delivery_mode(), &Some(2));
    assert_eq!(properties.message_id().as_ref().unwrap().as_str(), "k:2");
    assert_eq!(properties.content_type().as_ref().unwrap().as_str(), "application/json");
    assert_eq!(properties.timestamp(), &Some(5));
    let headers = properties.headers().as_ref().unwrap().inner();
    let names: Vec<_> = headers.keys().map(|name| name.as_str()).collect();
    let expected = ["id", "sequence", "source", "specversion", "subject", "time", "type"];
    assert_eq!(names, expected.map(|name| format!("cloudEvents_{name}")));
}

#[test]
fn attributes_are_read_in_every_form_that_clients_write() {
    let properties = headers(vec![
        ("cloudEvents:source", text("payments")),
        ("cloudEvents_subject", AMQPValue::ShortString("k".into())),
        ("cloudEvents:sequence", AMQPValue::LongLongInt(2)),
        ("cloudEvents_type", text("payment.paid")),
        ("cloudEvents:time", AMQPValue::Timestamp(5)),
        ("type", text("payment.failed")),
        ("cloudEvents_other", AMQPValue::Void),
    ]);
    assert_eq!(coming("payments", "x", properties, "{}"), *event("payment.paid", "{}"));
}

#[test]
fn a_plain_message_is_known_by_its_message_id_or_its_content() {
    let named = BasicProperties::default().with_message_id("m-1".into());
    assert_eq!(coming("processing", "order.processed", named, "{}").id(), "m-1");
    let plain = |body| coming("processing", "order.processed", BasicProperties::default(), body).id();
    assert_eq!((plain("{}"), plain("{}").len()), (plain("{}"), 64));
    assert_ne!(plain("{}"), plain("[]"));
}

#[test]
fn the_routing_key_says_the_type_of_a_message_that_does_not() {
    let kind = |key| coming("payments", key, BasicProperties::default(), "{}").kind;
    assert_eq!((kind("payment.refunded").as_str(), kind("x").as_str()), ("payment.refunded", "payment.paid"));
}

#[test]
fn an_order_that_comes_in_is_as_old_as_its_message_says_or_new() {
    let order = |properties| coming("ingress", "orders", properties, "{}");
    let dated = || BasicProperties::default().with_message_id("m-1".into()).with_timestamp(1_700_000_000);
    assert_eq!(order(dated()), order(dated()));
    assert_eq!(order(dated()).time, Timestamp::from_second(1_700_000_000).unwrap());
    for timeless in [BasicProperties::default(), BasicProperties::default().with_timestamp(u64::MAX)] {
        let (first, again) = (order(timeless.clone()), order(timeless));
        assert!(first.time > order(dated()).time);
        assert_eq!(first.id(), again.id(), "it is known by its content");
    }
}

#[test]
fn what_cannot_be_read_is_a_record_all_the_same() {
    let mut delivery =
        delivery("x", headers(vec![("cloudEvents_id", AMQPValue::ByteArray(vec![255].into()))]), "");
    delivery.data = vec![0xff, 0xfe];
    let record = Arc::new(record(Topic::of("processing").unwrap(), &delivery));
    assert_eq!((record.kind.as_str(), record.sequence), ("order.processed", None));
}
