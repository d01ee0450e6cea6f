//! The cleaner: deletes what nobody needs any more, in bounded batches. Log records behind every registered consumer,
//! claims that have expired, dead letters that were settled long ago. Records never by age alone, and nothing that is unfinished;
//! and some of the newest records stay, for those who read along without being registered.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

use crate::clock::Clock;
use crate::dead_letter::DeadLetters;
use crate::fault::Fault;
use crate::observe::{Observation, Observer};
use crate::retry::{earlier, later};
use crate::service::Service;
use crate::step::{Progress, Step};
use crate::store::{Cursors, Store};

/// Cleans up behind one service.
pub struct Cleaner<S: Service> {
    name: String,
    store: Arc<dyn Store<S>>,
    /// Everybody who reads this service's log. A consumer that has never read holds back everything.
    consumers: Vec<Arc<dyn Cursors>>,
    clock: Arc<dyn Clock>,
    observer: Arc<dyn Observer>,
    limit: usize,
    period: Duration,
    /// So many of each partition's newest records stay, for those who read without a cursor.
    keep: u64,
    /// The service's dead letters, and how long the settled ones stay.
    letters: Option<(Arc<dyn DeadLetters>, Duration)>,
    next: Option<Timestamp>,
    /// Per partition: everything up to here is deleted already.
    trimmed: Vec<u64>,
}

impl<S: Service> Cleaner<S> {
    /// A cleaner that deletes at most `limit` rows of a kind per step and looks again after `period`.
    pub fn new(
        store: Arc<dyn Store<S>>,
        consumers: Vec<Arc<dyn Cursors>>,
        clock: Arc<dyn Clock>,
        observer: Arc<dyn Observer>,
        limit: usize,
        period: Duration,
    ) -> Self {
        let trimmed = vec![0; usize::from(store.partitions())];
        let name = format!("{}/clean", S::NAME);
        let (letters, next) = (None, None);
        Self { name, store, consumers, clock, observer, limit, period, keep: 0, letters, next, trimmed }
    }

    /// Forgets the service's dead letters so long after they were settled.
    #[must_use]
    pub fn forgetting(self, letters: Arc<dyn DeadLetters>, retention: Duration) -> Self {
        Self { letters: Some((letters, retention)), ..self }
    }

    /// Leaves so many of each partition's newest records, for those who read along without a cursor.
    #[must_use]
    pub fn keeping(self, records: u64) -> Self {
        Self { keep: records, ..self }
    }

    /// The offset that every consumer has left behind, and that is not among the newest.
    async fn consumed(&self, partition: u16) -> Result<u64, Fault> {
        let mut lowest = self.store.head(partition).await?.saturating_sub(self.keep);
        for consumer in &self.consumers {
            let cursors = consumer.cursors(S::NAME).await?;
            let cursor =
                cursors.iter().find(|(known, _)| *known == partition).map_or(0, |(_, offset)| *offset);
            lowest = lowest.min(cursor);
        }
        Ok(lowest)
    }

    /// Forgets what is over. Answers how much, and whether there may be more.
    async fn forget(&self, now: Timestamp) -> Result<(usize, bool), Fault> {
        let claims = self.store.forget(now, self.limit).await?;
        let letters = match &self.letters {
            Some((letters, retention)) => {
                letters.forget_letters(earlier(now, *retention), self.limit).await?
            }
            None => 0,
        };
        Ok((claims + letters, claims.max(letters) >= self.limit))
    }

    async fn trim(&mut self) -> Result<usize, Fault> {
        let mut deleted = 0;
        for partition in 0..self.store.partitions() {
            let through = self.consumed(partition).await?;
            let trimmed = &mut self.trimmed[usize::from(partition)];
            if through > *trimmed {
                let rows = self.store.trim(partition, through, self.limit).await?;
                deleted += rows;
                if rows < self.limit {
                    *trimmed = through;
                }
            }
        }
        Ok(deleted)
    }
}

#[async_trait]
impl<S: Service> Step for Cleaner<S> {
    fn name(&self) -> &str {
        &self.name
    }

    async fn step(&mut self) -> Result<Progress, Fault> {
        let now = self.clock.now();
        if let Some(next) = self.next.filter(|next| *next > now) {
            return Ok(Progress::Idle(Some(next)));
        }
        let trimmed = self.trim().await?;
        let (forgotten, is_more) = self.forget(now).await?;
        self.observer.observe(Observation::Trimmed(trimmed));
        if trimmed < self.limit && !is_more {
            self.next = Some(later(now, self.period));
        }
        Ok(if trimmed + forgotten > 0 { Progress::Worked } else { Progress::Idle(self.next) })
    }

    async fn wait(&mut self) {
        std::future::pending().await
    }
}
