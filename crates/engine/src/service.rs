//! The service port: pure decisions over states. What a service author writes, the engine does the rest.

use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;
use smallvec::SmallVec;
use thiserror::Error;

use crate::claim::Claim;
use crate::key::Key;
use crate::message::{Context, Message};
use crate::record::Event;
use crate::schedule::Scheduled;
use crate::workspace::Draft;

/// An event that a service reacts to. All reactions of all services are the choreography; the fault matrix is
/// made from them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reaction {
    /// Who publishes it.
    pub source: &'static str,
    /// Its type.
    pub kind: &'static str,
}

/// In which keys a service has a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// In all.
    All,
    /// In those that name this step, and in those that name none.
    Step(&'static str),
    /// In those that name this step. What was begun before there was such a step is none of its business.
    Named(&'static str),
}

impl Part {
    /// Whether a key is among them that takes these steps.
    pub fn has(self, steps: Option<&str>) -> bool {
        match (self, steps) {
            (Self::All, _) | (Self::Step(_), None) => true,
            (Self::Named(_), None) => false,
            (Self::Step(step) | Self::Named(step), Some(steps)) => {
                steps.split(',').any(|named| named == step)
            }
        }
    }
}

/// A service: its name, what it reacts to, and how it decides. No clock, no randomness, no await, no I/O.
pub trait Service: Send + Sync + Sized + 'static {
    /// Names the service's schema, log and events.
    const NAME: &'static str;
    /// The events it reacts to. It consumes the whole log of each source named here.
    const REACTIONS: &'static [Reaction];
    /// In which keys it has a part. Events about all others pass by without a mark.
    const PART: Part = Part::All;

    /// Everything that can be said to it: commands, events, its timers, outcomes of its effects.
    type Input: Send + Sync + 'static;
    /// What it keeps under one key.
    type State: Clone + Send + Sync + 'static;
    /// What a command is answered with. Stored with the command's claims.
    type Reply: Clone + Debug + Serialize + DeserializeOwned + Send + Sync + 'static;
    /// A business no, with all that the caller needs to understand it.
    type Refusal: Debug + Send + Sync + 'static;

    /// Reads an event of `source`, or, where `source` is this service's name, a timer or an effect's answer.
    ///
    /// # Errors
    /// [`Malformed`] where the data is not what `kind` promises; the message becomes a dead letter.
    fn decode(&self, source: &str, kind: &str, data: &str) -> Result<Self::Input, Malformed>;

    /// What a foreign event claims besides its own id: the names under which its sender, or another one, may say the same
    /// again.
    fn claims(&self, _input: &Self::Input) -> Vec<Claim> {
        Vec::new()
    }

    /// The keys the message touches besides its own.
    fn touch(&self, _key: &Key, _input: &Self::Input) -> Touch {
        Touch::default()
    }

    /// Decides. What is drafted is dropped unless the outcome is a change.
    fn handle(
        &self,
        draft: &mut Draft<'_, Self::State>,
        message: &Message<Self::Input>,
        context: &Context,
    ) -> Outcome<Self>;

    /// What a fruitless attempt of an effect says to the service. None: it does not want to know.
    fn attempted(&self, _attempt: &Attempt<'_>) -> Option<Self::Input> {
        None
    }
}

/// The name of a source as the service's reactions spell it.
pub fn source_of<S: Service>(source: &str) -> Option<&'static str> {
    S::REACTIONS.iter().map(|reaction| reaction.source).find(|known| *known == source)
}

/// The sources that a service consumes, each once.
pub fn sources<S: Service>() -> Vec<&'static str> {
    let mut sources: Vec<_> = S::REACTIONS.iter().map(|reaction| reaction.source).collect();
    sources.sort_unstable();
    sources.dedup();
    sources
}

/// The keys a message touches besides its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Touch {
    /// Keys whose states it may change. They are locked.
    pub writes: SmallVec<[Key; 2]>,
    /// Keys whose states it only looks at. They are not locked.
    pub reads: SmallVec<[Key; 4]>,
}

