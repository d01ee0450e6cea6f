//! Lanes: the partitions of all logs side by side, read together.

use std::collections::VecDeque;
use std::sync::Arc;

use engine::{Fault, Log, Record};

use super::position::Position;

/// An event with its place.
#[derive(Clone, Debug)]
pub(crate) struct Tailed {
    /// Which partition of which log.
    pub lane: usize,
    /// Where in it.
    pub offset: u64,
    /// The event.
    pub record: Arc<Record>,
}

/// What lies behind a position.
#[derive(Debug)]
pub(super) struct Page {
    /// Each lane's in their order, and beyond that roughly by time.
    pub events: Vec<Tailed>,
    /// Whether something that lay there is gone.
    pub has_gap: bool,
    /// Lanes of which nothing up to the end is left.
    pub gone: Vec<usize>,
    /// Whether there may be more.
    pub is_full: bool,
}

/// The partitions of all logs.
pub(super) struct Lanes(Vec<(Arc<dyn Log>, u16)>);

impl Lanes {
    /// The partitions of these logs. Their order is part of every token, so keep it.
    pub fn new(logs: Vec<Arc<dyn Log>>) -> Self {
        let lanes = |log: Arc<dyn Log>| (0..log.partitions()).map(move |number| (Arc::clone(&log), number));
        Self(logs.into_iter().flat_map(lanes).collect())
    }

    /// Behind everything.
    pub async fn heads(&self) -> Result<Position, Fault> {
        let mut offsets = Vec::with_capacity(self.0.len());
        for (log, partition) in &self.0 {
            offsets.push(log.head(*partition).await?);
        }
        Ok(Position::new(offsets))
    }

    /// About `limit` events from behind `from`, at least one of each lane that has any; none behind `end`, if there is one.
    pub async fn read(&self, from: &Position, end: Option<&Position>, limit: usize) -> Result<Page, Fault> {
        let each = (limit / self.0.len().max(1)).max(1);
        let (mut lanes, mut gone, mut has_gap) = (Vec::new(), Vec::new(), false);
        for (lane, (log, partition)) in self.0.iter().enumerate() {
            let (after, end) = (from.of(lane), end.map(|end| end.of(lane)));
            if end.is_some_and(|end| after >= end) {
                continue;
            }
            let mut records = log.read(*partition, after, each).await?;
            // The newest records of a log are kept, so what is gone shows in the first that is left.
            has_gap |= records.first().is_some_and(|(first, _)| *first > after + 1);
            if let Some(end) = end {
                records.retain(|(offset, _)| *offset <= end);
                gone.extend(records.is_empty().then_some(lane));
            }
            let tailed = |(offset, record)| Tailed { lane, offset, record };
            lanes.push(records.into_iter().map(tailed).collect::<VecDeque<_>>());
        }
        let is_full = lanes.iter().any(|lane| lane.len() >= each);
        Ok(Page { events: merge(lanes), has_gap: has_gap || !gone.is_empty(), gone, is_full })
    }
}

/// One after the other, always the one that was published first of those that come next in their lanes.
fn merge(mut lanes: Vec<VecDeque<Tailed>>) -> Vec<Tailed> {
    let mut events = Vec::with_capacity(lanes.iter().map(VecDeque::len).sum());
    let next = |lanes: &[VecDeque<Tailed>]| {
        let fronts = lanes.iter().enumerate().filter_map(|(at, lane)| Some((lane.front()?.record.time, at)));
        fronts.min().map(|(_, at)| at)
    };
    while let Some(at) = next(&lanes) {
        events.extend(lanes[at].pop_front());
    }
    events
}

#[cfg(test)]
mod tests {
    use engine::Key;
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn events_are_merged_by_time_and_never_out_of_turn_in_their_lane() {
        let event = |lane: usize, offset: u64, second: i64| {
            let record = Record {
                source: "orders".to_owned(),
                key: Key::name("a"),
                sequence: Some(offset),
                foreign_id: None,
                steps: None,
                kind: "order.paid".to_owned(),
                time: Timestamp::from_second(second).unwrap(),
                data: "{}".to_owned(),
            };
            Tailed { lane, offset, record: Arc::new(record) }
        };
        // The second event of lane 1 has a time from a clock that goes slow.
        let lanes = vec![
            VecDeque::from([event(0, 1, 10), event(0, 2, 30)]),
            VecDeque::from([event(1, 7, 20), event(1, 8, 5)]),
        ];
        let merged: Vec<_> = merge(lanes).iter().map(|event| (event.lane, event.offset)).collect();
        assert_eq!(merged, [(0, 1), (1, 7), (1, 8), (0, 2)]);
    }
}
