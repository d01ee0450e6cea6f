//! Which cache stands before the orders' database.

use std::sync::Arc;

use anyhow::{Context, Result};
use cache::{Cache, MemoryCache, MemorySettings, Upkeep};
use cache_redis::{RedisCache, RedisSettings};
use engine::{SystemClock, SystemIds};
use http_api::Metrics;
use settings::{CacheUrl, DatabaseUrl, Role, Secret, Settings};
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
    let letters = stores.orders.letters.clone();
    stores.orders = Base { store: cached.store, outbox, letters, queries: cached.queries };
    Ok(Some(cached.upkeep))
}

/// Asks the cache of several instances whether it is there. None: there is no such cache.
///
/// # Errors
/// If it is not, or its address cannot be right.
pub async fn ping(settings: &Settings) -> Result<Option<()>> {
    match &settings.cache_url {
        CacheUrl::Memory => Ok(None),
        CacheUrl::Redis(url) => Ok(Some(redis(settings, url)?.ping().await?)),
    }
}

fn redis(settings: &Settings, url: &Secret) -> Result<RedisCache> {
    let (ttl, timeout) = (settings.cache.ttl, settings.cache.timeout);
    let prefix = format!("{}ordo:", settings.broker_prefix.as_str());
    let redis = RedisSettings { prefix, ttl, timeout, ..RedisSettings::new(url.expose()) };
    RedisCache::open(redis, Handle::current(), Arc::new(SystemIds)).context("cache_url")
}

fn open(settings: &Settings) -> Result<Option<Arc<dyn Cache>>> {
    let (entries, ttl) = (settings.cache.entries, settings.cache.ttl);
    match (&settings.cache_url, settings.database_of(Role::Orders)) {
        (CacheUrl::Memory, DatabaseUrl::Sqlite { .. }) => {
            Ok(Some(Arc::new(MemoryCache::new(MemorySettings { entries, ttl }))))
        }
        (CacheUrl::Memory, DatabaseUrl::Postgres(_)) => Ok(None),
        (CacheUrl::Redis(url), _) => Ok(Some(Arc::new(redis(settings, url)?))),
    }
}
