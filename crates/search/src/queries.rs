//! The queries of the orders service, with an index before those that it helps with.
//!
//! What is asked by words, by a product or, where the store has no index of its own for that, by a customer goes by the index, and
//! what is not in it yet is read from the log. As long as the index is not filled, or too far behind for that, the store is
//! asked, which looks at order after order: it takes more pages, and misses nothing but track numbers.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use async_trait::async_trait;
use contract::Product;
use contract::events::ORDER_CREATED;
use engine::{DeadLetter, Fault, Log};
use jiff::Timestamp;
use orders::page::Walk;
use orders::timeline::Placed;
use orders::{ListFilter, Order, Page, Queries};
use uuid::Uuid;

use crate::port::{Found, Index, Position, Sweep};
use crate::terms::{Term, of_filter};

/// Records that are read from the log for one page, at most.
const MOST_UNREAD: u64 = 2_000;
/// Questions to the index for one page, at most, and orders that are asked for in one at least and at most.
const QUESTIONS: usize = 4;
const FEWEST: usize = 64;
const MOST: usize = 2_048;

/// Queries that go by an index.
pub struct SearchedQueries {
    inner: Arc<dyn Queries>,
    index: Arc<dyn Index>,
    log: Arc<dyn Log>,
    /// Whether the store finds the orders of a customer by itself.
    knows_customers: bool,
}

impl SearchedQueries {
    /// Puts the index before `inner`, whose log is `log`.
    pub fn new(
        inner: Arc<dyn Queries>,
        index: Arc<dyn Index>,
        log: Arc<dyn Log>,
        knows_customers: bool,
    ) -> Self {
        Self { inner, index, log, knows_customers }
    }

    /// What to ask the index for this filter. None: the store does as well without.
    fn question(&self, filter: &ListFilter) -> Option<Vec<Term>> {
        let is_named = filter.external_id.is_some() && filter.text.is_none();
        let by_customer = filter.customer_id.is_some() && !self.knows_customers;
        let helps = filter.text.is_some() || filter.product_id.is_some() || by_customer;
        (helps && !is_named).then(|| of_filter(filter))
    }

    /// Goes by the index. None: it is not filled, or too far behind.
    async fn by_index(&self, filter: &ListFilter, terms: &[Term]) -> Result<Option<Page>, Fault> {
        let Some(unread) = self.unread().await? else { return Ok(None) };
        match self.search(filter, terms, &unread).await {
            // It was lost meanwhile.
            Err(_) if self.index.position().await?.sweep != Sweep::Done => Ok(None),
            page => page.map(Some),
        }
    }

    /// The orders that are not indexed yet, the newest last. None: the index is not filled, or too far behind.
    async fn unread(&self) -> Result<Option<BTreeSet<Uuid>>, Fault> {
        let Position { sweep, offsets } = self.index.position().await?;
        if sweep != Sweep::Done {
            return Ok(None);
        }
        let (mut ids, mut room) = (BTreeSet::new(), MOST_UNREAD);
        for (partition, offset) in (0..self.log.partitions()).zip(offsets) {
            let limit = usize::try_from(room).unwrap_or(usize::MAX);
            let records = self.log.read(partition, offset, limit.saturating_add(1)).await?;
            let Some(left) = room.checked_sub(records.len() as u64) else { return Ok(None) };
            room = left;
            let created = records.iter().filter(|(_, record)| record.kind == ORDER_CREATED);
            ids.extend(created.filter_map(|(_, record)| record.key.id()));
        }
        Ok(Some(ids))
    }

    /// The page of those that the index names, and of those it does not know yet.
    async fn search(
        &self,
        filter: &ListFilter,
        terms: &[Term],
        unread: &BTreeSet<Uuid>,
    ) -> Result<Page, Fault> {
        let ((from, mut before), mut walk) = (filter.ids(), Walk::new(filter));
        for question in 0..QUESTIONS {
            let limit = limit(walk.wanted(), question);
            let Found { ids, down_to } = self.index.find(terms, from, before, limit).await?;
            let new = unread.range(down_to..before.max(down_to)).copied();
            let candidates: BTreeSet<Uuid> = ids.into_iter().chain(new).collect();
            let mut orders = self.fitting(filter, &candidates).await?;
            for id in candidates.into_iter().rev() {
                if walk.is_over() {
                    return Ok(walk.finish(false));
                }
                walk.show(id, orders.remove(&id));
            }
            if down_to <= from {
                return Ok(walk.finish(true));
            }
            if walk.is_over() {
                break;
            }
            walk.pass(down_to);
            before = down_to;
        }
        Ok(walk.finish(false))
    }

    /// Those of the orders that fit. Only documents of orders that would fit but for the words are read.
    async fn fitting(
        &self,
        filter: &ListFilter,
        ids: &BTreeSet<Uuid>,
    ) -> Result<HashMap<Uuid, Order>, Fault> {
        let ids: Vec<_> = ids.iter().copied().collect();
        let mut orders = if ids.is_empty() { Vec::new() } else { self.inner.find(&ids).await? };
        orders.retain(|order| filter.fits_but_for_text(order));
        let is_without = |order: &&Order| !filter.fits(order, None);
        let without: Vec<_> = orders.iter().filter(is_without).map(|order| order.id).collect();
        let documents = if without.is_empty() { Vec::new() } else { self.inner.documents(&without).await? };
        let documents: HashMap<_, _> = documents.into_iter().collect();
        let fits = |order: &Order| filter.fits(order, documents.get(&order.id).map(String::as_str));
        Ok(orders.into_iter().filter(fits).map(|order| (order.id, order)).collect())
    }
}

#[async_trait]
impl Queries for SearchedQueries {
    async fn list(&self, filter: &ListFilter) -> Result<Page, Fault> {
        let Some(terms) = self.question(filter) else { return self.inner.list(filter).await };
        match self.by_index(filter, &terms).await? {
            Some(page) => Ok(page),
            None => self.inner.list(filter).await,
        }
    }

    async fn order(&self, id: Uuid) -> Result<Option<Order>, Fault> {
        self.inner.order(id).await
    }

    async fn by_external_id(&self, external_id: &str) -> Result<Option<Order>, Fault> {
        self.inner.by_external_id(external_id).await
    }

    async fn document(&self, id: Uuid) -> Result<Option<String>, Fault> {
        self.inner.document(id).await
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

/// How many the index is asked for: four times as many with each question, since hardly any of those before did fit.
fn limit(wanted: usize, question: usize) -> usize {
    wanted.max(FEWEST << (2 * question)).min(MOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_question_asks_for_more_up_to_the_most() {
        let limits: Vec<_> = (0..QUESTIONS).map(|question| limit(1, question)).collect();
        assert_eq!(limits, [64, 256, 1_024, MOST]);
        assert_eq!((limit(100, 0), limit(9_999, 0)), (100, MOST));
    }
}
