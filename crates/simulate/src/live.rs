//! Figures of a run while it runs: a few atomics that every connection adds to and the progress bar reads.
//!
//! Coarser than the report (buckets of a quarter octave), because each request pays for it.

use std::{
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};

use crate::outcome::Outcome;

/// Buckets: four per power of two of microseconds, up to more than an hour.
const BUCKETS: usize = 128;

/// Counts so far.
pub struct Live {
    ok: AtomicU64,
    refused: AtomicU64,
    failed: AtomicU64,
    buckets: [AtomicU64; BUCKETS],
}

impl Default for Live {
    fn default() -> Self {
        Self {
            ok: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            buckets: [const { AtomicU64::new(0) }; BUCKETS],
        }
    }
}

impl Live {
    /// Counts one request.
    pub fn count(&self, outcome: Outcome, took: Duration) {
        match outcome {
            Outcome::Ok => {
                self.ok.fetch_add(1, Relaxed);
                self.buckets[bucket(took)].fetch_add(1, Relaxed);
            }
            Outcome::Refused(_) => {
                self.refused.fetch_add(1, Relaxed);
            }
            Outcome::Failed(_) => {
                self.failed.fetch_add(1, Relaxed);
            }
        }
    }

    /// All requests so far.
    pub fn done(&self) -> u64 {
        self.ok.load(Relaxed) + self.refused() + self.failed()
    }

    /// Refused so far.
    pub fn refused(&self) -> u64 {
        self.refused.load(Relaxed)
    }

    /// Failed so far.
    pub fn failed(&self) -> u64 {
        self.failed.load(Relaxed)
    }

    /// The 99th percentile so far, in microseconds: the upper edge of its bucket.
    pub fn p99_us(&self) -> u64 {
        let counts = self.buckets.each_ref().map(|bucket| bucket.load(Relaxed));
        let allowed_above = counts.iter().sum::<u64>() / 100;
        let mut above = 0;
        let index = counts.iter().rposition(|count| {
            above += count;
            above > allowed_above
        });
        index.map_or(0, upper_edge_us)
    }
}

/// The bucket of a latency: its highest bit, and the two bits below that.
fn bucket(took: Duration) -> usize {
    let us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX).max(4);
    let octave = us.ilog2();
    let quarter = (us >> (octave - 2)) & 3;
    let index = u64::from(octave - 2) * 4 + quarter;
    usize::try_from(index).unwrap_or(BUCKETS).min(BUCKETS - 1)
}

/// The least latency that no longer falls into the bucket, in microseconds.
const fn upper_edge_us(index: usize) -> u64 {
    (5 + (index % 4) as u64) << (index / 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_ends_where_the_next_begins() {
        for index in 0..BUCKETS - 1 {
            let edge = upper_edge_us(index);
            assert_eq!(bucket(Duration::from_micros(edge)), index + 1);
            assert_eq!(bucket(Duration::from_micros(edge - 1)), index);
        }
        assert_eq!(bucket(Duration::ZERO), 0);
        assert_eq!(bucket(Duration::MAX), BUCKETS - 1);
    }

    #[test]
    fn the_99th_percentile_passes_over_the_last_hundredth() {
        let live = Live::default();
        assert_eq!(live.p99_us(), 0);
        (0..99).for_each(|_| live.count(Outcome::Ok, Duration::from_micros(1000)));
        live.count(Outcome::Ok, Duration::from_secs(1));
        assert_eq!(live.p99_us(), 1024);
        live.count(Outcome::Ok, Duration::from_secs(1));
        assert!(live.p99_us() > 1_000_000);
    }
}
