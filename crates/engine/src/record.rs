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
    /// The steps that the key takes, with commas between them: the same for all events of one source about one key. A service
    /// that is a step and is not named has no part in the key. None: all services have.
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

    /// Whether a service has a part in what the event is about. `step` is the step that it is, if it is one.
    pub fn concerns(&self, step: Option<&str>) -> bool {
        concerns(self.steps.as_deref(), step)
    }
}

/// Whether a key that takes these steps is a concern of a service that is this step.
pub(crate) fn concerns(steps: Option<&str>, step: Option<&str>) -> bool {
    match (steps, step) {
        (Some(steps), Some(step)) => steps.split(',').any(|named| named == step),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::concerns;

    #[test]
    fn only_a_step_that_is_not_named_has_no_part() {
        assert!(concerns(None, None) && concerns(None, Some("payment")) && concerns(Some("stock"), None));
        assert!(concerns(Some("stock,payment"), Some("payment")));
        assert!(!concerns(Some("stock,payments"), Some("payment")) && !concerns(Some(""), Some("payment")));
    }
}
