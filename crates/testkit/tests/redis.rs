//! Redis, held to the cache port, and what only Redis can do to it. Each test has a prefix of its own in the database at
//! `ORDO_TEST_REDIS_URL`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "the whole file is a test")]

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use cache::{Cache, Entry, Fence, Look, Stamp};
use cache_redis::{RedisCache, RedisSettings};
use engine::{Ids, SystemIds};
use testkit::cache_conformance;
use testkit::conformance::cache::{CacheHarness, settled};
use testkit::conformance::run;
use tokio::runtime::Handle;
use uuid::Uuid;

#[path = "redis/away.rs"]
mod away;
#[path = "redis/instances.rs"]
mod instances;
#[path = "redis/line.rs"]
mod line;

mod held_to_the_port {
    use super::*;
    cache_conformance!(Place::new(), #[ignore = "needs Redis: scripts/services up"]);
}

const LONG: Duration = Duration::from_secs(600);
const ID: Uuid = Uuid::from_u128(1);

/// A prefix of one's own.
struct Place(RedisSettings);

#[async_trait]
impl CacheHarness for Place {
    fn is_shared(&self) -> bool {
        true
    }

    async fn open(&self, ttl: Duration) -> Arc<dyn Cache> {
        self.at(&self.0.url, ttl)
    }
}

impl Place {
    fn new() -> Self {
        let url = std::env::var("ORDO_TEST_REDIS_URL").expect("ORDO_TEST_REDIS_URL: see scripts/services");
        let prefix = format!("test-{}:", SystemIds.next().simple());
        Self(RedisSettings { prefix, ..RedisSettings::new(&url) })
    }

    /// The place as it is reached by this URL. The machine may be busy, so there is more time than usual.
    fn at(&self, url: &str, ttl: Duration) -> Arc<dyn Cache> {
        let settings = RedisSettings {
            url: url.to_owned(),
            ttl,
            timeout: Duration::from_secs(5),
            connect_timeout: Duration::from_secs(5),
            ..self.0.clone()
        };
        Arc::new(RedisCache::open(settings, Handle::current(), Arc::new(SystemIds)).unwrap())
    }

    fn epoch(&self) -> String {
        format!("{}orders:epoch", self.0.prefix)
    }

    fn order(&self) -> String {
        format!("{}order:{ID}", self.0.prefix)
    }

    /// Does something behind the cache's back.
    async fn tell<T: redis::FromRedisValue>(&self, command: &[&str]) -> T {
        let client = redis::Client::open(self.0.url.as_str()).unwrap();
        let mut connection = client.get_multiplexed_async_connection().await.unwrap();
        let mut told = redis::cmd(command[0]);
        told.arg(&command[1..]);
        told.query_async(&mut connection).await.unwrap()
    }
}

async fn stamp(cache: &dyn Cache) -> Stamp {
    match cache.get(Uuid::max()).await.unwrap() {
        Look::Miss(stamp) => stamp,
        Look::Hit(entry) => panic!("nobody put {entry:?}"),
    }
}

async fn put(cache: &dyn Cache, version: u64) {
    cache.put(&stamp(cache).await, &Entry::new(settled(ID, version), None)).await.unwrap();
}

async fn version(cache: &dyn Cache) -> Option<u64> {
    match cache.get(ID).await.unwrap() {
        Look::Hit(entry) => Some(entry.order.version),
        Look::Miss(_) => None,
    }
}

/// A server that comes back with an older state has another run.
#[test]
#[ignore = "needs Redis: scripts/services up"]
fn what_another_run_of_the_server_has_kept_counts_for_nothing() {
    run(async {
        let place = Place::new();
        let cache = place.open(LONG).await;
        put(&*cache, 3).await;
        let of_then = format!("{}:{}", "0".repeat(40), Uuid::nil());
        for key in [place.order(), place.epoch()] {
            place.tell::<()>(&["HSET", &key, "epoch", &of_then]).await;
        }
        assert_eq!(version(&*cache).await, None);
        assert_ne!(*stamp(&*cache).await.epoch, of_then);
        put(&*cache, 3).await;
        assert_eq!(version(&*cache).await, Some(3));
    });
}

#[test]
#[ignore = "needs Redis: scripts/services up"]
fn a_server_that_threw_the_epoch_out_has_nothing_that_counts() {
    run(async {
        let place = Place::new();
        let cache = place.open(LONG).await;
        put(&*cache, 3).await;
        let before = stamp(&*cache).await;
        place.tell::<()>(&["DEL", &place.epoch()]).await;
        cache.put(&before, &Entry::new(settled(ID, 3), None)).await.unwrap();
        assert_eq!(version(&*cache).await, None);
        // Also if the first who comes sets a fence.
        put(&*cache, 3).await;
        place.tell::<()>(&["DEL", &place.epoch()]).await;
        cache.fence(&[Fence { id: Uuid::nil(), version: 1 }]).await.unwrap();
        assert_eq!(version(&*cache).await, None);
    });
}

#[test]
#[ignore = "needs Redis: scripts/services up"]
fn a_server_that_threw_a_fence_out_keeps_nothing_that_was_read_before_it() {
    run(async {
        let place = Place::new();
        let cache = place.open(LONG).await;
        let before = stamp(&*cache).await;
        cache.fence(&[Fence { id: ID, version: 4 }]).await.unwrap();
        place.tell::<()>(&["DEL", &place.order()]).await;
        cache.put(&before, &Entry::new(settled(ID, 3), None)).await.unwrap();
        assert_eq!(version(&*cache).await, None);
    });
}

#[test]
#[ignore = "needs Redis: scripts/services up"]
fn every_order_expires_and_its_fence_outlives_a_commit() {
    run(async {
        let place = Place::new();
        let cache = place.open(Duration::from_secs(2)).await;
        put(&*cache, 3).await;
        let left: i64 = place.tell(&["PTTL", &place.order()]).await;
        assert!((1..=2_000).contains(&left), "{left}");
        cache.fence(&[Fence { id: ID, version: 4 }]).await.unwrap();
        let left: i64 = place.tell(&["PTTL", &place.order()]).await;
        assert!((50_000..=60_000).contains(&left), "{left}");
        let keys: Vec<String> = place.tell(&["KEYS", &format!("{}*", place.0.prefix)]).await;
        assert_eq!(keys.len(), 2, "{keys:?}");
    });
}

#[test]
#[ignore = "needs Redis: scripts/services up"]
fn what_another_version_of_ordo_wrote_is_not_read_and_replaced() {
    run(async {
        let place = Place::new();
        let cache = place.open(LONG).await;
        put(&*cache, 3).await;
        place.tell::<()>(&["HSET", &place.order(), "body", "{\"shape\":0}"]).await;
        assert_eq!(version(&*cache).await, None);
        put(&*cache, 3).await;
        assert_eq!(version(&*cache).await, Some(3));
    });
}

#[test]
#[ignore = "needs Redis: scripts/services up"]
fn what_is_too_large_is_not_kept() {
    run(async {
        let place = Place::new();
        let cache = place.open(LONG).await;
        let entry = Entry::new(settled(ID, 3), Some("x".repeat(300_000)));
        cache.put(&stamp(&*cache).await, &entry).await.unwrap();
        assert_eq!(version(&*cache).await, None);
    });
}
