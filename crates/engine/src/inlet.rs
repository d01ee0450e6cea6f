//! The inlet port: what a broker delivers of one source.
//!
//! # Contract
//! At least once, in any order: the engine keeps the order and drops what was applied. [`Inlet::settle`] is
//! called only after the messages were committed; what is not settled comes again after [`Inlet::rewind`] or in
//! the next process.

use std::sync::Arc;

use async_trait::async_trait;

use crate::fault::Fault;
use crate::record::Record;

/// One source's events, delivered to one consumer.
#[async_trait]
pub trait Inlet: Send {
    /// Whose events.
    fn source(&self) -> &'static str;

    /// Whether the consumer keeps the cursor, in the transaction that applies the events. If not, the broker does.
    fn consumer_keeps_cursor(&self) -> bool;

    /// What is there by now, at most `limit`. Does not wait for more.
    async fn poll(&mut self, limit: usize) -> Result<Vec<Delivery>, Fault>;

    /// Everything polled so far is committed.
    async fn settle(&mut self) -> Result<(), Fault>;

    /// Everything polled since the last settle is to be delivered again.
    async fn rewind(&mut self);
}

/// One delivered event.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The event.
    pub record: Arc<Record>,
    /// Where it lies.
    pub position: Position,
}

/// A place in a source's log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The partition.
    pub partition: u16,
    /// The offset, from 1.
    pub offset: u64,
}
