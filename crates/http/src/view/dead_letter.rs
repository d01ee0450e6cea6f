//! A dead letter as the API writes it. What is not kept is null.

use std::collections::BTreeMap;

use broker::{Topic, attributes};
use engine::schedule::held_source;
use engine::{DeadLetterState, FiledLetter, Kind, OperatorAct, Scheduled};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::view::states;

/// A dead letter in a list.
#[derive(Serialize, ToSchema)]
#[schema(as = DeadLetterLine)]
pub(crate) struct LetterLine {
    /// What it is called. Made of the three things that tell it from all others.
    #[schema(example = "payments~019a1f2e-7c4b-7d10-9a53-3f1c5b0e8d21~charge")]
    id: String,
    /// The service that could not handle it.
    #[schema(example = "payments")]
    consumer: &'static str,
    /// The type of the message or effect.
    #[schema(example = "charge")]
    event_type: String,
    /// The order it is about. Null: it is about something else.
    order_id: Option<Uuid>,
    /// The topic it came from. Null: it is no event, but work of the service itself.
    #[schema(example = "order-events")]
    topic: Option<&'static str>,
    /// What it is about.
    key: String,
    /// Why it could not be handled.
    #[schema(value_type = states::Reason)]
    reason: contract::Reason,
    /// How often it was tried.
    attempts: u32,
    /// How often an operator sent it again.
    replays: u32,
    /// How many later events about the same key wait behind it.
    waiting: u64,
    /// Where it stands.
    #[schema(value_type = states::DeadLetterState)]
    state: DeadLetterState,
    /// When it failed first.
    #[schema(value_type = String, format = DateTime)]
    first_failed_at: Timestamp,
    /// When it failed last.
    #[schema(value_type = String, format = DateTime)]
    last_failed_at: Timestamp,
    /// What an operator did with it last.
    act: Option<ActView>,
}

/// What an operator did with a dead letter.
#[derive(Serialize, ToSchema)]
#[schema(as = DeadLetterAct)]
pub(crate) struct ActView {
    /// Who.
    #[schema(example = "anonymous")]
    actor: String,
    /// Why. Null: they gave no reason.
    reason: Option<String>,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
}

/// A dead letter, whole.
#[derive(Serialize, ToSchema)]
#[schema(as = DeadLetter)]
pub(crate) struct LetterView {
    #[serde(flatten)]
    line: LetterLine,
    /// The topic's partition. Null: a message that is set aside does not keep its place.
    partition: Option<u16>,
    /// Its place in the partition. Null like that.
    offset: Option<u64>,
    /// The attributes of the event (CloudEvents). Null: it is no event, or is not set aside any more.
    headers: Option<BTreeMap<&'static str, String>>,
    /// What it says. Null: it is not set aside any more.
    #[schema(value_type = Option<Object>)]
    body: Option<Box<RawValue>>,
}

impl LetterLine {
    /// The letter `id` of this service.
    pub fn new(id: String, consumer: &'static str, FiledLetter { letter, waiting }: &FiledLetter) -> Self {
        let topic = held_source(&letter.name).and_then(Topic::of);
        Self {
            id,
            consumer,
            event_type: letter.kind.clone(),
            order_id: letter.key.id(),
            topic: topic.map(|topic| topic.name),
            key: letter.key.to_string(),
            reason: contract::Reason::new(letter.code.clone(), letter.reason.clone()),
            attempts: letter.attempts,
            replays: letter.replays,
            waiting: *waiting,
            state: letter.state,
            first_failed_at: letter.first_failed_at,
            last_failed_at: letter.last_failed_at,
            act: letter.act.as_ref().map(ActView::from),
        }
    }
}

impl From<&OperatorAct> for ActView {
    fn from(act: &OperatorAct) -> Self {
        let reason = Some(act.reason.clone()).filter(|reason| !reason.is_empty());
        Self { actor: act.actor.clone(), reason, at: act.at }
    }
}

impl LetterView {
    /// The letter `id` of this service, with its row of the schedule.
    pub fn new(id: String, consumer: &'static str, filed: &FiledLetter, row: Option<&Scheduled>) -> Self {
        let line = LetterLine::new(id, consumer, filed);
        let record = row.filter(|row| row.kind == Kind::Held).and_then(Scheduled::record);
        let headers = record.as_ref().map(|record| {
            attributes(record).into_iter().map(|(name, value)| (name, value.into_owned())).collect()
        });
        let data = record.map(|record| record.data).or_else(|| row.map(|row| row.data.clone()));
        Self { line, partition: None, offset: None, headers, body: data.as_deref().and_then(body) }
    }
}

/// What it says: as it came if that is JSON, else as a JSON string.
fn body(data: &str) -> Option<Box<RawValue>> {
    serde_json::from_str(data).or_else(|_| to_raw_value(data)).ok()
}
