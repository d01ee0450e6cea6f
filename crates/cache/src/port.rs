//! The cache port.
//!
//! # Contract
//! Versions of an order only grow, and a [`Fence`] is the word of somebody who is about to write one.
//!
//! - [`Cache::get`] never answers what is below a fence that was set before it was called, nor what was put before
//!   the last [`Cache::void`].
//! - [`Cache::put`] keeps nothing below a version or a fence that is known, and nothing that may have been read before a fence
//!   or a void of which the cache does not know any more whether it concerns the order. The [`Stamp`] says when that was: it
//!   comes from a `get` before the database was asked.
//! - Entries live no longer than the time to live. They may be lost at any time before, and so may fences: what was read
//!   before a lost fence is not kept, because of its stamp. What is read *after* the loss and before the commit that
//!   the fence announced would be; so whoever commits sets the fences again behind it.
//! - After a fault of `fence` it is not known whether it is set; whoever wanted it calls `void` before anything else.
//!
//! The conformance suite in `testkit` holds every adapter to this.

use std::sync::Arc;

use async_trait::async_trait;
use engine::Fault;
use uuid::Uuid;

use crate::entry::Entry;

/// Where settled orders are kept.
#[async_trait]
pub trait Cache: Send + Sync {
    /// Looks an order up.
    async fn get(&self, id: Uuid) -> Result<Look, Fault>;

    /// Keeps what the database said of an order after the [`Look`] that gave the stamp, unless something newer is known. It
    /// does not say whether it kept it.
    async fn put(&self, stamp: &Stamp, entry: &Entry) -> Result<(), Fault>;

    /// From now on nothing of these orders is answered or kept below these versions.
    async fn fence(&self, fences: &[Fence]) -> Result<(), Fault>;

    /// From now on nothing is answered that was put before, by whomever, and nothing is kept that was read before.
    async fn void(&self) -> Result<(), Fault>;
}

/// What a cache knows of an order.
#[derive(Clone, Debug, PartialEq)]
pub enum Look {
    /// This.
    Hit(Box<Entry>),
    /// Nothing. Who asks the database now may put what it says under this stamp.
    Miss(Stamp),
}

/// A time, as a cache counts it: by the fences that were set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Which void it is behind. Another one has another name.
    pub epoch: Arc<str>,
    /// How many fences were set since then.
    pub fences: u64,
}

/// The least version of an order that counts from now on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fence {
    /// The order.
    pub id: Uuid,
    /// The version.
    pub version: u64,
}
