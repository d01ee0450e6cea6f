//! Items: what a batch is made of, read and addressed before its transaction begins.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use tokio::sync::oneshot;

use crate::claim::{Claim, ClaimKind};
use crate::intake::{Answer, Command, Repair};
use crate::job::{Attempted, Performed};
use crate::key::Key;
use crate::message::{Message, Origin};
use crate::record::Record;
use crate::schedule::{Kind, Scheduled};
use crate::service::{Malformed, Service, Touch, source_of};

/// One message of a batch, with what its end needs to know. Items live through every replay of their batch.
pub(crate) struct Item<S: Service> {
    pub what: What<S>,
    /// Set when a flush failed because of this item alone: it is poison, for this reason.
    pub condemned: Option<String>,
}

pub(crate) enum What<S: Service> {
    Command {
        command: Command<S>,
        sender: oneshot::Sender<Answer<S>>,
        /// Decided in the transaction, sent after the commit.
        answer: Option<Answer<S>>,
    },
    Repair {
        repair: Repair,
        sender: oneshot::Sender<bool>,
        found: bool,
    },
    Event(EventItem<S>),
    Timer {
        row: Scheduled,
        message: Result<Message<S::Input>, Malformed>,
    },
    /// A set-aside event of the key is due.
    Held(Key),
    Attempted {
        attempted: Attempted,
        /// The answer as a message; None where the attempt was fruitless.
        message: Option<Result<Message<S::Input>, Malformed>>,
    },
}

pub(crate) struct EventItem<S: Service> {
    pub record: Arc<Record>,
    pub source: &'static str,
    /// None: the service does not react to this type.
    pub message: Option<Result<Message<S::Input>, Malformed>>,
    /// What it claims to be taken in at all: its id, if it has no sequence to be known by.
    pub id: Option<Claim>,
    /// What it claims to be applied.
    pub claims: Vec<Claim>,
}

impl<S: Service> Item<S> {
    pub fn new(what: What<S>) -> Self {
        Self { what, condemned: None }
    }

    pub fn command((command, sender): (Command<S>, oneshot::Sender<Answer<S>>)) -> Self {
        Self::new(What::Command { command, sender, answer: None })
    }

    pub fn repair((repair, sender): (Repair, oneshot::Sender<bool>)) -> Self {
        Self::new(What::Repair { repair, sender, found: false })
    }

    pub fn event(service: &S, record: Arc<Record>) -> Option<Self> {
        EventItem::new(service, record).map(|event| Self::new(What::Event(event)))
    }

    pub fn due(service: &S, row: Scheduled) -> Self {
        if row.kind != Kind::Timer {
            return Self::new(What::Held(row.key));
        }
        let message = decode(service, S::NAME, &row.message, &row.data).map(|input| Message {
            key: row.key.clone(),
            origin: Origin::Timer { name: row.name.clone() },
            input,
        });
        Self::new(What::Timer { row, message })
    }

    pub fn attempted(service: &S, attempted: Attempted) -> Self {
        let job = &attempted.job;
        let message = match &attempted.performed {
            Performed::Answered { kind, data } => {
                Some(decode(service, S::NAME, kind, data).map(|input| Message {
                    key: job.key.clone(),
                    origin: Origin::Effect { name: job.name.clone(), attempt: job.attempt },
                    input,
                }))
            }
            _ => None,
        };
        Self::new(What::Attempted { attempted, message })
    }

    /// The key the item is about.
    pub fn key(&self) -> &Key {
        match &self.what {
            What::Command { command, .. } => &command.message.key,
            What::Repair { repair, .. } => &repair.key,
            What::Event(event) => &event.record.key,
            What::Timer { row, .. } => &row.key,
            What::Held(key) => key,
            What::Attempted { attempted, .. } => &attempted.job.key,
        }
    }

    /// The keys it touches besides its own. None if the service panics over it, as it will again when it is applied.
    pub fn touch(&self, service: &S) -> Touch {
        let message = match &self.what {
            What::Command { command, .. } => Some(&command.message),
            What::Event(event) => event.message.as_ref().and_then(|message| message.as_ref().ok()),
            What::Timer { message, .. } => message.as_ref().ok(),
            What::Attempted { message, .. } => message.as_ref().and_then(|message| message.as_ref().ok()),
            What::Repair { .. } | What::Held(_) => None,
        };
        if let What::Attempted { attempted, message: None } = &self.what {
            return touch_of_fruitless(service, attempted);
        }
        let touch = message.map(|message| guarded(|| service.touch(&message.key, &message.input)));
        touch.and_then(Result::ok).unwrap_or_default()
    }

    /// Whether the transaction needs the key's rows of the schedule, whatever its stream says. What was found due is a
    /// hint until its key is locked: another instance may have done it meanwhile.
    pub fn needs_rows(&self) -> bool {
        !matches!(self.what, What::Command { .. } | What::Event(_))
    }

    /// Whether it is an event, which waits its turn behind what is set aside.
    pub fn is_event(&self) -> bool {
        matches!(self.what, What::Event(_))
    }
}

impl<S: Service> EventItem<S> {
    /// The event as the service understands it. None for a source it does not consume, and for a key it has no part in.
    pub fn new(service: &S, record: Arc<Record>) -> Option<Self> {
        let source = source_of::<S>(&record.source).filter(|_| S::PART.has(record.steps.as_deref()))?;
        let reacts = S::REACTIONS.iter().any(|known| known.source == source && known.kind == record.kind);
        let mut message = reacts.then(|| {
            decode(service, source, &record.kind, &record.data).map(|input| Message {
                key: record.key.clone(),
                origin: Origin::Event { source, sequence: record.sequence },
                input,
            })
        });
        let id = foreign_claim(&record);
        let mut claims = Vec::new();
        if let (Some(Ok(said)), Some(_)) = (&message, &id) {
            match guarded(|| service.claims(&said.input)) {
                Ok(named) => claims = named,
                Err(panic) => message = Some(Err(Malformed(panic))),
            }
        }
        Some(Self { record, source, message, id, claims })
    }
}

/// The keys that a fruitless attempt touches besides its own. Whether it was the last one makes no difference to that.
fn touch_of_fruitless<S: Service>(service: &S, attempted: &Attempted) -> Touch {
    let input =
        attempted.fruitless(false).and_then(|attempt| guarded(|| service.attempted(&attempt)).ok()?);
    let touch = input.map(|input| guarded(|| service.touch(&attempted.job.key, &input)));
    touch.and_then(Result::ok).unwrap_or_default()
}

/// The claim of a foreign event, which has no sequence to be known by.
fn foreign_claim(record: &Record) -> Option<Claim> {
    record.sequence.is_none().then(|| Claim {
        id: format!("event/{}/{}", record.source, record.id()),
        fingerprint: String::new(),
        kind: ClaimKind::Message,
        expires: None,
    })
}

fn decode<S: Service>(service: &S, source: &str, kind: &str, data: &str) -> Result<S::Input, Malformed> {
    guarded(|| service.decode(source, kind, data)).unwrap_or_else(|panic| Err(Malformed(panic)))
}

/// Asks the service. A panic of it is an error of this one message, and stops nothing else.
pub(crate) fn guarded<T>(ask: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(ask)).map_err(|panic| {
        let text = panic.downcast_ref::<&str>().copied();
        let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
        format!("the service panicked: {}", text.unwrap_or("no message"))
    })
}
