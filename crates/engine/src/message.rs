//! Messages: all that can change state, from whichever side it comes.

use jiff::Timestamp;
use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid};

use crate::key::Key;

/// A message as a service sees it: what it says, whom it is about, and where it is from.
#[derive(Clone, Debug)]
pub struct Message<I> {
    /// The key it is about. Events are published, and sequences counted, under this key unless they name
    /// another one that the message touches.
    pub key: Key,
    /// Where it is from.
    pub origin: Origin,
    /// What it says.
    pub input: I,
}

/// Where a message is from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Somebody waits for the reply.
    Command {
        /// What tells it from all other commands.
        id: Uuid,
    },
    /// A service, this one or a foreign one, said that something happened.
    Event {
        /// Who said it.
        source: &'static str,
        /// Its place among all that the source said about the key, if the source counts.
        sequence: Option<u64>,
    },
    /// A timer that this service set is due.
    Timer {
        /// The timer's name.
        name: String,
    },
    /// An effect that this service scheduled was attempted.
    Effect {
        /// The effect's name.
        name: String,
        /// Which attempt it was, from 1.
        attempt: u32,
    },
}

impl<I> Message<I> {
    /// What tells this message from all others, in every process that ever sees it.
    pub fn id(&self) -> String {
        match &self.origin {
            Origin::Command { id } => format!("command/{id}"),
            Origin::Event { source, sequence } => {
                format!("event/{source}/{}/{}", self.key, sequence.unwrap_or_default())
            }
            Origin::Timer { name } => format!("timer/{}/{name}", self.key),
            Origin::Effect { name, attempt } => format!("effect/{}/{name}/{attempt}", self.key),
        }
    }
}

/// What a service may know besides the message and the states: the time. Ids and chance are drawn from the
/// message, so that handling it again gives the same.
#[derive(Clone, Copy, Debug)]
pub struct Context {
    /// The time at which the batch is applied.
    pub now: Timestamp,
}

impl Context {
    /// An id for what this message makes. `label` tells apart several made by one message. The time is the
    /// batch's, the rest is SHA-256 of message id and label (UUIDv7 layout, RFC 9562).
    pub fn id<I>(&self, message: &Message<I>, label: &str) -> Uuid {
        let digest = digest(message, label);
        let mut random = [0; 10];
        random.copy_from_slice(&digest[..10]);
        let millis = u64::try_from(self.now.as_millisecond()).unwrap_or(0);
        Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }

    /// Whether something that happens `parts_per_million` often happens for this message.
    pub fn chance<I>(&self, message: &Message<I>, label: &str, parts_per_million: u32) -> bool {
        let digest = digest(message, label);
        let draw = u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]);
        u64::from(draw) * 1_000_000 < u64::from(parts_per_million) << 32
    }
}

fn digest<I>(message: &Message<I>, label: &str) -> [u8; 32] {
    Sha256::new().chain_update(message.id()).chain_update("/").chain_update(label).finalize().into()
}
