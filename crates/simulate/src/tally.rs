//! What became of the requests of one kind: counted by one task, merged at the end.

use std::{collections::BTreeMap, time::Duration};

use crate::{
    latency::Latencies,
    outcome::{Failure, Outcome},
};

/// Counts and latencies of one kind of request.
#[derive(Default)]
pub struct Tally {
    /// Requests answered 2xx.
    pub ok: u64,
    /// Requests answered 429 or 503.
    pub refused: u64,
    /// The rest, by reason.
    pub failed: BTreeMap<Failure, u64>,
    /// Latencies of the requests answered 2xx: a quick refusal must not flatter them.
    pub latencies: Latencies,
}

impl Tally {
    /// Counts one request.
    pub fn count(&mut self, outcome: Outcome, took: Duration) {
        match outcome {
            Outcome::Ok => {
                self.ok += 1;
                self.latencies.record(took);
            }
            Outcome::Refused(_) => self.refused += 1,
            Outcome::Failed(failure) => *self.failed.entry(failure).or_default() += 1,
        }
    }

    /// Adds all that another one counted.
    pub fn absorb(&mut self, other: Self) {
        self.ok += other.ok;
        self.refused += other.refused;
        for (failure, count) in other.failed {
            *self.failed.entry(failure).or_default() += count;
        }
        self.latencies.absorb(other.latencies);
    }

    /// All requests counted.
    pub fn requests(&self) -> u64 {
        self.ok + self.refused + self.failed.values().sum::<u64>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tallies_add_up() {
        let mut whole = Tally::default();
        for outcome in [Outcome::Ok, Outcome::Refused(Duration::ZERO), Outcome::Failed(Failure::Status(409))]
        {
            let mut part = Tally::default();
            part.count(outcome, Duration::from_millis(1));
            whole.absorb(part);
        }
        assert_eq!((whole.ok, whole.refused, whole.requests()), (1, 1, 3));
        assert_eq!(whole.latencies.percentiles().count, 1);
    }
}
