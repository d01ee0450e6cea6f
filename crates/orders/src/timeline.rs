//! The timeline: what happened to an order, as its journal keeps it.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// An entry of an order's timeline. Its sequence and time are the journal's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// What sort of thing happened.
    pub kind: EntryKind,
    /// What happened, such as `order.paid`.
    #[serde(rename = "type")]
    pub kind_of: Cow<'static, str>,
    /// What happened, in a sentence.
    pub message: Cow<'static, str>,
    /// Who did it: a service, or who gave the command.
    pub actor: Cow<'static, str>,
    /// The particulars.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Particulars>,
}

/// The particulars of an entry: a JSON object as it was written, so that amounts keep their decimals.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Particulars(Box<RawValue>);

impl Particulars {
    /// What they say to somebody who knows what they are. None: they are something else.
    pub fn read<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_str(self.0.get()).ok()
    }
}

impl PartialEq for Particulars {
    fn eq(&self, other: &Self) -> bool {
        self.0.get() == other.0.get()
    }
}

/// What sort of thing happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// The order moved.
    Event,
    /// A fruitless attempt to reach the payment provider.
    Attempt,
    /// Its payment moved.
    Payment,
    /// Somebody was told.
    Notification,
    /// A person did something.
    Operator,
}

/// An entry where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Placed {
    /// 1, 2, 3 without gaps.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// What.
    pub entry: Entry,
}

impl Entry {
    /// An entry without particulars.
    pub fn new(
        kind: EntryKind,
        kind_of: impl Into<Cow<'static, str>>,
        message: impl Into<Cow<'static, str>>,
        actor: impl Into<Cow<'static, str>>,
    ) -> Self {
        let (kind_of, message, actor) = (kind_of.into(), message.into(), actor.into());
        Self { kind, kind_of, message, actor, data: None }
    }

    /// With particulars.
    #[must_use]
    pub fn data(mut self, data: &impl Serialize) -> Self {
        self.data = serde_json::value::to_raw_value(data).ok().map(Particulars);
        self
    }

    /// As the journal keeps it.
    pub fn encode(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}