/// What a service decided.
#[derive(Debug)]
pub enum Outcome<S: Service> {
    /// The draft stands, and this goes with it.
    Change(Change<S>),
    /// Nothing to do: known already, or none of this service's concern.
    Ignored,
    /// A business no to a command.
    Refused(S::Refusal),
    /// It comes too early: set aside, tried again with back-off, later messages of the key wait.
    NotYet(String),
    /// It cannot ever work: a dead letter; later messages of the key wait.
    Poison(String),
}

/// What commits together with the drafted states.
#[derive(Debug)]
pub struct Change<S: Service> {
    pub(crate) events: Vec<Event>,
    pub(crate) notes: Vec<(Key, String)>,
    pub(crate) scheduled: Vec<(Key, String, Option<Scheduled>)>,
    pub(crate) reply: Option<S::Reply>,
}

impl<S: Service> Default for Change<S> {
    fn default() -> Self {
        Self { events: Vec::new(), notes: Vec::new(), scheduled: Vec::new(), reply: None }
    }
}

impl<S: Service> Change<S> {
    /// A change of states alone.
    pub fn new() -> Self {
        Self::default()
    }

    /// Publishes an event about `key`, which the message must touch.
    #[must_use]
    pub fn event(mut self, key: &Key, kind: &'static str, data: String) -> Self {
        self.events.push(Event { key: key.clone(), kind, steps: None, data });
        self
    }

    /// Publishes the first event about `key`, which the message must touch, and says which steps the key takes, with commas
    /// between them. Behind an earlier event it is an event like any other.
    #[must_use]
    pub fn opening(mut self, key: &Key, kind: &'static str, steps: &'static str, data: String) -> Self {
        self.events.push(Event { key: key.clone(), kind, steps: Some(steps), data });
        self
    }

    /// Appends to the journal of `key`, which the message must touch.
    #[must_use]
    pub fn note(mut self, key: &Key, data: String) -> Self {
        self.notes.push((key.clone(), data));
        self
    }

    /// Puts a timer or an effect into the schedule, in place of one with the same key and name.
    #[must_use]
    pub fn schedule(mut self, row: Scheduled) -> Self {
        self.scheduled.push((row.key.clone(), row.name.clone(), Some(row)));
        self
    }

    /// Takes a timer or an effect out of the schedule, if it is there. An effect under way is not stopped, but
    /// its outcome is dropped.
    #[must_use]
    pub fn unschedule(mut self, key: &Key, name: &str) -> Self {
        self.scheduled.push((key.clone(), name.to_owned(), None));
        self
    }

    /// Answers the command.
    #[must_use]
    pub fn reply(mut self, reply: S::Reply) -> Self {
        self.reply = Some(reply);
        self
    }
}

/// A fruitless attempt of an effect.
#[derive(Clone, Debug)]
pub struct Attempt<'a> {
    /// The effect's row name.
    pub name: &'a str,
    /// The effect's type.
    pub kind: &'a str,
    /// The effect's data, JSON.
    pub data: &'a str,
    /// Which attempt it was, from 1.
    pub attempt: u32,
    /// What came of it.
    pub result: AttemptResult,
    /// Why, in a sentence.
    pub reason: &'a str,
    /// Whether it was the last. If so the service changes course, or says Poison for a dead letter.
    pub exhausted: bool,
}

/// What came of a fruitless attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttemptResult {
    /// It may or may not have happened.
    Unknown,
    /// It did not happen: the other side says so.
    Failed,
}

/// Data that is not what its type promises.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{0}")]
pub struct Malformed(pub String);

impl From<serde_json::Error> for Malformed {
    fn from(error: serde_json::Error) -> Self {
        Self(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::Part::{All, Named, Step};

    #[test]
    fn only_a_step_that_is_not_named_has_no_part() {
        assert!(All.has(None) && Step("payment").has(None) && !Named("payment").has(None));
        assert!(All.has(Some("stock")) && All.has(Some("")));
        for part in [Step("payment"), Named("payment")] {
            assert!(part.has(Some("payment")) && part.has(Some("stock,payment")));
            assert!(!part.has(Some("stock,payments")) && !part.has(Some("")));
        }
    }
}
