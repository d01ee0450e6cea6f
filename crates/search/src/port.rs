//! The index port: which orders have which terms, and how far the index is.
//!
//! # Contract
//! [`Index::put`] is all or nothing: entries and position commit together, so that an index never believes to be further than it
//! is. An order that is indexed already stays as it is. At any time at most one indexer has the turn; nothing is put by
//! another one. [`Index::find`] answers all that has the terms, and nothing below [`Found::down_to`] is left unsaid above
//! it. An index may lose what it has, and begin anew: then nothing is put by who knew how far it was before, and [`Index::find`] fails
//! until it is filled again, rather than leave out what was in it. As [`Cursors`] it tells the cleaner of the orders' log how far that was read; an index that was never begun
//! holds back everything. The conformance suite in `testkit` holds every adapter to this.

use async_trait::async_trait;
use engine::{Cursors, Fault};
use jiff::Timestamp;
use uuid::Uuid;

use crate::terms::Term;

/// An index over the orders of one service.
#[async_trait]
pub trait Index: Cursors {
    /// How far the index is.
    async fn position(&self) -> Result<Position, Fault>;

    /// Takes the turn until then, for this indexer, or keeps it. None: another one has it at `now`.
    async fn turn(&self, indexer: Uuid, now: Timestamp, until: Timestamp) -> Result<Option<Position>, Fault>;

    /// Adds the entries, and moves to the position. Answers false, and does nothing, if the indexer has not the turn.
    async fn put(&self, indexer: Uuid, entries: &[Entry], position: &Position) -> Result<bool, Fault>;

    /// The newest orders that have all these terms (at least one), of those from `from` on and before `before`. At most
    /// `limit`, and fewer where it would have to look at too much.
    async fn find(&self, terms: &[Term], from: Uuid, before: Uuid, limit: usize) -> Result<Found, Fault>;
}

/// An order in the index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The order.
    pub id: Uuid,
    /// What it is found by, sorted, each once.
    pub terms: Vec<Term>,
}

/// How far an index is: all orders of a sweep, and then what the log tells from where it was when the sweep began.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// How far the sweep is.
    pub sweep: Sweep,
    /// The last offset of the orders' log that was read, per partition.
    pub offsets: Vec<u64>,
}

/// How far the sweep over all orders is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sweep {
    /// It has not begun.
    #[default]
    Unbegun,
    /// All orders up to this one are indexed.
    After(Uuid),
    /// All are, but for those that the log still tells of.
    Done,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Orders that have the terms, the newest first.
    pub ids: Vec<Uuid>,
    /// All of them from this id on were found. What was asked from, if that was all.
    pub down_to: Uuid,
}
