//! The relay: forwards a service's log to a broker, in the order of each key, at least once.
//!
//! A record of a key is handed over only when the broker has the one before it, so first occurrences arrive in order,
//! whoever else relays. A record that the broker refuses is parked, with the later ones of its key behind it; all others
//! pass. What the broker has not acknowledged is never taken for forwarded. A broker that is away costs nothing but the
//! backlog in the log: the relay has at most one round in memory.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use uuid::Uuid;

use crate::clock::Clock;
use crate::fault::Fault;
use crate::key::Key;
use crate::observe::{Observation, Observer};
use crate::outbox::{Forwarded, Hold, Outbox, Parked};
use crate::pace::Pace;
use crate::publisher::Publisher;
use crate::record::Record;
use crate::retry::{Backoff, later};
use crate::signal::Signal;
use crate::step::{Progress, Step};

/// A relay's limits.
#[derive(Clone, Copy, Debug)]
pub struct RelaySettings {
    /// Records of each partition in a round.
    pub batch: usize,
    /// How long a partition stays held without a word from its relay.
    pub lease: Duration,
    /// When a parked record is tried again. Its attempts have no end.
    pub backoff: Backoff,
    /// How long at most records gather behind a round; no longer than that round took. Zero: they never do.
    pub longest_rest: Duration,
}

impl Default for RelaySettings {
    fn default() -> Self {
        let (lease, backoff) = (Duration::from_secs(4), Backoff::default());
        Self { batch: 512, lease, backoff, longest_rest: Duration::ZERO }
    }
}

/// Forwards one service's log. Any number of relays may be on one log; each partition is forwarded by one of them.
pub struct Relay {
    name: String,
    id: Uuid,
    outbox: Arc<dyn Outbox>,
    publisher: Arc<dyn Publisher>,
    clock: Arc<dyn Clock>,
    observer: Arc<dyn Observer>,
    settings: RelaySettings,
    /// Raised when the service published something.
    signal: Signal,
    holds: Vec<Hold>,
    /// When to ask for holds, and for parked records that are due, again.
    renewal: Option<Timestamp>,
    pace: Pace,
    /// Records of each partition in the next round: fewer as long as the broker is too slow for a round to end before its
    /// holds do. Two relays would else take turns for ever, each with what the other has published.
    batch: usize,
}

/// A record on its way, and what came of it.
struct Item {
    offset: u64,
    record: Arc<Record>,
    /// How often it was refused before.
    attempts: u32,
    fate: Fate,
}

#[derive(Clone, PartialEq, Eq)]
enum Fate {
    /// Not handed over, or nobody knows whether the broker has it.
    Open,
    /// The broker has it.
    Taken,
    /// The broker refused it.
    Refused(String),
    /// It waits behind a parked one of its key.
    Behind,
}

/// What a round has of one partition.
struct Share {
    hold: Hold,
    items: Vec<Item>,
    /// Whether the items were parked before, rather than read behind what was forwarded.
    parked: bool,
}

impl Relay {
    /// A relay of the service named `service`; `id` tells it from all others.
    pub fn new(
        service: &str,
        id: Uuid,
        outbox: Arc<dyn Outbox>,
        publisher: Arc<dyn Publisher>,
        clock: Arc<dyn Clock>,
        observer: Arc<dyn Observer>,
        settings: RelaySettings,
    ) -> Self {
        let name = format!("{service}/relay");
        let (signal, holds, renewal, batch) = (Signal::new(), Vec::new(), None, settings.batch);
        let pace = Pace::new(settings.longest_rest);
        Self { name, id, outbox, publisher, clock, observer, settings, signal, holds, renewal, pace, batch }
    }

    /// To be raised when the service published something.
    pub fn signal(&self) -> Signal {
        self.signal.clone()
    }

