//! The outbox port: what a relay keeps beside the log that it forwards to a broker.
//!
//! # Contract
//! At any time at most one relay holds a partition. A hold ends when its time is over or its relay lets go; the next one
//! gets a higher token (fencing), and nothing is written under an older one. How far a partition was forwarded is the
//! service's own cursor over its own log, so that [`Cursors::cursors`](crate::Cursors::cursors) of the service's name tells
//! it to the cleaner. The conformance suite in `testkit` holds every adapter to this.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use uuid::Uuid;

use crate::fault::Fault;
use crate::key::Key;
use crate::record::Record;
use crate::store::Log;

/// A service's log, and how far it was forwarded.
#[async_trait]
pub trait Outbox: Log {
    /// Takes hold, for this relay, of the partitions that no other one holds at `now`, until `until`. Answers all that it
    /// holds then, by partition.
    async fn hold(&self, relay: Uuid, now: Timestamp, until: Timestamp) -> Result<Vec<Hold>, Fault>;

    /// Up to `limit` records of each of the holds' partitions, from the first that was not forwarded on: partition, offset and
    /// record, in the order of the offsets.
    async fn backlog(&self, holds: &[Hold], limit: usize) -> Result<Vec<(u16, u64, Arc<Record>)>, Fault> {
        let mut waiting = Vec::new();
        for hold in holds {
            let records = self.read(hold.partition, hold.forwarded, limit).await?;
            waiting.extend(records.into_iter().map(|(offset, record)| (hold.partition, offset, record)));
        }
        Ok(waiting)
    }

    /// Lets go of what the relay holds, so that another one need not wait.
    async fn release(&self, relay: Uuid) -> Result<(), Fault>;

    /// Writes down what became of records, in one transaction. Answers the partitions that another relay holds by now, of
    /// which nothing was written.
    async fn forward(&self, now: Timestamp, work: Vec<Forwarded>) -> Result<Vec<u16>, Fault>;

    /// Those of the keys that have parked records.
    async fn parked_keys(&self, keys: &[Key]) -> Result<Vec<Key>, Fault>;

    /// Up to `limit` parked records of a partition that are due at `now`, the lowest offset first.
    async fn due_parked(&self, partition: u16, now: Timestamp, limit: usize) -> Result<Vec<Parked>, Fault>;
}

/// That a relay holds a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hold {
    /// The partition.
    pub partition: u16,
    /// Higher than that of any hold of the partition before.
    pub token: u64,
    /// Everything up to this offset was forwarded or parked.
    pub forwarded: u64,
    /// Whether it has parked records.
    pub parked: bool,
}

/// A record that the broker refused, or that waits behind one of the same key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parked {
    /// Its place in the log.
    pub offset: u64,
    /// What it says; the log may have been trimmed meanwhile.
    pub record: Arc<Record>,
    /// Why the broker refused it. Empty for one that only waits.
    pub reason: String,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is tried again. None: when what it waits behind is gone.
    pub due: Option<Timestamp>,
}

/// What became of records of a partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forwarded {
    /// Under which hold.
    pub hold: Hold,
    /// Everything up to this offset was forwarded or parked.
    pub through: u64,
    /// To be parked, or parked on.
    pub park: Vec<Parked>,
    /// Offsets of parked records that the broker took at last. The next of each one's key is due at once.
    pub unpark: Vec<u64>,
}
