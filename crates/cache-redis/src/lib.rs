//! The cache of settled orders in Redis (6 or newer, or Valkey), for several instances at once.
//!
//! It owns the keys `<prefix>order:<id>`, each a hash with what is kept of an order and the fence below it, and
//! `<prefix>orders:epoch`, which says since when anything counts. It owns its connection as well.
//!
//! It guarantees the contract of [`cache::Cache`] whatever the server forgets. An order's entry and fence are one key, so the
//! server cannot throw the fence out and keep the entry. Whatever is put carries the epoch and the count of
//! fences that were read before the database was asked, and is not kept if either has moved on and the fence is not there to
//! judge by. An epoch is only good for the run of the server that it was made in, so a server that comes back with an older
//! state (from a snapshot, or as a replica that was promoted) has nothing that counts.
//!
//! It deliberately does not work with a cluster, whose keys are apart, nor behind a proxy that spreads commands over several
//! servers. It does not repeat anything: a caller that gets a fault asks the database.

mod link;
mod redis_cache;
mod scripts;
mod settings;

pub use redis_cache::RedisCache;
pub use settings::{OpenError, RedisSettings};
