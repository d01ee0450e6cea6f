//! A store that sets a fence before it changes what may be in the cache.
//!
//! It guarantees that nobody sees a version of an order before the cache was told of it: the fence is set before the commit.
//! Only orders that were settled can be in the cache, so only their changes are told; they are few. A cache that is away
//! stops no commit.

use std::collections::HashSet;
use std::sync::Arc;

use async_trait::async_trait;
use engine::store::{NextDue, Stream};
use engine::{
    Claimed, Cursors, Fault, Key, Loaded, Log, Record, Scheduled, Signal, Store, Transaction, Writes,
};
use jiff::Timestamp;
use orders::{Order, Orders, State};
use uuid::Uuid;

use crate::guard::Guard;
use crate::port::Fence;

/// A store of orders that tells the cache of what it is about to change.
pub struct FencedStore {
    inner: Arc<dyn Store<Orders>>,
    guard: Arc<Guard>,
}

impl FencedStore {
    /// Has `inner` tell the cache behind `guard`.
    pub fn new(inner: Arc<dyn Store<Orders>>, guard: Arc<Guard>) -> Self {
        Self { inner, guard }
    }
}

#[async_trait]
impl Store<Orders> for FencedStore {
    async fn begin(&self) -> Result<Box<dyn Transaction<Orders>>, Fault> {
        let inner = self.inner.begin().await?;
        let guard = Arc::clone(&self.guard);
        Ok(Box::new(FencedTransaction { inner, guard, settled: HashSet::new(), fences: Vec::new() }))
    }

    async fn recover(&self) -> Result<(), Fault> {
        self.inner.recover().await
    }

    async fn check(&self) -> Result<(), Fault> {
        self.inner.check().await
    }

    async fn forget(&self, now: Timestamp, limit: usize) -> Result<usize, Fault> {
        self.inner.forget(now, limit).await
    }

    fn listen(&self, published: Vec<Signal>, scheduled: Signal) {
        self.inner.listen(published, scheduled);
    }
}

#[async_trait]
impl Log for FencedStore {
    fn partitions(&self) -> u16 {
        self.inner.partitions()
    }

    async fn read(&self, partition: u16, after: u64, limit: usize) -> Result<Vec<(u64, Arc<Record>)>, Fault> {
        self.inner.read(partition, after, limit).await
    }

    async fn head(&self, partition: u16) -> Result<u64, Fault> {
        self.inner.head(partition).await
    }

    async fn trim(&self, partition: u16, through: u64, limit: usize) -> Result<usize, Fault> {
        self.inner.trim(partition, through, limit).await
    }
}

#[async_trait]
impl Cursors for FencedStore {
    async fn cursors(&self, source: &str) -> Result<Vec<(u16, u64)>, Fault> {
        self.inner.cursors(source).await
    }

    async fn streams(&self, keys: &[Key]) -> Result<Vec<(Key, Stream)>, Fault> {
        self.inner.streams(keys).await
    }
}

struct FencedTransaction {
    inner: Box<dyn Transaction<Orders>>,
    guard: Arc<Guard>,
    /// The orders that were settled when they were loaded.
    settled: HashSet<Uuid>,
    /// Those of them that were written.
    fences: Vec<Fence>,
}

impl FencedTransaction {
    fn note_loaded(&mut self, loaded: &[Loaded<State>]) {
        let orders = loaded.iter().filter_map(|loaded| loaded.state.as_deref()?.order());
        self.settled.extend(orders.filter(|order| order.is_settled()).map(|order| order.id));
    }

    fn note_written(&mut self, writes: &Writes<State>) {
        let orders = writes.states.iter().filter_map(|(_, state, _)| state.order());
        let settled = orders.filter(|order| self.settled.contains(&order.id));
        self.fences.extend(settled.map(fence));
    }
}

const fn fence(order: &Order) -> Fence {
    Fence { id: order.id, version: order.version }
}

#[async_trait]
impl Transaction<Orders> for FencedTransaction {
    async fn claim(&mut self, ids: &[&str]) -> Result<Vec<Option<Claimed>>, Fault> {
        self.inner.claim(ids).await
    }

    async fn load(&mut self, writes: &[Key], reads: &[Key]) -> Result<Vec<Loaded<State>>, Fault> {
        let loaded = self.inner.load(writes, reads).await?;
        self.note_loaded(&loaded);
        Ok(loaded)
    }

    async fn rows(&mut self, keys: &[Key]) -> Result<Vec<Scheduled>, Fault> {
        self.inner.rows(keys).await
    }

    async fn due(&mut self, now: Timestamp, limit: usize) -> Result<Vec<Scheduled>, Fault> {
        self.inner.due(now, limit).await
    }

    async fn next_due(&mut self) -> Result<NextDue, Fault> {
        self.inner.next_due().await
    }

    async fn write(&mut self, writes: Writes<State>) -> Result<(), Fault> {
        self.note_written(&writes);
        self.inner.write(writes).await
    }

    async fn lease(
        &mut self,
        now: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<Scheduled>, Fault> {
        self.inner.lease(now, until, limit).await
    }

    async fn commit(self: Box<Self>) -> Result<(), Fault> {
        if self.fences.is_empty() {
            return self.inner.commit().await;
        }
        self.guard.fence(&self.fences).await;
        let committed = self.inner.commit().await;
        // Had the first one been missed or lost before the commit, a reader could have put what it read in between. Also
        // behind a fault: the commit may have been done.
        self.guard.fence(&self.fences).await;
        committed
    }
}
