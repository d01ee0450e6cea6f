//! After placing (`--wait`): until the placed orders have ended, and how long that took them.
//!
//! Two cheap lists ("is any order since the run's first still pending, or paid but not processed?") say when all have
//! ended; then a sample spread over the run is read for its times, which are the server's own (`updated_at` -
//! `created_at`). Where the lists do not come to an end, because somebody else places orders too or they may not be
//! listed, the ids themselves are asked.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use anyhow::anyhow;
use jiff::Timestamp;
use serde::{
    Deserialize, Serialize,
    de::{DeserializeOwned, IgnoredAny},
};
use tokio::time::Instant;
use uuid::Uuid;

use crate::{
    connection::{Connection, rest},
    latency::{Latencies, Percentiles, per_second},
    target::Target,
};

/// The states from which an order still moves, in the order it passes them.
const UNFINISHED: [&str; 2] = ["PENDING", "PAID"];
/// Orders read for their times at most.
const SAMPLE: usize = 2000;
/// The pause between two looks.
const POLL: Duration = Duration::from_millis(100);
/// Time to read the sample in when the wait itself took all there was.
const LAST_LOOK: Duration = Duration::from_secs(10);

/// How the placed orders ended.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Settled {
    /// Orders waited for.
    pub placed: u64,
    /// Whether all of them have ended.
    pub all_ended: bool,
    /// Orders asked for one by one.
    pub checked: u64,
    /// Those of them that had not ended at the last look.
    pub pending: u64,
    /// Those of them that had, by status.
    pub by_status: BTreeMap<String, u64>,
    /// How long the wait took.
    pub waited_ms: u128,
    /// Orders ended per second, from the first accepted to the last ended; 0 unless all ended.
    pub ended_per_s: f64,
    /// From acceptance to the end, of the orders read.
    pub accepted_to_completed: Percentiles,
}

/// An order's status, as far as it matters here.
#[derive(Deserialize)]
struct Status {
    status: String,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// A wait under way; what it has found so far survives an interruption.
pub struct Settling {
    connection: Connection,
    target: Arc<Target>,
    ids: Vec<Uuid>,
    began: Instant,
    deadline: Instant,
    drained: bool,
    checked: u64,
    by_status: BTreeMap<String, u64>,
    latencies: Latencies,
    span: Option<(Timestamp, Timestamp)>,
}

impl Settling {
    /// A wait for these orders, for `limit` at most.
    pub fn new(connection: Connection, target: Arc<Target>, mut ids: Vec<Uuid>, limit: Duration) -> Self {
        // Ids begin with their time, so this is the order of the run.
        ids.sort_unstable();
        let began = Instant::now();
        Self {
            connection,
            target,
            ids,
            began,
            deadline: began + limit,
            drained: false,
            checked: 0,
            by_status: BTreeMap::new(),
            latencies: Latencies::default(),
            span: None,
        }
    }

    /// Waits. Safe to cancel.
    pub async fn work(&mut self) -> anyhow::Result<()> {
        if self.ids.is_empty() {
            return Ok(());
        }
        self.drained = self.drain().await?;
        let (sample, others) = sampled(&self.ids, SAMPLE);
        self.follow(sample, self.deadline.max(Instant::now() + LAST_LOOK)).await?;
        if !self.drained {
            self.follow(others, self.deadline).await?;
        }
        Ok(())
    }

    /// What was found.
    pub fn finish(self) -> Settled {
        let placed = u64::try_from(self.ids.len()).unwrap_or(u64::MAX);
        let pending = self.checked - self.by_status.values().sum::<u64>();
        let all_ended = pending == 0 && (self.drained || self.checked == placed);
        let span = self.span.filter(|_| all_ended);
        Settled {
            placed,
            all_ended,
            checked: self.checked,
            pending,
            waited_ms: self.began.elapsed().as_millis(),
            ended_per_s: span.map_or(0.0, |(first, last)| per_second(placed, between(first, last))),
            by_status: self.by_status,
            accepted_to_completed: self.latencies.percentiles(),
        }
    }

    /// Polls the lists until they are empty; false when they will not tell, or not in time.
    async fn drain(&mut self) -> anyhow::Result<bool> {
        let since = since(&self.ids);
        while Instant::now() < self.deadline {
            let mut unfinished = false;
            for status in UNFINISHED {
                let path = format!("?status={status}&limit=1{since}");
                match self.ask::<Vec<IgnoredAny>>(&path).await? {
                    Asked::Told(orders) => unfinished |= !orders.is_empty(),
                    Asked::NotNow => unfinished = true,
                    Asked::Never => return Ok(false),
                }
            }
            if !unfinished {
                return Ok(true);
            }
            rest(POLL).await;
        }
        Ok(false)
    }

