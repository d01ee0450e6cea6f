//! The indexer: the step that fills the index.
//!
//! It first sweeps over all orders there are, and then follows the log of the orders service, from where that was when the sweep
//! began. A log that goes on elsewhere than it was read up to, because a cleaner did not know of this reader or a backup was put
//! back, makes it sweep again. While orders are being placed it rests much longer than it works.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use contract::events::ORDER_CREATED;
use engine::retry::later;
use engine::{Clock, Fault, Log, Progress, Signal, Step};
use jiff::Timestamp;
use orders::{Order, Queries};
use uuid::Uuid;

use crate::port::{Entry, Index, Position, Sweep};
use crate::terms::of_order;

/// An indexer's limits.
#[derive(Clone, Copy, Debug)]
pub struct IndexerSettings {
    /// Orders, or records of each partition, in one step.
    pub batch: usize,
    /// How long a turn lasts without a word from its indexer.
    pub turn: Duration,
    /// How many times longer than it worked it rests while orders are being placed.
    pub rests: u32,
    /// The same once it is so many records behind, which the log has to keep for it.
    pub hurries_behind: u64,
}

impl Default for IndexerSettings {
    fn default() -> Self {
        Self { batch: 512, turn: Duration::from_secs(10), rests: 3, hurries_behind: 100_000 }
    }
}

/// The longest rest.
const LONGEST_REST: Duration = Duration::from_millis(500);

/// Fills an index.
pub struct Indexer {
    id: Uuid,
    index: Arc<dyn Index>,
    queries: Arc<dyn Queries>,
    log: Arc<dyn Log>,
    clock: Arc<dyn Clock>,
    settings: IndexerSettings,
    signal: Signal,
    /// Where the index is, and until when nobody else moves it.
    turn: Option<(Position, Timestamp)>,
    rests_until: Option<Timestamp>,
    /// How much had been published at the end of the last step that did something.
    head: Option<u64>,
}

/// What a step puts into the index.
struct Work {
    orders: Vec<Uuid>,
    position: Position,
}

impl Indexer {
    /// An indexer of the orders that `queries` tell of, and `log` is the log of; `id` tells it from all others.
    pub fn new(
        id: Uuid,
        index: Arc<dyn Index>,
        queries: Arc<dyn Queries>,
        log: Arc<dyn Log>,
        clock: Arc<dyn Clock>,
        settings: IndexerSettings,
    ) -> Self {
        let signal = Signal::new();
        Self { id, index, queries, log, clock, settings, signal, turn: None, rests_until: None, head: None }
    }

    /// To be raised when the orders service published something.
    pub fn signal(&self) -> Signal {
        self.signal.clone()
    }

    /// Where the index is, if it is this indexer's turn.
    async fn position(&mut self, now: Timestamp) -> Result<Option<Position>, Fault> {
        let half = self.settings.turn / 2;
        match self.turn.take() {
            Some((position, until)) if later(now, half) < until => {
                self.turn = Some((position.clone(), until));
                Ok(Some(position))
            }
            _ => {
                let until = later(now, self.settings.turn);
                let position = self.index.turn(self.id, now, until).await?;
                self.turn = position.clone().map(|position| (position, until));
                Ok(position)
            }
        }
    }

    /// What there is to do. None: nothing.
    async fn work(&self, at: Position) -> Result<Option<Work>, Fault> {
        match at.sweep {
            Sweep::Unbegun => self.set_out().await.map(Some),
            Sweep::After(last) => self.sweep(at, last).await.map(Some),
            Sweep::Done => self.follow(at).await,
        }
    }

    /// From here the log is kept until it is read, so what is published from here on is not missed.
    async fn set_out(&self) -> Result<Work, Fault> {
        let position = Position { sweep: Sweep::After(Uuid::nil()), offsets: self.heads().await? };
        Ok(Work { orders: Vec::new(), position })
    }

