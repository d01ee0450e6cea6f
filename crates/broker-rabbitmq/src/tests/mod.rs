//! What can be said of this adapter without a server. What a server has to say too stands in the suite of the broker port.

mod address;
mod away;
mod failure;
mod flight;
mod message;
mod settings;
mod settled;
mod standing;
mod topology;

use std::sync::Arc;
use std::time::Duration;

use broker::{Reader, Topic};
use engine::{Key, Record};
use jiff::Timestamp;

use crate::RabbitSettings;

fn settings(url: &str) -> RabbitSettings {
    RabbitSettings {
        url: url.to_owned(),
        prefix: String::new(),
        timeout: Duration::from_secs(5),
        publish_timeout: Duration::from_secs(30),
        prefetch: 1_000,
        bytes: 32 * 1024 * 1024,
        order_bytes: 1024 * 1024,
        heartbeat: Duration::from_secs(7),
    }
}

fn reader(consumer: &'static str, source: &str) -> Reader {
    Reader { consumer, topic: Topic::of(source).unwrap() }
}

fn event(kind: &str, data: &str) -> Arc<Record> {
    Arc::new(Record {
        source: "payments".to_owned(),
        key: Key::name("k"),
        sequence: Some(2),
        foreign_id: None,
        steps: None,
        kind: kind.to_owned(),
        time: Timestamp::from_second(5).unwrap(),
        data: data.to_owned(),
    })
}