    /// Asks for each order until it has ended or time is up.
    async fn follow(&mut self, mut open: Vec<Uuid>, until: Instant) -> anyhow::Result<()> {
        self.checked += u64::try_from(open.len()).unwrap_or(u64::MAX);
        while !open.is_empty() {
            let mut still = Vec::new();
            for id in open {
                if Instant::now() >= until {
                    return Ok(());
                }
                if !self.has_ended(id).await? {
                    still.push(id);
                }
            }
            open = still;
            if !open.is_empty() {
                rest(POLL).await;
            }
        }
        Ok(())
    }

    async fn has_ended(&mut self, id: Uuid) -> anyhow::Result<bool> {
        let Asked::Told(order) = self.ask::<Status>(&format!("/{id}/status")).await? else {
            return Ok(false);
        };
        if UNFINISHED.contains(&order.status.as_str()) {
            return Ok(false);
        }
        self.latencies.record(between(order.created_at, order.updated_at));
        let (first, last) = self.span.unwrap_or((order.created_at, order.updated_at));
        self.span = Some((first.min(order.created_at), last.max(order.updated_at)));
        *self.by_status.entry(order.status).or_default() += 1;
        Ok(true)
    }

    async fn ask<T: DeserializeOwned>(&mut self, path: &str) -> anyhow::Result<Asked<T>> {
        let answer = match self.connection.fetch(self.target.read_orders(path)?).await {
            Ok(answer) => answer,
            Err(_) => return Ok(Asked::NotNow),
        };
        match answer.status {
            200 => serde_json::from_slice(&answer.body)
                .map(Asked::Told)
                .map_err(|error| anyhow!("{path} was answered with something unexpected: {error}")),
            429 | 500.. => Ok(Asked::NotNow),
            _ => Ok(Asked::Never),
        }
    }
}

/// What came of a question.
enum Asked<T> {
    /// The answer.
    Told(T),
    /// Nothing this time.
    NotNow,
    /// Nothing, however often one asks.
    Never,
}

/// At most `most` of the ids, spread evenly from the first to the last, and the others.
fn sampled(ids: &[Uuid], most: usize) -> (Vec<Uuid>, Vec<Uuid>) {
    let last = ids.len().saturating_sub(1);
    let steps = most.min(ids.len()).saturating_sub(1).max(1);
    let mut chosen: Vec<_> = (0..=steps).map(|step| step * last / steps).collect();
    chosen.dedup();
    let mut next = chosen.into_iter().peekable();
    let (sample, others): (Vec<_>, Vec<_>) =
        ids.iter().copied().enumerate().partition(|(index, _)| next.next_if_eq(index).is_some());
    let bare = |pairs: Vec<(usize, Uuid)>| pairs.into_iter().map(|(_, id)| id).collect();
    (bare(sample), bare(others))
}

/// The list filter that leaves out what is older than the run, when the first id tells its time.
fn since(ids: &[Uuid]) -> String {
    let first = ids.first().and_then(Uuid::get_timestamp).map(|time| time.to_unix().0);
    let second = first.and_then(|second| i64::try_from(second).ok()).map(|second| second - 1);
    let time = second.and_then(|second| Timestamp::from_second(second).ok());
    time.map_or_else(String::new, |time| format!("&created_from={time}"))
}

fn between(first: Timestamp, last: Timestamp) -> Duration {
    last.duration_since(first).try_into().unwrap_or(Duration::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(count: u128) -> Vec<Uuid> {
        (0..count).map(Uuid::from_u128).collect()
    }

    #[test]
    fn a_sample_reaches_from_the_first_to_the_last() {
        let (sample, others) = sampled(&ids(1001), 11);
        assert_eq!(sample, (0..=10).map(|step| Uuid::from_u128(step * 100)).collect::<Vec<_>>());
        assert_eq!(others.len(), 990);
    }

    #[test]
    fn a_small_run_is_its_own_sample() {
        for count in 0..5 {
            assert_eq!(sampled(&ids(count), 10), (ids(count), vec![]), "{count}");
        }
    }

    #[test]
    fn the_run_begins_with_its_first_id() {
        let id = "019a0000-0000-7000-8000-000000000000".parse().unwrap();
        assert_eq!(since(&[id]), "&created_from=2025-10-20T05:03:10Z");
        assert_eq!(since(&ids(1)), "");
    }
}