    async fn sweep(&self, at: Position, last: Uuid) -> Result<Work, Fault> {
        let orders = self.queries.scan(Some(last), self.settings.batch).await?;
        let sweep = match orders.last() {
            Some(last) if orders.len() == self.settings.batch => Sweep::After(last.id),
            _ => Sweep::Done,
        };
        Ok(Work { orders: orders.iter().map(|order| order.id).collect(), position: Position { sweep, ..at } })
    }

    async fn follow(&self, mut at: Position) -> Result<Option<Work>, Fault> {
        let mut orders = Vec::new();
        let mut moved = false;
        at.offsets.resize(usize::from(self.log.partitions()), 0);
        for (partition, offset) in (0..).zip(&mut at.offsets) {
            let records = self.log.read(partition, *offset, self.settings.batch).await?;
            let is_lost = match records.first() {
                Some((first, _)) => *first != *offset + 1,
                None => *offset > self.log.head(partition).await?,
            };
            if is_lost {
                tracing::warn!(
                    partition,
                    offset,
                    "the log does not go on where the search index is; all orders are indexed again"
                );
                return self.set_out().await.map(Some);
            }
            let created = records.iter().filter(|(_, record)| record.kind == ORDER_CREATED);
            orders.extend(created.filter_map(|(_, record)| record.key.id()));
            if let Some((last, _)) = records.last() {
                (*offset, moved) = (*last, true);
            }
        }
        Ok(moved.then_some(Work { orders, position: at }))
    }

    /// The orders as they are indexed, by their ids: an index grows best at its end.
    async fn entries(&self, ids: &[Uuid]) -> Result<Vec<Entry>, Fault> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut orders = self.queries.find(ids).await?;
        let documents: HashMap<_, _> = self.queries.documents(ids).await?.into_iter().collect();
        orders.sort_unstable_by_key(|order| order.id);
        let document = |order: &Order| documents.get(&order.id).map(String::as_str);
        Ok(orders
            .iter()
            .map(|order| Entry { id: order.id, terms: of_order(order, document(order)) })
            .collect())
    }

    async fn heads(&self) -> Result<Vec<u64>, Fault> {
        let mut heads = Vec::new();
        for partition in 0..self.log.partitions() {
            heads.push(self.log.head(partition).await?);
        }
        Ok(heads)
    }

    /// Makes room for those who place orders, if there are any: the log has grown since the last step.
    async fn rest(&mut self, begun: Timestamp, at: &Position) -> Result<(), Fault> {
        let head: u64 = self.heads().await?.iter().sum();
        if self.head.replace(head).is_some_and(|before| head > before) {
            let behind = head.saturating_sub(at.offsets.iter().sum());
            let times = if behind > self.settings.hurries_behind { 1 } else { self.settings.rests };
            let now = self.clock.now();
            let took = Duration::try_from(now.duration_since(begun)).unwrap_or_default();
            self.rests_until = Some(later(now, (took * times).min(LONGEST_REST)));
        }
        Ok(())
    }
}

#[async_trait]
impl Step for Indexer {
    fn name(&self) -> &'static str {
        "orders/search"
    }

    async fn step(&mut self) -> Result<Progress, Fault> {
        let now = self.clock.now();
        // A clock that was set back meanwhile makes nobody rest longer.
        self.rests_until =
            self.rests_until.filter(|until| now < *until && *until <= later(now, LONGEST_REST));
        if let Some(until) = self.rests_until {
            return Ok(Progress::Idle(Some(until)));
        }
        let Some(position) = self.position(now).await? else {
            return Ok(Progress::Idle(Some(later(now, self.settings.turn))));
        };
        let Some(Work { orders, position }) = self.work(position).await? else {
            return Ok(Progress::Idle(None));
        };
        let entries = self.entries(&orders).await?;
        // Behind a fault it is not known what was written down.
        let turn = self.turn.take();
        if self.index.put(self.id, &entries, &position).await? {
            self.turn = turn.map(|(_, until)| (position.clone(), until));
            self.rest(now, &position).await?;
        }
        Ok(Progress::Worked)
    }

    /// A rest is not broken off.
    async fn wait(&mut self) {
        match self.rests_until {
            Some(_) => std::future::pending().await,
            None => self.signal.raised().await,
        }
    }
}
