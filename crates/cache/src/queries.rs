//! Reading through the cache: the queries of the orders service, with a cache before them.
//!
//! What is not asked by id goes to the database. So does whatever the cache does not know or is not asked for because it is
//! away, and every order that is open.

use std::sync::Arc;

use async_trait::async_trait;
use contract::Product;
use engine::{DeadLetter, Fault};
use jiff::Timestamp;
use orders::timeline::Placed;
use orders::{ListFilter, Order, Page, Queries};
use uuid::Uuid;

use crate::entry::Entry;
use crate::guard::Guard;
use crate::loads::Loads;
use crate::observe::Observation;
use crate::port::{Look, Stamp};

/// Queries with a cache before them.
pub struct CachedQueries {
    inner: Arc<dyn Queries>,
    guard: Arc<Guard>,
    loads: Loads<Result<Option<Order>, Fault>>,
}

impl CachedQueries {
    /// Puts the cache behind `guard` before `inner`.
    pub fn new(inner: Arc<dyn Queries>, guard: Arc<Guard>) -> Self {
        Self { inner, guard, loads: Loads::default() }
    }

    /// Sees to it that the cache has the order, if it may. Nobody is said to have read it.
    pub(crate) async fn prepare(&self, id: Uuid) -> Result<(), Fault> {
        match self.guard.get(id).await {
            Some(Look::Miss(stamp)) => self.load(id, Some(stamp)).await.map(drop),
            Some(Look::Hit(_)) | None => Ok(()),
        }
    }

    /// Looks an order up for a reader. None: the cache does not say.
    async fn look(&self, id: Uuid) -> Option<Look> {
        let look = self.guard.get(id).await;
        let is_hit = matches!(look, Some(Look::Hit(_)));
        self.guard.observe(if is_hit { Observation::Hit } else { Observation::Miss });
        look
    }

    /// Asks the database, together with all who ask for the same, and keeps what is settled.
    async fn load(&self, id: Uuid, stamp: Option<Stamp>) -> Result<Option<Order>, Fault> {
        let load = async {
            let order = self.inner.order(id).await?;
            if let (Some(order), Some(stamp)) = (&order, &stamp) {
                self.keep(order, stamp).await;
            }
            Ok(order)
        };
        self.loads.share(id, load).await
    }

    /// Keeps what is settled. Its document never changes, so it need not have been read together with it.
    async fn keep(&self, order: &Order, stamp: &Stamp) {
        if order.is_settled()
            && let Ok(document) = self.inner.document(order.id).await
        {
            self.guard.put(stamp, &Entry::new(order.clone(), document)).await;
        }
    }
}

#[async_trait]
impl Queries for CachedQueries {
    async fn order(&self, id: Uuid) -> Result<Option<Order>, Fault> {
        match self.look(id).await {
            Some(Look::Hit(entry)) => Ok(Some(entry.order)),
            Some(Look::Miss(stamp)) => self.load(id, Some(stamp)).await,
            None => self.load(id, None).await,
        }
    }

    /// The database knows orders by their names. What has ended is kept under its id, for whoever asks for its document next.
    async fn by_external_id(&self, external_id: &str) -> Result<Option<Order>, Fault> {
        let order = self.inner.by_external_id(external_id).await?;
        if let Some(settled) = order.as_ref().filter(|order| order.is_settled()) {
            // Whether or not that works, the question is answered.
            let _ = self.prepare(settled.id).await;
        }
        Ok(order)
    }

    async fn document(&self, id: Uuid) -> Result<Option<String>, Fault> {
        match self.look(id).await {
            Some(Look::Hit(entry)) => Ok(entry.document),
            Some(Look::Miss(_)) | None => self.inner.document(id).await,
        }
    }

    async fn timeline(&self, id: Uuid, after: u64) -> Result<Vec<Placed>, Fault> {
        self.inner.timeline(id, after).await
    }

    async fn find(&self, ids: &[Uuid]) -> Result<Vec<Order>, Fault> {
        self.inner.find(ids).await
    }

    async fn documents(&self, ids: &[Uuid]) -> Result<Vec<(Uuid, String)>, Fault> {
        self.inner.documents(ids).await
    }

    async fn list(&self, filter: &ListFilter) -> Result<Page, Fault> {
        self.inner.list(filter).await
    }

    async fn scan(&self, after: Option<Uuid>, limit: usize) -> Result<Vec<Order>, Fault> {
        self.inner.scan(after, limit).await
    }

    async fn stalled(&self, since: Timestamp, limit: usize) -> Result<Vec<Order>, Fault> {
        self.inner.stalled(since, limit).await
    }

    async fn dead_letters(&self, id: Uuid) -> Result<Vec<DeadLetter>, Fault> {
        self.inner.dead_letters(id).await
    }

    async fn menu(&self) -> Result<Vec<Product>, Fault> {
        self.inner.menu().await
    }
}
