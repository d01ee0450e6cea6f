//! Time and ids in tests: a clock that only moves by hand, and ids that count.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use engine::{Clock, Ids};
use jiff::Timestamp;
use uuid::{Builder, Uuid};

/// When every test begins: 2026-01-01T12:00:00Z.
pub const BEGINNING: i64 = 1_767_268_800;

/// A clock that only moves by hand.
#[derive(Debug)]
pub struct ManualClock {
    /// Microseconds since the epoch.
    now: AtomicI64,
}

impl Default for ManualClock {
    fn default() -> Self {
        Self { now: AtomicI64::new(BEGINNING * 1_000_000) }
    }
}

impl ManualClock {
    /// Moves it forward.
    pub fn advance(&self, by: Duration) {
        let by = i64::try_from(by.as_micros()).expect("a test does not take that long");
        self.now.fetch_add(by, Ordering::SeqCst);
    }

    /// Moves it forward to `time`; never back.
    pub fn advance_to(&self, time: Timestamp) {
        self.now.fetch_max(time.as_microsecond(), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_microsecond(self.now.load(Ordering::SeqCst)).expect("a time")
    }
}

/// Ids that count, under the time of the first test: the same in every run.
#[derive(Debug, Default)]
pub struct CountedIds {
    count: AtomicU64,
}

impl Ids for CountedIds {
    fn next(&self) -> Uuid {
        let count = self.count.fetch_add(1, Ordering::SeqCst) + 1;
        let mut random = [0; 10];
        random[2..].copy_from_slice(&count.to_be_bytes());
        let millis = u64::try_from(BEGINNING * 1_000).expect("after the epoch");
        Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_never_runs_back() {
        let clock = ManualClock::default();
        let before = clock.now();
        clock.advance(Duration::from_secs(5));
        clock.advance_to(before);
        assert_eq!(clock.now().duration_since(before).as_secs(), 5);
    }

    #[test]
    fn ids_sort_as_they_were_given() {
        let ids = CountedIds::default();
        let given: Vec<_> = (0..1_000).map(|_| ids.next()).collect();
        assert!(given.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(given[0].get_version_num(), 7);
    }
}
