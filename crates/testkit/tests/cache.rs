//! The cache of orders: its adapter in memory, held to the port, and what stands before any cache.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "the whole file is a test")]

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use cache::{Cache, MemoryCache, MemorySettings};
use testkit::cache_conformance;
use testkit::cached::Forgetful;
use testkit::conformance::cache::CacheHarness;

#[path = "cache/away.rs"]
mod away;
#[path = "cache/interleaving.rs"]
mod interleaving;
#[path = "cache/reading.rs"]
mod reading;
#[path = "cache/upkeep.rs"]
mod upkeep;

mod memory {
    use super::*;
    cache_conformance!(InMemory);
}

/// A cache in memory. Each instance has its own.
struct InMemory;

#[async_trait]
impl CacheHarness for InMemory {
    fn is_shared(&self) -> bool {
        false
    }

    async fn open(&self, ttl: Duration) -> Arc<dyn Cache> {
        memory_cache(ttl)
    }
}

fn memory_cache(ttl: Duration) -> Arc<dyn Cache> {
    Arc::new(MemoryCache::new(MemorySettings { ttl, ..MemorySettings::default() }))
}

/// What stands in for a cache below does what one has to.
mod forgetful {
    use super::*;
    use testkit::conformance::cache as cases;

    #[derive(Default)]
    struct Stand(Arc<Forgetful>);

    #[async_trait]
    impl CacheHarness for Stand {
        fn is_shared(&self) -> bool {
            true
        }

        async fn open(&self, _ttl: Duration) -> Arc<dyn Cache> {
            Arc::clone(&self.0) as Arc<dyn Cache>
        }
    }

    testkit::conformance_cases!(
        [] Stand::default(),
        cases,
        what_is_kept_is_answered_word_for_word,
        of_two_versions_the_newer_one_stays,
        what_is_below_a_fence_is_neither_answered_nor_kept,
        a_fence_stays_where_a_lower_one_comes,
        what_was_read_before_a_fence_is_not_kept_even_if_the_fence_is_forgotten,
        many_fences_are_set_at_once,
        nothing_outlives_a_void,
        what_was_read_before_a_void_is_not_kept,
        instances_see_each_others_entries_if_they_share,
    );
}