    /// Forwards what lies behind the holds' cursors.
    async fn forward_log(&mut self, now: Timestamp) -> Result<bool, Fault> {
        if self.holds.is_empty() {
            return Ok(false);
        }
        let mut shares: Vec<_> =
            self.holds.iter().map(|hold| Share { hold: *hold, items: Vec::new(), parked: false }).collect();
        for (partition, offset, record) in self.outbox.backlog(&self.holds, self.batch).await? {
            let share = shares.iter_mut().find(|share| share.hold.partition == partition);
            share.into_iter().for_each(|share| share.items.push(Item::new(offset, Arc::clone(&record), 0)));
        }
        shares.retain(|share| !share.items.is_empty());
        for share in shares.iter_mut().filter(|share| share.hold.parked) {
            let mut keys: Vec<Key> = share.items.iter().map(|item| item.record.key.clone()).collect();
            keys.sort_unstable();
            keys.dedup();
            let parked: HashSet<_> = self.outbox.parked_keys(&keys).await?.into_iter().collect();
            let behind = share.items.iter_mut().filter(|item| parked.contains(&item.record.key));
            behind.for_each(|item| item.fate = Fate::Behind);
        }
        self.round(shares, now).await
    }

    /// Tries the parked records again that are due.
    async fn forward_parked(&mut self, now: Timestamp) -> Result<bool, Fault> {
        let mut shares = Vec::new();
        for hold in self.holds.iter().filter(|hold| hold.parked) {
            let due = self.outbox.due_parked(hold.partition, now, self.batch).await?;
            let item = |parked: Parked| Item::new(parked.offset, parked.record, parked.attempts);
            let items: Vec<_> = due.into_iter().map(item).collect();
            if !items.is_empty() {
                shares.push(Share { hold: *hold, items, parked: true });
            }
        }
        self.round(shares, now).await
    }

    /// Publishes and writes down what came of it. Answers whether there was anything.
    async fn round(&mut self, mut shares: Vec<Share>, now: Timestamp) -> Result<bool, Fault> {
        if shares.is_empty() {
            return Ok(false);
        }
        let end = later(now, self.settings.lease / 3);
        let away = self.publish(&mut shares, end).await;
        self.batch = match self.clock.now() > end {
            true => (self.batch / 4).max(1),
            // Slowly: what the broker takes of a round that does not end in time is handed over again.
            false => (self.batch + self.batch / 8 + 1).min(self.settings.batch),
        };
        let (mut taken, mut refused) = (0, 0);
        for item in shares.iter().flat_map(|share| &share.items) {
            match &item.fate {
                Fate::Taken => taken += 1,
                Fate::Refused(reason) => {
                    refused += 1;
                    let (key, kind) = (&item.record.key, &item.record.kind);
                    tracing::warn!(step = self.name, %key, kind, reason, "the broker refused an event; it is parked");
                }
                Fate::Open | Fate::Behind => {}
            }
        }
        let work: Vec<_> = shares.iter().map(|share| self.work(share, now)).collect();
        let renewal = self.renewal.take();
        let lost = self.outbox.forward(now, work.clone()).await?;
        // Behind a fault it is not known what was written down, and the holds are asked for anew.
        self.renewal = renewal;
        self.holds.retain(|hold| !lost.contains(&hold.partition));
        for done in work {
            if let Some(hold) = self.holds.iter_mut().find(|hold| hold.partition == done.hold.partition) {
                hold.forwarded = done.through;
                hold.parked |= !done.park.is_empty();
            }
        }
        self.observer.observe(Observation::Relayed { taken, refused });
        away.map_or(Ok(true), Err)
    }

