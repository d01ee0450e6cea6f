//! Jobs: effects on their way to the world and back.

use async_trait::async_trait;

use crate::key::Key;
use crate::schedule::Leased;
use crate::service::{Attempt, AttemptResult};

/// A leased effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// What it is about.
    pub key: Key,
    /// The row's name.
    pub name: String,
    /// The fencing token of the lease.
    pub token: u64,
    /// Which attempt this is, from 1.
    pub attempt: u32,
    /// Whether it was leased before, and it is not known what came of that. Who may do it only once does not do it again. It
    /// stays so if now nobody was there.
    pub interrupted: bool,
    /// The effect's type.
    pub kind: String,
    /// Its data, JSON.
    pub data: String,
}

impl Attempted {
    /// What the attempt says to the service, if it was fruitless and used up an attempt.
    pub fn fruitless(&self, exhausted: bool) -> Option<Attempt<'_>> {
        let (result, reason) = match &self.performed {
            Performed::Unknown(reason) => (AttemptResult::Unknown, reason),
            Performed::Failed(reason) => (AttemptResult::Failed, reason),
            Performed::Unavailable(_) | Performed::Answered { .. } => return None,
        };
        let Job { name, kind, data, attempt, .. } = &self.job;
        Some(Attempt { name, kind, data, attempt: *attempt, result, reason, exhausted })
    }
}

impl From<Leased> for Job {
    fn from(Leased { row, interrupted }: Leased) -> Self {
        Self {
            key: row.key,
            name: row.name,
            token: row.token,
            attempt: row.attempts + 1,
            interrupted,
            kind: row.message,
            data: row.data,
        }
    }
}

/// What came of performing a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Performed {
    /// The world answered, well or badly: a message for the service, which decides what it means.
    Answered {
        /// The message's type.
        kind: &'static str,
        /// Its data, JSON.
        data: String,
    },
    /// It may or may not have happened. It will be repeated, which uses up an attempt.
    Unknown(String),
    /// It did not happen, the other side says so. It will be repeated, which uses up an attempt.
    Failed(String),
    /// Nobody was there. It will be repeated; no attempt is used up.
    Unavailable(String),
}

/// Performs jobs: the port to the world.
#[async_trait]
pub trait Performer: Send + Sync {
    /// Performs the job, with a time limit of its own. Dropping the future may leave it done or not done.
    async fn perform(&self, job: &Job) -> Performed;
}

/// What came of a leased job, on its way into the next batch.
#[derive(Clone, Debug)]
pub(crate) struct Attempted {
    pub job: Job,
    pub performed: Performed,
}
