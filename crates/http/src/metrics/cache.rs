//! The cache of settled orders: how often it knew, and how often it was away.

use ::cache::{Observation, Observer};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::registry::Registry;

/// The meters.
#[derive(Clone)]
pub(super) struct CacheMetrics {
    hits: Counter,
    misses: Counter,
    faults: Counter,
}

impl CacheMetrics {
    /// Meters at zero.
    pub fn register(registry: &mut Registry) -> Self {
        let meter = || Counter::default();
        let this = Self { hits: meter(), misses: meter(), faults: meter() };
        registry.register("cache_hits", "Orders that the cache had", this.hits.clone());
        registry.register("cache_misses", "Orders that the cache did not have", this.misses.clone());
        let help = "Times that the cache did not do what it was asked; the database was asked instead";
        registry.register("cache_faults", help, this.faults.clone());
        this
    }
}

impl Observer for CacheMetrics {
    fn observe(&self, observation: Observation) {
        match observation {
            Observation::Hit => self.hits.inc(),
            Observation::Miss => self.misses.inc(),
            Observation::Fault => self.faults.inc(),
        };
    }
}