    /// Hands over, in waves of different keys, until `end`: a round is over long before its holds are. Answers the fault of a
    /// broker that is away.
    async fn publish(&self, shares: &mut [Share], end: Timestamp) -> Option<Fault> {
        let mut waves: BTreeMap<usize, Vec<(usize, usize)>> = BTreeMap::new();
        let mut seen: HashMap<Key, usize> = HashMap::new();
        for (s, share) in shares.iter().enumerate() {
            let open = share.items.iter().enumerate().filter(|(_, item)| item.fate == Fate::Open);
            for (i, item) in open {
                let turn = seen.entry(item.record.key.clone()).or_default();
                waves.entry(*turn).or_default().push((s, i));
                *turn += 1;
            }
        }
        let mut refused: HashSet<Key> = HashSet::new();
        for mut wave in waves.into_values() {
            wave.retain(|(s, i)| {
                let item = &mut shares[*s].items[*i];
                let behind = refused.contains(&item.record.key);
                if behind {
                    item.fate = Fate::Behind;
                }
                !behind
            });
            let records: Vec<_> =
                wave.iter().map(|(s, i)| Arc::clone(&shares[*s].items[*i].record)).collect();
            let results = self.publisher.publish(&records).await;
            let mut away = None;
            for ((s, i), result) in wave.into_iter().zip(results) {
                let item = &mut shares[s].items[i];
                match result {
                    Ok(()) => item.fate = Fate::Taken,
                    Err(Fault::Rejected(reason)) => {
                        refused.insert(item.record.key.clone());
                        item.fate = Fate::Refused(reason);
                    }
                    Err(fault) => away = Some(fault),
                }
            }
            if away.is_some() || self.clock.now() >= end {
                return away;
            }
        }
        None
    }

    /// What is to be written down of a share: its items up to the first one that is still open.
    fn work(&self, share: &Share, now: Timestamp) -> Forwarded {
        let mut work = Forwarded {
            hold: share.hold,
            through: share.hold.forwarded,
            park: Vec::new(),
            unpark: Vec::new(),
        };
        for item in &share.items {
            let parked = |reason: &str, attempts, due| Parked {
                offset: item.offset,
                record: Arc::clone(&item.record),
                reason: reason.to_owned(),
                attempts,
                due,
            };
            match &item.fate {
                Fate::Open if share.parked => continue,
                Fate::Open => break,
                Fate::Taken if share.parked => work.unpark.push(item.offset),
                Fate::Taken => {}
                Fate::Refused(reason) => {
                    let attempts = item.attempts + 1;
                    let due = self.settings.backoff.due(now, attempts, &item.record.key, &self.name);
                    work.park.push(parked(reason, attempts, Some(due)));
                }
                Fate::Behind => work.park.push(parked("", 0, None)),
            }
            if !share.parked {
                work.through = item.offset;
            }
        }
        work
    }
}

impl Item {
    fn new(offset: u64, record: Arc<Record>, attempts: u32) -> Self {
        Self { offset, record, attempts, fate: Fate::Open }
    }
}

#[async_trait]
impl Step for Relay {
    fn name(&self) -> &str {
        &self.name
    }

    async fn step(&mut self) -> Result<Progress, Fault> {
        let now = self.clock.now();
        if let Some(rest) = self.pace.rest(now) {
            return Ok(Progress::Idle(Some(rest)));
        }
        let mut worked = false;
        if self.renewal.is_none_or(|renewal| renewal <= now) {
            self.holds = self.outbox.hold(self.id, now, later(now, self.settings.lease)).await?;
            worked = self.forward_parked(now).await?;
            // What waited behind a parked record that was taken is due by now.
            self.renewal = Some(if worked { now } else { later(now, self.settings.lease / 3) });
        }
        worked |= self.forward_log(now).await?;
        if worked {
            self.pace.worked(now, self.clock.now());
        }
        Ok(if worked { Progress::Worked } else { Progress::Idle(self.renewal) })
    }

    async fn wait(&mut self) {
        self.signal.raised().await;
    }

    async fn stop(&mut self) {
        if let Err(fault) = self.outbox.release(self.id).await {
            tracing::warn!(step = self.name, %fault, "partitions stay held until their time is over");
        }
    }
}
