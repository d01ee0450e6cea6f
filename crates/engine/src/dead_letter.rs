//! Dead letters: messages and effects that cannot work, with what is needed to mend them.
//!
//! The row in the schedule keeps the message and holds back what follows it on its key; the dead letter says
//! why. Redriving gives the row a due time again, discarding removes it.

use jiff::Timestamp;
use serde::Serialize;

use crate::key::Key;

/// Why a scheduled row does not move any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeadLetter {
    /// The key whose later messages wait.
    pub key: Key,
    /// The scheduled row of that key.
    pub name: String,
    /// The type of the message or effect.
    pub kind: String,
    /// Why, in a word.
    pub code: String,
    /// Why, in a sentence.
    pub reason: String,
    /// How often it was tried.
    pub attempts: u32,
    /// How often an operator redrove it.
    pub replays: u32,
    /// Where it stands.
    pub state: DeadLetterState,
    /// When it failed first.
    pub first_failed_at: Timestamp,
    /// When it failed last.
    pub last_failed_at: Timestamp,
}

/// The life of a dead letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DeadLetterState {
    /// It waits for an operator.
    Dead,
    /// An operator sent it again; its outcome is not known yet.
    Redriving,
    /// It was redriven and worked.
    Resolved,
    /// An operator gave it up.
    Discarded,
}
