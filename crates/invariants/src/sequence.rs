//! Promise 5: events are in order and without gaps.

use std::collections::HashMap;

use engine::{Key, Record};
use orders::timeline::Placed;
use uuid::Uuid;

use crate::violation::Violation;

/// Follows logs from their beginning: each source's events about one key carry 1, 2, 3. Takes memory for every key;
/// made for tests, whose logs are whole and short.
#[derive(Debug, Default)]
pub struct Sequences {
    last: HashMap<(String, Key), u64>,
}

impl Sequences {
    /// Nothing seen yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The next record of a log, in the log's order.
    pub fn see(&mut self, record: &Record) -> Option<Violation> {
        let last = self.last.entry((record.source.clone(), record.key.clone())).or_default();
        let expected = *last + 1;
        *last = record.sequence.unwrap_or(*last);
        (record.sequence != Some(expected)).then(|| {
            let what =
                format!("{} of {} has {:?}, not {expected}", record.kind, record.source, record.sequence);
            Violation::new(5, record.key.clone(), what)
        })
    }
}

/// The entries of an order's timeline, oldest first, are numbered 1, 2, 3. Their times are no part of it: several instances write
/// them, each begins its batch by its own clock, and whoever began first may have to let another one write first.
pub fn timeline_has_no_gaps(order_id: Uuid, timeline: &[Placed]) -> Vec<Violation> {
    let mut broken = Vec::new();
    for (expected, entry) in (1..).zip(timeline) {
        if entry.seq != expected {
            broken.push(Violation::new(
                5,
                order_id,
                format!("entry {} stands in place {expected}", entry.seq),
            ));
        }
    }
    if timeline.is_empty() {
        broken.push(Violation::new(5, order_id, "it has no timeline"));
    }
    broken
}
