//! Streams: where a key stands with the events it published and consumed, and what a store has under a key.

use std::sync::Arc;

use smallvec::SmallVec;

use crate::fault::Fault;
use crate::key::Key;

/// What the store has under a key.
#[derive(Clone, Debug)]
pub struct Loaded<T> {
    /// The key.
    pub key: Key,
    /// The state, if there is one.
    pub state: Option<Arc<T>>,
    /// The stream, if the key has ever been the subject of a message.
    pub stream: Option<Stream>,
}

/// Where a key stands with the events it published and consumed: the marks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stream {
    /// The sequence of the last event published about the key.
    pub emitted: u64,
    /// The sequence of the last note in the key's journal.
    pub noted: u64,
    /// How many events of the key are set aside.
    pub held: u32,
    /// The sequence of the last event applied, per source.
    pub applied: SmallVec<[(&'static str, u64); 4]>,
    /// The steps that the key takes, as its first event said. See [`Record::steps`](crate::Record::steps).
    pub steps: Option<String>,
}

impl Stream {
    /// The sequence of the last event of `source` that was applied, 0 before the first.
    pub fn applied(&self, source: &str) -> u64 {
        self.applied.iter().find(|(known, _)| *known == source).map_or(0, |(_, sequence)| *sequence)
    }

    /// Moves the mark of `source`.
    pub fn apply(&mut self, source: &'static str, sequence: u64) {
        match self.applied.iter_mut().find(|(known, _)| *known == source) {
            Some((_, applied)) => *applied = sequence,
            None => self.applied.push((source, sequence)),
        }
    }

    /// The marks as stores keep them: `payments=2 processing=1`.
    pub fn marks(&self) -> String {
        let marks: Vec<_> =
            self.applied.iter().map(|(source, sequence)| format!("{source}={sequence}")).collect();
        marks.join(" ")
    }

    /// Reads what [`Self::marks`] wrote. `known` spells the sources.
    ///
    /// # Errors
    /// [`Fault::Corrupt`] for anything else.
    pub fn parse(
        emitted: u64,
        noted: u64,
        held: u32,
        marks: &str,
        steps: Option<String>,
        known: impl Fn(&str) -> Option<&'static str>,
    ) -> Result<Self, Fault> {
        let corrupt = || Fault::Corrupt(format!("the marks '{marks}' are not source=sequence pairs"));
        let mut stream = Self { emitted, noted, held, applied: SmallVec::new(), steps };
        for mark in marks.split(' ').filter(|mark| !mark.is_empty()) {
            let (source, sequence) = mark.split_once('=').ok_or_else(corrupt)?;
            let sequence = sequence.parse().map_err(|_| corrupt())?;
            stream.apply(known(source).ok_or_else(corrupt)?, sequence);
        }
        Ok(stream)
    }
}
