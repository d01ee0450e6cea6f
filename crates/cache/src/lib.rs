//! The cache of settled orders: a reader finds there what has ended, and need not ask the database.
//!
//! It owns the port ([`port`]) with its contract, what is kept ([`entry`]), the adapter in memory ([`memory`]), and what makes
//! a cache fit for clients: [`queries`] reads through it, [`fenced`] keeps it from what is about to be changed, [`guard`]
//! stands before it while it is away, and [`upkeep`] warms it and makes good what it missed.
//!
//! It guarantees that whoever asks after somebody has seen a version of an order is not answered an older one, whichever
//! instance is asked, as long as every process that writes orders has the same cache and reaches it. A cache that is away
//! makes reading slower and stops nobody. Two gaps are left, because closing them would stop the saga: a process that cannot
//! reach the cache while others can makes all of it void when it is back, and until then (or if it dies first), no longer
//! than the time to live, the others may answer what that process has changed; and a fence that the cache loses in the moment
//! before the commit it announces is missing until the one behind the commit.
//!
//! It deliberately keeps no order that is open, nor anything but single orders and their documents: lists and timelines are the
//! database's.

use std::sync::Arc;

use engine::{Clock, Store};
use orders::{Orders, Queries};

pub mod entry;
pub mod fenced;
pub mod guard;
mod loads;
pub mod memory;
pub mod observe;
pub mod port;
pub mod queries;
pub mod upkeep;

pub use entry::Entry;
pub use fenced::FencedStore;
pub use guard::Guard;
pub use memory::{MemoryCache, MemorySettings};
pub use observe::{Observation, Observer, Unobserved};
pub use port::{Cache, Fence, Look, Stamp};
pub use queries::CachedQueries;
pub use upkeep::Upkeep;

/// The database of the orders service, with a cache before it.
pub struct Cached {
    /// For whoever writes.
    pub store: Arc<dyn Store<Orders>>,
    /// For whoever reads.
    pub queries: Arc<dyn Queries>,
    /// To be driven, in every process that writes or reads.
    pub upkeep: Upkeep,
}

/// Puts `cache` before the database of the orders service.
///
/// A cache in memory is only right where this process alone writes orders.
pub fn of(
    cache: Arc<dyn Cache>,
    store: Arc<dyn Store<Orders>>,
    queries: Arc<dyn Queries>,
    clock: Arc<dyn Clock>,
    observer: Arc<dyn Observer>,
) -> Cached {
    let guard = Arc::new(Guard::new(cache, observer, guard::PAUSE));
    let queries = Arc::new(CachedQueries::new(queries, Arc::clone(&guard)));
    let upkeep = Upkeep::new(Arc::clone(&queries), Arc::clone(&guard), clock, upkeep::LATEST);
    Cached { store: Arc::new(FencedStore::new(store, guard)), queries, upkeep }
}
