//! What the engine tells those who watch it. The wiring turns it into metrics.

use std::time::Duration;

use crate::key::Key;
use crate::record::Record;

/// Something worth counting.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Observation {
    /// A batch was committed.
    Batch {
        /// Messages in it.
        messages: usize,
        /// Events it published.
        events: usize,
        /// From the first message to the commit's end.
        took: Duration,
    },
    /// A batch failed with a fault and will be tried again.
    BatchFault,
    /// A message ended so.
    Message(Verdict),
    /// An effect was attempted.
    Attempt {
        /// The effect's outcome.
        outcome: AttemptOutcome,
        /// How long it took.
        took: Duration,
    },
    /// Records were deleted behind all consumers.
    Trimmed(usize),
    /// Records were handed to a broker.
    Relayed {
        /// Those it took.
        taken: usize,
        /// Those it refused, which are parked.
        refused: usize,
    },
}

/// How a message ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// It changed something.
    Changed,
    /// There was nothing to do.
    Ignored,
    /// A business no.
    Refused,
    /// Its claim was made before.
    Replayed,
    /// It was applied before.
    Duplicate,
    /// It was set aside behind a missing or waiting predecessor.
    Held,
    /// It came too early and will be tried again.
    NotYet,
    /// It is a dead letter now.
    Dead,
    /// The outcome of an effect that was cancelled or leased anew.
    Stale,
}

/// How an attempt of an effect ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AttemptOutcome {
    /// The world answered.
    Answered,
    /// It may or may not have happened.
    Unknown,
    /// It failed.
    Failed,
    /// Nobody was there.
    Unavailable,
}

/// Who watches the engine of one service.
pub trait Observer: Send + Sync {
    /// Takes note. Called on the engine's thread: be quick.
    fn observe(&self, observation: Observation);

    /// The service published this; it is committed. Of all instances of a service only the one that did so is told.
    fn published(&self, _record: &Record) {}

    /// The service wrote this note into the key's journal; it is committed. Told like [`Self::published`].
    fn noted(&self, _key: &Key, _sequence: u64) {}
}

/// Nobody watches.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unobserved;

impl Observer for Unobserved {
    fn observe(&self, _observation: Observation) {}
}
