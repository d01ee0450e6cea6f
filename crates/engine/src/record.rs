//! Events: what a service says about its keys, and how the log keeps it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::key::Key;

/// An event as a service states it. The engine gives it its sequence, time and place in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// What it is about.
    pub key: Key,
    /// What happened, such as `order.paid`. The past tense.
    pub kind: &'static str,
    /// Which steps the key takes. Heard only with the first event about it.
    pub steps: Option<&'static str>,
    /// The data, a JSON object.
    pub data: String,
}

/// An event in the log. With the log's source it is a CloudEvent: `id` is `key:sequence`, `subject` the key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The service that published it.
    pub source: String,
    /// What it is about.
    pub key: Key,
    /// 1, 2, 3 for the events of one source about one key. None where a foreign system gave none.
    pub sequence: Option<u64>,
    /// What tells a foreign event without a sequence from all others of its source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub foreign_id: Option<String>,
    /// The steps that the key takes, with commas between them: the same for all events of one source about one key. See
    /// [`Part`](crate::Part).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steps: Option<String>,
    /// What happened, such as `order.paid`.
    pub kind: String,
    /// When it was published.
    pub time: Timestamp,
    /// The data, a JSON object.
    pub data: String,
}

impl Record {
    /// What tells this event from all others of its source (CloudEvents `id`).
    pub fn id(&self) -> String {
        match (&self.foreign_id, self.sequence) {
            (Some(id), _) => id.clone(),
            (None, Some(sequence)) => format!("{}:{sequence}", self.key),
            (None, None) => format!("{}:{}:{}", self.key, self.kind, self.time.as_microsecond()),
        }
    }
}
