//! Which events somebody wants, as the query says it.

use axum::http::Uri;
use broker::{TOPICS, Topic};
use engine::{Key, Record};
use uuid::Uuid;

use crate::parameters::{self, LAST_EVENT_ID, invalid, parameters};
use crate::problem::Problem;

const KNOWN: &[&str] = &["type", "order_id", "topic", LAST_EVENT_ID];

/// Which events somebody wants.
#[derive(Debug, Default)]
pub(super) struct Filter {
    /// Of one of these types; any if there are none.
    kinds: Vec<&'static str>,
    /// About this order.
    order: Option<Key>,
    /// Of this topic.
    topic: Option<&'static Topic>,
}

impl Filter {
    /// Whether an event is wanted.
    pub fn has(&self, record: &Record) -> bool {
        (self.kinds.is_empty() || self.kinds.contains(&&*record.kind))
            && self.order.as_ref().is_none_or(|order| *order == record.key)
            && self.topic.is_none_or(|topic| topic.source == record.source)
    }
}

/// What is wanted, and from where on.
pub(super) fn read(uri: &Uri) -> Result<(Filter, Option<String>), Problem> {
    let (mut filter, mut last_event_id) = (Filter::default(), None);
    for (name, value) in parameters(uri) {
        match &*name {
            "type" => filter.kinds.push(kind(&value)?),
            "order_id" => filter.order = Some(Key::Id(order(&value)?)),
            "topic" => filter.topic = Some(topic(&value)?),
            LAST_EVENT_ID => last_event_id = Some(value.into_owned()),
            unknown => return Err(parameters::unknown(unknown, KNOWN)),
        }
    }
    Ok((filter, last_event_id))
}

/// The topics of our own events.
fn topics() -> impl Iterator<Item = &'static Topic> {
    TOPICS.iter().filter(|topic| topic.counts)
}

fn kind(value: &str) -> Result<&'static str, Problem> {
    let kinds: Vec<_> = topics().flat_map(|topic| topic.kinds).copied().collect();
    let known = kinds.iter().find(|kind| **kind == value);
    known.copied().ok_or_else(|| invalid("type", format!("write one of {}", kinds.join(", "))))
}

fn topic(value: &str) -> Result<&'static Topic, Problem> {
    let names: Vec<_> = topics().map(|topic| topic.name).collect();
    let known = topics().find(|topic| topic.name == value);
    known.ok_or_else(|| invalid("topic", format!("write one of {}", names.join(", "))))
}

fn order(value: &str) -> Result<Uuid, Problem> {
    value.parse().map_err(|_| invalid("order_id", "write an order's id"))
}
