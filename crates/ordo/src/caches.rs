//! Which cache stands before the orders' database.

use std::sync::Arc;

use anyhow::{Context, Result};
use cache::{Cache, MemoryCache, MemorySettings, Upkeep};
use cache_redis::{RedisCache, RedisSettings};
use engine::{SystemClock, SystemIds};
use http_api::Metrics;
use settings::{CacheUrl, DatabaseUrl, Role, Settings};
use tokio::runtime::Handle;

use crate::stores::{Base, Stores};

/// Puts the cache that the settings name before the orders' database. What is answered has to be driven. None: there is no
/// cache, because instances that share a database cannot share one in memory.
///
/// # Errors
/// If the cache's address cannot be right. One that is away is no error.
pub fn put_before(stores: &mut Stores, settings: &Settings, metrics: &Metrics) -> Result<Option<Upkeep>> {
    let Some(cache) = open(settings)? else { return Ok(None) };
    let (store, queries) = (stores.orders.store.clone(), stores.orders.queries.clone());
    let cached = cache::of(cache, store, queries, Arc::new(SystemClock), metrics.cache_observer());
    let outbox = stores.orders.outbox.clone();
    stores.orders = Base { store: cached.store, outbox, queries: cached.queries };
    Ok(Some(cached.upkeep))
}

fn open(settings: &Settings) -> Result<Option<Arc<dyn Cache>>> {
    let (entries, ttl) = (settings.cache.entries, settings.cache.ttl);
    match (&settings.cache_url, settings.database_of(Role::Orders)) {
        (CacheUrl::Memory, DatabaseUrl::Sqlite { .. }) => {
            Ok(Some(Arc::new(MemoryCache::new(MemorySettings { entries, ttl }))))
        }
        (CacheUrl::Memory, DatabaseUrl::Postgres(_)) => Ok(None),
        (CacheUrl::Redis(url), _) => {
            let timeout = settings.cache.timeout;
            let prefix = format!("{}ordo:", settings.broker_prefix.as_str());
            let redis = RedisSettings { prefix, ttl, timeout, ..RedisSettings::new(url.expose()) };
            let cache =
                RedisCache::open(redis, Handle::current(), Arc::new(SystemIds)).context("cache_url")?;
            Ok(Some(Arc::new(cache)))
        }
    }
}
