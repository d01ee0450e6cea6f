//! What the cache needs besides readers and writers: it is warmed once, and what was missed while it was away is made good even
//! if nobody asks for anything.

use std::sync::Arc;

use async_trait::async_trait;
use engine::retry::later;
use engine::{Clock, Fault, Progress, Step};
use orders::{ListFilter, Queries};
use uuid::Uuid;

use crate::guard::Guard;
use crate::queries::CachedQueries;

/// How many of the latest orders the cache is warmed with.
pub const LATEST: usize = 1_000;
/// How many of them are looked at in one step.
const PAGE: usize = 50;

/// Keeps the cache in order.
pub struct Upkeep {
    queries: Arc<CachedQueries>,
    guard: Arc<Guard>,
    clock: Arc<dyn Clock>,
    /// How many of the latest orders are still to be looked at.
    cold: usize,
    /// They are older than this one.
    before: Option<Uuid>,
}

impl Upkeep {
    /// The upkeep of the cache behind `guard`, which is warmed with the `latest` orders, as far as they are settled.
    pub fn new(queries: Arc<CachedQueries>, guard: Arc<Guard>, clock: Arc<dyn Clock>, latest: usize) -> Self {
        Self { queries, guard, clock, cold: latest, before: None }
    }

    /// Warms the cache with a page of orders, the newest first.
    async fn warm(&mut self) -> Result<(), Fault> {
        let limit = self.cold.min(PAGE);
        let filter = ListFilter { before: self.before, limit, ..ListFilter::default() };
        let page = self.queries.list(&filter).await?.orders;
        for order in page.iter().filter(|order| order.is_settled()) {
            self.queries.prepare(order.id).await?;
        }
        self.before = page.last().map(|order| order.id);
        // A cache that is away is not worth the reading.
        let goes_on = page.len() == limit && self.guard.is_there();
        self.cold = if goes_on { self.cold - limit } else { 0 };
        Ok(())
    }
}

#[async_trait]
impl Step for Upkeep {
    fn name(&self) -> &'static str {
        "orders/cache"
    }

    async fn step(&mut self) -> Result<Progress, Fault> {
        if self.cold > 0 {
            self.warm().await?;
            return Ok(Progress::Worked);
        }
        self.guard.make_good().await;
        let again = self.guard.owes().then(|| later(self.clock.now(), self.guard.pause()));
        Ok(Progress::Idle(again))
    }

    async fn wait(&mut self) {
        self.guard.missed().await;
    }
}
