//! When each request is meant to leave.
//!
//! [`Schedule`] is the arithmetic, pure and in whole numbers; [`Plan`] hands its slots to the connections, one by
//! one, and ends the run at its bounds.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use tokio::time::Instant;

/// Nanoseconds in a second.
const SECOND_NS: u128 = 1_000_000_000;

/// How late tokio's timer may wake a waiting task: a tick of a millisecond, and the poller's rounding up to one.
const TIMER_GRAIN: Duration = Duration::from_millis(2);

/// A steady rate, reached in a straight line over the ramp.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schedule {
    /// Requests per second once the ramp is over; at least 1.
    pub rate: u32,
    /// How long the climb from zero takes; zero for none.
    pub ramp: Duration,
}

impl Schedule {
    /// When request `number` (from 0) is meant to leave, after the start.
    ///
    /// On the ramp `n = rate t² / (2 ramp)`, so `t` is the root of that; afterwards slots are `1 / rate` apart.
    #[must_use]
    pub fn intended(&self, number: u64) -> Duration {
        let (rate, ramp_ns) = (u128::from(self.rate.max(1)), self.ramp.as_nanos());
        let twice_ns = 2 * u128::from(number) * SECOND_NS;
        let after_ns = match twice_ns.checked_sub(rate * ramp_ns) {
            Some(past_ramp) => ramp_ns + past_ramp / (2 * rate),
            None => (twice_ns * ramp_ns / rate).isqrt(),
        };
        Duration::from_nanos(u64::try_from(after_ns).unwrap_or(u64::MAX))
    }

    /// How many requests are meant to leave before `end`.
    #[must_use]
    pub fn due_before(&self, end: Duration) -> u64 {
        let most = u128::from(self.rate.max(1)) * (end.as_nanos() / SECOND_NS + 1);
        let (mut low, mut high) = (0, u64::try_from(most).unwrap_or(u64::MAX));
        while low < high {
            let middle = low + (high - low) / 2;
            if self.intended(middle) < end { low = middle + 1 } else { high = middle }
        }
        low
    }
}

/// The slots of one run, shared by its connections.
pub struct Plan {
    start: Instant,
    schedule: Option<Schedule>,
    limit: Option<u64>,
    duration: Option<Duration>,
    next: AtomicU64,
}

impl Plan {
    /// A plan that starts now. Without a schedule each slot is due at once (closed loop).
    pub fn new(schedule: Option<Schedule>, limit: Option<u64>, duration: Option<Duration>) -> Self {
        Self { start: Instant::now(), schedule, limit, duration, next: AtomicU64::new(0) }
    }

    /// Takes the next slot; `None` once a bound is reached.
    pub fn take(&self) -> Option<Slot> {
        if self.duration.is_some_and(|duration| self.start.elapsed() >= duration) {
            return None;
        }
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        if self.limit.is_some_and(|limit| number >= limit) {
            return None;
        }
        let Some(schedule) = self.schedule else { return Some(Slot { number, due: None }) };
        let intended = schedule.intended(number);
        let in_time = self.duration.is_none_or(|duration| intended < duration);
        in_time.then(|| Slot { number, due: Some(self.start + intended) })
    }

    /// When the run must have stopped taking slots.
    pub fn deadline(&self) -> Option<Instant> {
        self.duration.map(|duration| self.start + duration)
    }

    /// How long ago the run began.
    pub fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }

    /// How many requests a run that nothing held up would have made; `None` when only the server's speed decides.
    pub fn expected(&self) -> Option<u64> {
        let scheduled = self.schedule.zip(self.duration).map(|(schedule, end)| schedule.due_before(end));
        match (self.limit, scheduled) {
            (Some(limit), Some(scheduled)) => Some(limit.min(scheduled)),
            (Some(limit), None) if self.duration.is_none() => Some(limit),
            (_, scheduled) => scheduled,
        }
    }
}

/// Permission to send one request.
pub struct Slot {
    /// Its place in the run, from 0.
    pub number: u64,
    due: Option<Instant>,
}

impl Slot {
    /// Waits until the slot is due and returns the moment its latency counts from.
    ///
    /// A slot taken late counts from when it was due. One that was waited for is forgiven the timer's own grain, and
    /// no more: the server cannot be blamed for that.
    pub async fn wait(&self) -> Instant {
        let now = Instant::now();
        match self.due {
            None => now,
            Some(due) if due <= now => due,
            Some(due) => {
                tokio::time::sleep_until(due).await;
                Instant::now().min(due + TIMER_GRAIN)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEADY: Schedule = Schedule { rate: 200, ramp: Duration::ZERO };
    const RAMPED: Schedule = Schedule { rate: 100, ramp: Duration::from_secs(10) };

    #[test]
    fn a_steady_rate_spaces_evenly() {
        assert_eq!(STEADY.intended(0), Duration::ZERO);
        assert_eq!(STEADY.intended(1), Duration::from_millis(5));
        assert_eq!(STEADY.intended(200), Duration::from_secs(1));
        assert_eq!(STEADY.intended(u64::from(u32::MAX)), Duration::from_millis(5 * u64::from(u32::MAX)));
    }

    #[test]
    fn a_ramp_climbs_in_a_straight_line() {
        // Half the rate on average: 500 requests in the ramp's 10 s, a quarter of them in its first half.
        assert_eq!(RAMPED.intended(0), Duration::ZERO);
        assert_eq!(RAMPED.intended(125), Duration::from_secs(5));
        assert_eq!(RAMPED.intended(500), Duration::from_secs(10));
        assert_eq!(RAMPED.intended(600), Duration::from_secs(11));
    }

    #[test]
    fn slots_never_go_back_in_time() {
        let times: Vec<_> = (0..1000).map(|number| RAMPED.intended(number)).collect();
        assert!(times.is_sorted());
    }

    #[test]
    fn what_is_due_before_an_end() {
        assert_eq!(STEADY.due_before(Duration::from_secs(1)), 200);
        assert_eq!(STEADY.due_before(Duration::from_millis(1001)), 201);
        assert_eq!(RAMPED.due_before(Duration::from_secs(5)), 125);
        assert_eq!(RAMPED.due_before(Duration::from_secs(11)), 600);
    }

    #[test]
    fn a_plan_ends_at_its_bounds() {
        let plan = Plan::new(None, Some(2), None);
        assert_eq!([(); 3].map(|()| plan.take().map(|slot| slot.number)), [Some(0), Some(1), None]);
        assert_eq!(plan.expected(), Some(2));
        let plan = Plan::new(Some(STEADY), None, Some(Duration::from_hours(1)));
        assert_eq!(plan.expected(), Some(720_000));
        assert!(Plan::new(None, None, Some(Duration::ZERO)).take().is_none());
    }
}
