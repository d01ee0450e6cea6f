//! Claims: the inbox of commands and foreign messages. What is claimed once is never applied twice.
//!
//! A claim commits together with what its message changed. A message that is refused claims nothing, so it may
//! be tried again.

use std::time::Duration;

use jiff::Timestamp;

/// How long a foreign message's id is kept, and so how late a repetition of it is known: as long as Kafka keeps messages
/// if nobody says otherwise (`log.retention.hours`).
pub const MESSAGE_RETENTION: Duration = Duration::from_secs(7 * 24 * 3_600);

/// The right to be applied once, under a name the sender chose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// What is claimed, scope and all, such as `place/anonymous/key-1`. At most 1 KiB.
    pub id: String,
    /// What the sender said, as a hash: the same id with another fingerprint is a conflict. Empty: not compared.
    pub fingerprint: String,
    /// Which rule a conflict breaks.
    pub kind: ClaimKind,
    /// When it may be forgotten. None: it is kept as long as the data.
    pub expires: Option<Timestamp>,
}

/// Which rule a claim serves; the sender of a conflicting one is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClaimKind {
    /// The caller's Idempotency-Key: a repetition gets the stored reply.
    Request,
    /// The sender's own name for the thing: a repetition gets the thing.
    External,
    /// A foreign message's id: a repetition is dropped.
    Message,
}

/// A claim somebody made before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimed {
    /// What the first sender said, as a hash.
    pub fingerprint: String,
    /// The first sender's reply, as JSON. Empty where nobody waited for one.
    pub reply: String,
}
