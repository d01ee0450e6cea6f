//! Orders in memory with a cache before them, as several instances have it, and clients who remember what they have seen.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use cache::{Cache, CachedQueries, FencedStore, Guard, Observer};
use contract::Product;
use engine::store::Existing;
use engine::{DeadLetter, Fault, Key, Store, Writes};
use jiff::Timestamp;
use orders::timeline::Placed;
use orders::{ListFilter, Order, Orders, Page, Queries, State};
use tokio::task::yield_now;
use uuid::Uuid;

use crate::memory::MemoryStore;

mod forgetful;
mod ways;

pub use forgetful::Forgetful;
pub use ways::{Halting, Unreliable};

/// The database of all instances. Whoever asks it waits a little, before and after it has looked.
pub struct Shelf {
    /// As a store.
    pub store: MemoryStore<Orders>,
    /// How often it was asked for an order or its document.
    pub asked: AtomicU64,
}

impl Shelf {
    /// With these orders in it.
    pub async fn with(orders: impl IntoIterator<Item = Order>) -> Arc<Self> {
        let store = MemoryStore::new(1);
        let states =
            orders.into_iter().map(|order| (Key::Id(order.id), State::Order(order).into(), Existing::No));
        let mut tx = Store::<Orders>::begin(&store).await.expect("begins");
        tx.write(writes(states.collect())).await.expect("writes");
        tx.commit().await.expect("commits");
        Arc::new(Self { store, asked: AtomicU64::new(0) })
    }

    /// How often it was asked for an order or its document.
    pub fn asked(&self) -> u64 {
        self.asked.load(Ordering::SeqCst)
    }

    async fn look<T>(&self, look: impl FnOnce() -> T) -> Result<T, Fault> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        yield_now().await;
        let found = look();
        yield_now().await;
        Ok(found)
    }

    fn find(&self, id: Uuid) -> Option<Order> {
        self.store.state(&Key::Id(id)).and_then(|state| state.order().cloned())
    }

    /// The newest first.
    fn orders(&self) -> Vec<Order> {
        let mut orders: Vec<_> =
            self.store.states().iter().filter_map(|state| state.order().cloned()).collect();
        orders.sort_by_key(|order| std::cmp::Reverse(order.id));
        orders
    }
}

#[async_trait]
impl Queries for Shelf {
    async fn order(&self, id: Uuid) -> Result<Option<Order>, Fault> {
        self.look(|| self.find(id)).await
    }

    async fn by_external_id(&self, external_id: &str) -> Result<Option<Order>, Fault> {
        let is_called_so = |order: &Order| order.content.external_id.as_deref() == Some(external_id);
        self.look(|| self.orders().into_iter().find(is_called_so)).await
    }

    async fn document(&self, id: Uuid) -> Result<Option<String>, Fault> {
        self.look(|| self.find(id).and_then(|order| order.content.document.clone())).await
    }

    async fn timeline(&self, _id: Uuid, _after: u64) -> Result<Vec<Placed>, Fault> {
        Ok(Vec::new())
    }

    async fn find(&self, ids: &[Uuid]) -> Result<Vec<Order>, Fault> {
        self.look(|| ids.iter().filter_map(|id| self.find(*id)).collect()).await
    }

    async fn documents(&self, _ids: &[Uuid]) -> Result<Vec<(Uuid, String)>, Fault> {
        Ok(Vec::new())
    }

    async fn list(&self, filter: &ListFilter) -> Result<Page, Fault> {
        let is_in = |order: &Order| filter.before.is_none_or(|before| order.id < before);
        let orders = self.orders().into_iter().filter(is_in).take(filter.limit).collect();
        Ok(Page { orders, next: None })
    }

    async fn scan(&self, _after: Option<Uuid>, _limit: usize) -> Result<Vec<Order>, Fault> {
        Ok(self.orders())
    }

    async fn stalled(&self, _since: Timestamp, _limit: usize) -> Result<Vec<Order>, Fault> {
        Ok(Vec::new())
    }

    async fn dead_letters(&self, _id: Uuid) -> Result<Vec<DeadLetter>, Fault> {
        Ok(Vec::new())
    }

    async fn menu(&self) -> Result<Vec<Product>, Fault> {
        Ok(Vec::new())
    }
}

/// An instance: what it reads through, and what it writes to.
pub struct Instance {
    /// What stands before its cache.
    pub guard: Arc<Guard>,
    /// Through the cache.
    pub queries: Arc<CachedQueries>,
    /// Past the fences.
    pub store: Arc<dyn Store<Orders>>,
}

impl Instance {
    /// An instance over the shelf that leaves its cache alone for `pause` after a fault.
    pub fn new(
        shelf: &Arc<Shelf>,
        cache: Arc<dyn Cache>,
        observer: Arc<dyn Observer>,
        pause: Duration,
    ) -> Self {
        let guard = Arc::new(Guard::new(cache, observer, pause));
        let queries = CachedQueries::new(Arc::clone(shelf) as Arc<dyn Queries>, Arc::clone(&guard));
        let store = FencedStore::new(Arc::new(shelf.store.clone()), Arc::clone(&guard));
        Self { guard, queries: Arc::new(queries), store: Arc::new(store) }
    }

    /// Gives one more minor unit of the order back.
    pub async fn refund(&self, id: Uuid) {
        refund(&*self.store, id).await;
    }
}

/// Gives one more minor unit of the order back.
pub async fn refund(store: &dyn Store<Orders>, id: Uuid) {
    let key = Key::Id(id);
    let mut tx = store.begin().await.expect("begins");
    let loaded = tx.load(std::slice::from_ref(&key), &[]).await.expect("loads");
    let order = loaded[0].state.as_ref().and_then(|state| state.order()).expect("an order");
    let order = order.revised(order.updated_at, |facts| facts.refunded += 1).expect("it is another one");
    tx.write(writes(vec![(key, State::Order(order).into(), Existing::Yes)])).await.expect("writes");
    tx.commit().await.expect("commits");
}

fn writes(states: Vec<(Key, Arc<State>, Existing)>) -> Writes<State> {
    Writes {
        now: Timestamp::UNIX_EPOCH,
        claims: Vec::new(),
        states,
        streams: Vec::new(),
        notes: Vec::new(),
        events: Vec::new(),
        scheduled: Vec::new(),
        dead_letters: Vec::new(),
        cursors: Vec::new(),
    }
}

/// Clients who talk to each other: what one has seen, all know.
#[derive(Default)]
pub struct Clients {
    seen: Mutex<HashMap<Uuid, u64>>,
}

impl Clients {
    /// Reads an order through one of the doors that lead to it.
    ///
    /// # Errors
    /// That its state went back: somebody had seen a newer one before this was asked.
    pub async fn read(&self, queries: &dyn Queries, id: Uuid, by_name: bool) -> Result<(), String> {
        let before = self.seen.lock().unwrap().get(&id).copied().unwrap_or(0);
        let order = match by_name {
            true => queries.by_external_id(&format!("external-{id}")).await,
            false => queries.order(id).await,
        };
        let version = order.expect("answers").expect("it is there").version;
        if version < before {
            return Err(format!("{id} was seen in version {before}, and then in version {version}"));
        }
        let mut seen = self.seen.lock().unwrap();
        let newest = seen.entry(id).or_default();
        *newest = version.max(*newest);
        Ok(())
    }
}
