//! The store port: one database of one service.
//!
//! # Contract
//! A [`Transaction`] is all or nothing, and isolated: between [`Transaction::load`] and the end no other
//! transaction changes the loaded write keys, and none gets a claim that this one asked for. Offsets of the log are
//! given at the end of the transaction, so that offset order is commit order and there are no gaps. A
//! transaction that is dropped leaves nothing. The conformance suite in `testkit` holds every adapter to this.
//!
//! # To add an adapter
//! Implement [`Store`], [`Transaction`], [`Log`], [`Cursors`] and, for a relay, [`Outbox`](crate::Outbox) for it, per
//! service its tables, and name it in the conformance suite.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;

use crate::claim::{Claim, Claimed};
use crate::dead_letter::{DeadLetter, DeadLetterState};
use crate::fault::Fault;
use crate::key::Key;
use crate::record::Record;
use crate::schedule::Scheduled;
use crate::service::Service;
use crate::signal::Signal;
pub use crate::stream::{Loaded, Stream};

/// One database of one service.
#[async_trait]
pub trait Store<S: Service>: Log + Cursors {
    /// Begins a transaction.
    async fn begin(&self) -> Result<Box<dyn Transaction<S>>, Fault>;

    /// Frees the leases that no living process can hold any more. Called once, before the first step. An adapter
    /// that cannot know leaves them to expire.
    async fn recover(&self) -> Result<(), Fault>;

    /// Forgets up to `limit` claims that expired at or before `now`. Answers how many.
    async fn forget(&self, now: Timestamp, limit: usize) -> Result<usize, Fault>;

    /// Whether it can be read, and written as far as is known: an adapter to which nothing could be written lately tries that
    /// here. For who asks whether the service can work.
    async fn check(&self) -> Result<(), Fault> {
        self.cursors("").await.map(drop)
    }

    /// From now on raises all of `published` when another process has published something here, and `scheduled` when it has
    /// scheduled something. Only a wake-up: some may be missed, so whoever waits looks now and then all the same. Nothing is
    /// raised by an adapter whose database belongs to one process.
    fn listen(&self, _published: Vec<Signal>, _scheduled: Signal) {}
}

/// One transaction.
#[async_trait]
pub trait Transaction<S: Service>: Send {
    /// Looks up the claims, in the order of `ids` (sorted, without repetition), and keeps others from making
    /// them until the end of the transaction.
    async fn claim(&mut self, ids: &[&str]) -> Result<Vec<Option<Claimed>>, Fault>;

    /// Locks `writes` in their order (sorted, without repetition) and loads them and `reads`.
    async fn load(&mut self, writes: &[Key], reads: &[Key]) -> Result<Vec<Loaded<S::State>>, Fault>;

    /// All rows of the schedule of these keys.
    async fn rows(&mut self, keys: &[Key]) -> Result<Vec<Scheduled>, Fault>;

    /// Up to `limit` timers and set-aside events due at `now`, the longest due first.
    async fn due(&mut self, now: Timestamp, limit: usize) -> Result<Vec<Scheduled>, Fault>;

    /// When the next timer or set-aside event, and the next effect, is due. Leased effects count from the end
    /// of their lease.
    async fn next_due(&mut self) -> Result<NextDue, Fault>;

    /// Writes everything. The log's offsets are given here.
    async fn write(&mut self, writes: Writes<S::State>) -> Result<(), Fault>;

    /// Leases up to `limit` effects that are due at `now` and not leased, until `until`. Each gets a token higher than
    /// any that was given under its key and name, also where the row was deleted and put anew in between.
    async fn lease(
        &mut self,
        now: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<Scheduled>, Fault>;

    /// Makes it durable. After an error it is not known whether it was.
    async fn commit(self: Box<Self>) -> Result<(), Fault>;
}

/// The log of a service: what it published, by partition and offset.
#[async_trait]
pub trait Log: Send + Sync {
    /// How many partitions there are.
    fn partitions(&self) -> u16;

    /// Up to `limit` records behind offset `after`, in offset order. Offsets start at 1 and have no gaps.
    async fn read(&self, partition: u16, after: u64, limit: usize) -> Result<Vec<(u64, Arc<Record>)>, Fault>;

    /// The offset of the newest record ever written to the partition, 0 before the first.
    async fn head(&self, partition: u16) -> Result<u64, Fault>;

    /// Deletes up to `limit` records at or below offset `through`. Answers how many.
    async fn trim(&self, partition: u16, through: u64, limit: usize) -> Result<usize, Fault>;
}

/// How far a service has consumed the events of others.
#[async_trait]
pub trait Cursors: Send + Sync {
    /// The last applied offset per partition of the source's log; partitions never read are left out.
    async fn cursors(&self, source: &str) -> Result<Vec<(u16, u64)>, Fault>;

    /// The streams of these keys, as they are committed; keys without one are left out. They tell how far a service is,
    /// whatever carries the events to it.
    async fn streams(&self, keys: &[Key]) -> Result<Vec<(Key, Stream)>, Fault>;
}

/// An entry of a key's journal: the history that belongs to a state and commits with it. Sequences are 1, 2, 3 per key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The key.
    pub key: Key,
    /// Its place in the key's journal.
    pub sequence: u64,
    /// When it was written.
    pub at: Timestamp,
    /// What it says: JSON that the service chose.
    pub data: String,
}

/// When there will be something to do without anybody saying so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NextDue {
    /// The next timer or set-aside event.
    pub message: Option<Timestamp>,
    /// The next effect.
    pub effect: Option<Timestamp>,
}

/// Everything a batch changes.
#[derive(Debug)]
pub struct Writes<T> {
    /// The time of the batch.
    pub now: Timestamp,
    /// Claims that were made, with the replies of their commands.
    pub claims: Vec<(Claim, String)>,
    /// States, with whether the store has one under the key already. Sorted by key.
    pub states: Vec<(Key, Arc<T>, Existing)>,
    /// Streams, likewise. Sorted by key.
    pub streams: Vec<(Key, Stream, Existing)>,
    /// Notes to append to the journal. Their sequences are given.
    pub notes: Vec<Note>,
    /// Events to append to the log, in this order.
    pub events: Vec<Arc<Record>>,
    /// Rows of the schedule to put (Some) or to delete (None). Sorted by key and name. The dead letter of a dead row
    /// that is deleted, or replaced by a live one, is discarded, unless [`Self::dead_letters`] says otherwise.
    pub scheduled: Vec<(Key, String, Option<Scheduled>)>,
    /// What becomes of dead letters.
    pub dead_letters: Vec<DeadLetterWrite>,
    /// How far the logs of others are consumed: source, partition, offset.
    pub cursors: Vec<(&'static str, u16, u64)>,
}

/// Whether the store has a row under the key already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// It has none: insert.
    No,
    /// It has one: update.
    Yes,
}

/// What becomes of a dead letter.
#[derive(Clone, Debug)]
pub enum DeadLetterWrite {
    /// A message died. A dead letter under the same key and name keeps its first time and its replays.
    Died(DeadLetter),
    /// It moved to another state; `Redriving` counts a replay.
    Moved(Key, String, DeadLetterState),
}
