//! The schedule: one table of what is to happen later. Timers, set-aside messages and effects.

use jiff::Timestamp;

use crate::key::Key;
use crate::record::Record;

/// A row of the schedule. `(key, name)` tells it from all others; putting a row under a taken name replaces it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scheduled {
    /// What it is about.
    pub key: Key,
    /// What it is called among the rows of its key.
    pub name: String,
    /// What is to happen.
    pub kind: Kind,
    /// When. None: not by the clock; the row waits for a predecessor or for an operator.
    pub due: Option<Timestamp>,
    /// Whether it is a dead letter, or was one.
    pub standing: Standing,
    /// Attempts that were used up.
    pub attempts: u32,
    /// The fencing token: it grows with each lease, and an outcome under an older one is dropped.
    pub token: u64,
    /// The type of the message or effect.
    pub message: String,
    /// Its data, JSON.
    pub data: String,
}

/// An effect that was just leased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leased {
    /// The row, under its new token.
    pub row: Scheduled,
    /// Whether it was leased before, and nobody has said since what came of it: its worker died, or took longer than its
    /// lease. It may have been performed.
    pub interrupted: bool,
}

/// What a scheduled row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A message of the service to itself.
    Timer,
    /// An event that was set aside. Its data is the whole [`Record`].
    Held,
    /// A job for the world outside.
    Effect,
}

/// Whether a row moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It does.
    Live,
    /// It is a dead letter and waits for an operator.
    Dead,
    /// It was a dead letter and an operator sent it again.
    Redriven,
}

impl Scheduled {
    /// A timer.
    pub fn timer(key: Key, name: &str, due: Timestamp, message: &str, data: String) -> Self {
        Self::new(key, name.to_owned(), Kind::Timer, Some(due), message, data)
    }

    /// An effect, due at once.
    pub fn effect(key: Key, name: &str, now: Timestamp, message: &str, data: String) -> Self {
        Self::new(key, name.to_owned(), Kind::Effect, Some(now), message, data)
    }

    /// An event that waits for its predecessor.
    pub fn held(record: &Record) -> Self {
        let data = serde_json::to_string(record).unwrap_or_default();
        Self::new(record.key.clone(), held_name(record), Kind::Held, None, &record.kind, data)
    }

    /// The event that was set aside, if this row is one and its data can be read.
    pub fn record(&self) -> Option<Record> {
        let record: Record = serde_json::from_str(&self.data).ok()?;
        // A name that looks like an id would read back as one.
        Some(Record { key: self.key.clone(), ..record })
    }

    /// Whether the later messages of the key have to wait: a dead row, or one that is tried again later.
    pub fn is_blocking(&self, now: Timestamp) -> bool {
        self.standing == Standing::Dead || self.due.is_some_and(|due| due > now)
    }

    fn new(key: Key, name: String, kind: Kind, due: Option<Timestamp>, message: &str, data: String) -> Self {
        Self {
            key,
            name,
            kind,
            due,
            standing: Standing::Live,
            attempts: 0,
            token: 0,
            message: message.to_owned(),
            data,
        }
    }
}

/// The source of a set-aside event, as its row's name tells it. None: the row is no such event.
pub fn held_source(name: &str) -> Option<&str> {
    name.strip_prefix("held/")?.split_once('/').map(|(source, _)| source)
}

/// The row name of a set-aside event: names sort in the source's sequence.
pub fn held_name(record: &Record) -> String {
    match record.sequence {
        Some(sequence) => format!("held/{}/{sequence:020}", record.source),
        None => format!("held/{}/{}", record.source, record.id()),
    }
}
