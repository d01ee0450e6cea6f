//! Dead letters: messages and effects that cannot work, with what is needed to mend them.
//!
//! The row in the schedule keeps the message and holds back what follows it on its key; the dead letter says
//! why. Redriving gives the row a due time again, discarding removes it. Who did that, and why, stays with the letter.
//!
//! It guarantees nothing about what is read: a letter may be resolved while somebody looks at it. It deliberately changes no
//! letter. Operators' acts go in by the intake, like everything that changes state, see [`Repairs`](crate::Repairs).

use async_trait::async_trait;
use jiff::Timestamp;
use serde::Serialize;

use crate::fault::Fault;
use crate::key::Key;
use crate::schedule::Scheduled;

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
    /// What an operator did with it last.
    pub act: Option<OperatorAct>,
}

/// The trace of what an operator did with a dead letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OperatorAct {
    /// Who.
    pub actor: String,
    /// Why, in the operator's words. Empty: they gave no reason.
    pub reason: String,
    /// When.
    pub at: Timestamp,
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

/// What is dead in one service, to be looked at and, once it is settled, forgotten.
///
/// # Contract
/// Letters come in one order: those that failed last come first, those that failed at the same time in an order that the
/// adapter chooses and keeps. The conformance suite in `testkit` holds every adapter to this.
#[async_trait]
pub trait DeadLetters: Send + Sync {
    /// The letters that the question is about.
    async fn letters(&self, question: &LetterQuestion) -> Result<Vec<FiledLetter>, Fault>;

    /// One letter, with the row of the schedule it is about, if that is still there.
    async fn letter(&self, key: &Key, name: &str) -> Result<Option<(FiledLetter, Option<Scheduled>)>, Fault>;

    /// Deletes up to `limit` letters that are settled, and that neither failed nor were acted on after `before`. Answers how
    /// many.
    async fn forget_letters(&self, before: Timestamp, limit: usize) -> Result<usize, Fault>;
}

/// Which letters to list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LetterQuestion {
    /// Only those in one of these states; any if there are none.
    pub states: Vec<DeadLetterState>,
    /// Only messages and effects of this type.
    pub kind: Option<String>,
    /// Only those of this key.
    pub key: Option<Key>,
    /// Only those behind this place in the order of letters.
    pub behind: Option<LetterPlace>,
    /// At most so many.
    pub limit: usize,
}

/// A place in the order of letters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LetterPlace {
    /// Behind those that failed last later than this.
    pub failed_at: Timestamp,
    /// And, of those that failed at that very time, behind this one. None: behind all of them.
    pub letter: Option<(Key, String)>,
}

/// A letter as it is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FiledLetter {
    /// The letter.
    pub letter: DeadLetter,
    /// How many later events of its key are set aside behind it.
    pub waiting: u64,
}
