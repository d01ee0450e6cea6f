//! Retry: how long to wait before the next attempt.

use std::time::Duration;

use jiff::Timestamp;

use crate::key::{Key, fnv1a};

/// Exponential back-off with a cap and jitter ("Exponential Backoff And Jitter", AWS Architecture Blog,
/// 2015), with the jitter drawn from what is retried, so that it is the same on every machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// Attempts in all, the first one included.
    pub attempts: u32,
    /// The upper bound of the first wait.
    pub base: Duration,
    /// What the bound is multiplied with for each further attempt.
    pub factor: u32,
    /// The upper bound of every wait.
    pub cap: Duration,
    /// How the wait is drawn below the bound.
    pub jitter: Jitter,
}

/// How a wait is drawn below its bound, so that what failed together is not tried together again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Jitter {
    /// From nothing to the bound.
    Full,
    /// From half of the bound to all of it.
    Equal,
    /// The bound.
    None,
}

impl Default for Backoff {
    fn default() -> Self {
        Self {
            attempts: 8,
            base: Duration::from_millis(200),
            factor: 2,
            cap: Duration::from_secs(30),
            jitter: Jitter::Full,
        }
    }
}

impl Backoff {
    /// Whether `attempt` (from 1) was the last one.
    pub fn is_exhausted(&self, attempt: u32) -> bool {
        attempt >= self.attempts
    }

    /// The wait behind failed attempt `attempt` (from 1); `seed` draws the jitter. Never less than a millisecond.
    pub fn wait(&self, attempt: u32, seed: u64) -> Duration {
        let growth = u128::from(self.factor).saturating_pow(attempt.saturating_sub(1));
        let bound = self.base.as_micros().saturating_mul(growth).min(self.cap.as_micros());
        let bound = u64::try_from(bound).unwrap_or(u64::MAX).max(1_000);
        let draw = fnv1a(&[seed.to_be_bytes(), u64::from(attempt).to_be_bytes()].concat());
        let drawn = match self.jitter {
            Jitter::Full => draw % bound,
            Jitter::Equal => bound / 2 + draw % (bound - bound / 2),
            Jitter::None => bound,
        };
        Duration::from_micros(drawn.max(1_000))
    }

    /// When to try what `key` and `name` name again, behind failed attempt `attempt` (from 1).
    pub fn due(&self, now: Timestamp, attempt: u32, key: &Key, name: &str) -> Timestamp {
        later(now, self.wait(attempt, fnv1a(format!("{key}/{name}").as_bytes())))
    }
}

/// `wait` after `now`, or the end of time.
pub fn later(now: Timestamp, wait: Duration) -> Timestamp {
    now.saturating_add(wait).unwrap_or(Timestamp::MAX)
}

/// So long before `now`, or the earliest time there is.
pub fn earlier(now: Timestamp, ago: Duration) -> Timestamp {
    now.saturating_sub(ago).unwrap_or(Timestamp::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn without_jitter_the_wait_doubles_up_to_the_cap() {
        let backoff = Backoff { jitter: Jitter::None, cap: Duration::from_secs(1), ..Backoff::default() };
        let waits: Vec<_> = (1..6).map(|attempt| backoff.wait(attempt, 0).as_millis()).collect();
        assert_eq!(waits, [200, 400, 800, 1000, 1000]);
    }

    proptest! {
        #[test]
        fn a_wait_is_never_nothing_and_never_past_the_cap(attempt in 1u32..10_000, seed: u64) {
            let backoff = Backoff::default();
            let wait = backoff.wait(attempt, seed);
            prop_assert!(wait >= Duration::from_millis(1) && wait <= backoff.cap);
            prop_assert_eq!(wait, backoff.wait(attempt, seed));
        }

        #[test]
        fn with_equal_jitter_it_waits_at_least_half(attempt in 1u32..10_000, seed: u64) {
            let [equal, none] = [Jitter::Equal, Jitter::None].map(|jitter| Backoff { jitter, ..Backoff::default() });
            let (wait, bound) = (equal.wait(attempt, seed), none.wait(attempt, seed));
            prop_assert!(wait >= bound / 2 && wait <= bound);
        }
    }
}
