//! The circuit breaker: stops calling a dependency that does not work, and finds out when it works again.
//!
//! Closed, open, half-open (Nygard, "Release It!"). The trials of the half-open breaker are judged by the same share of
//! failures as the calls of the closed one, so that a dependency that mostly works is used; it opens again as soon as that
//! is decided. The breaker counts calls that were made, never calls that it held back, so it cannot keep itself open; and
//! whoever uses it says what a failure is: a decline is none.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use crate::retry::later;

/// When the breaker opens and closes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BreakerSettings {
    /// It opens at this share of failures, in millionths.
    pub failure_ppm: u32,
    /// It does not open on fewer calls than these.
    pub minimum_calls: u32,
    /// The calls of this span count.
    pub window: Duration,
    /// How long it stays open before it tries again.
    pub cool_down: Duration,
    /// How many calls it tries then, before it closes or opens again.
    pub half_open_trials: u32,
}

impl Default for BreakerSettings {
    fn default() -> Self {
        Self {
            failure_ppm: 500_000,
            minimum_calls: 100,
            window: Duration::from_secs(10),
            cool_down: Duration::from_secs(5),
            half_open_trials: 10,
        }
    }
}

impl BreakerSettings {
    fn too_many(&self, worked: u32, failed: u32) -> bool {
        let calls = u64::from(worked) + u64::from(failed);
        failed > 0 && u64::from(failed) * 1_000_000 >= calls * u64::from(self.failure_ppm)
    }
}

/// What the breaker is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BreakerState {
    /// Calls go through.
    Closed,
    /// No calls before this time.
    Open(Timestamp),
    /// A few calls are being tried.
    HalfOpen,
}

/// A circuit breaker. Shared between who asks for room and who reports.
#[derive(Debug)]
pub struct Breaker {
    settings: BreakerSettings,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    phase: Phase,
    /// Calls of the window: second, worked, failed.
    window: VecDeque<(i64, u32, u32)>,
    opened: u64,
}

#[derive(Clone, Copy, Debug)]
enum Phase {
    Closed,
    Open { until: Timestamp },
    HalfOpen { untried: u32, worked: u32, failed: u32 },
}

impl Breaker {
    /// A closed breaker.
    pub fn new(settings: BreakerSettings) -> Self {
        Self { settings, inner: Mutex::new(Inner::closed()) }
    }

    /// How many more calls may be begun.
    pub fn room(&self, now: Timestamp) -> usize {
        match self.cooled(now).phase {
            Phase::Closed => usize::MAX,
            Phase::Open { .. } => 0,
            Phase::HalfOpen { untried, .. } => untried as usize,
        }
    }

    /// Begins `calls` calls, no more than there was room for.
    pub fn begin(&self, now: Timestamp, calls: usize) {
        if let Phase::HalfOpen { untried, .. } = &mut self.cooled(now).phase {
            *untried = untried.saturating_sub(u32::try_from(calls).unwrap_or(u32::MAX));
        }
    }

    /// Reports how a call ended.
    pub fn report(&self, now: Timestamp, worked: bool) {
        let mut inner = self.cooled(now);
        match &mut inner.phase {
            Phase::Closed => inner.count(now, worked, &self.settings),
            // A call from before it opened: it says nothing about now.
            Phase::Open { .. } => {}
            Phase::HalfOpen { worked: successes, failed: failures, .. } => {
                if worked {
                    *successes += 1
                } else {
                    *failures += 1
                }
                let (worked, failed, trials) = (*successes, *failures, self.settings.half_open_trials);
                if self.settings.too_many(trials.saturating_sub(failed), failed) {
                    inner.open(now, &self.settings);
                } else if worked + failed >= trials {
                    inner.close();
                }
            }
        }
    }

    /// Closes it, whatever it saw. An operator's act.
    pub fn reset(&self) {
        self.lock().close();
    }

    /// What it is doing.
    pub fn state(&self, now: Timestamp) -> BreakerState {
        match self.cooled(now).phase {
            Phase::Closed => BreakerState::Closed,
            Phase::Open { until } => BreakerState::Open(until),
            Phase::HalfOpen { .. } => BreakerState::HalfOpen,
        }
    }

    /// Calls of the window that worked and failed, and how often it has opened.
    pub fn counts(&self) -> (u32, u32, u64) {
        let inner = self.lock();
        let (worked, failed) = inner.totals();
        (worked, failed, inner.opened)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state, half-open if the cool-down is over.
    fn cooled(&self, now: Timestamp) -> MutexGuard<'_, Inner> {
        let mut inner = self.lock();
        if matches!(inner.phase, Phase::Open { until } if until <= now) {
            inner.phase = Phase::HalfOpen { untried: self.settings.half_open_trials, worked: 0, failed: 0 };
        }
        inner
    }
}

impl Inner {
    const fn closed() -> Self {
        Self { phase: Phase::Closed, window: VecDeque::new(), opened: 0 }
    }

    fn count(&mut self, now: Timestamp, worked: bool, settings: &BreakerSettings) {
        let second = now.as_second();
        let span = i64::try_from(settings.window.as_secs()).unwrap_or(i64::MAX).max(1);
        while self.window.front().is_some_and(|(first, ..)| *first <= second - span) {
            self.window.pop_front();
        }
        if self.window.back().is_none_or(|(last, ..)| *last != second) {
            self.window.push_back((second, 0, 0));
        }
        if let Some((_, successes, failures)) = self.window.back_mut() {
            *(if worked { successes } else { failures }) += 1;
        }
        let (worked, failed) = self.totals();
        if worked + failed >= settings.minimum_calls && settings.too_many(worked, failed) {
            self.open(now, settings);
        }
    }

    fn totals(&self) -> (u32, u32) {
        self.window.iter().fold((0, 0), |(worked, failed), second| (worked + second.1, failed + second.2))
    }

    fn open(&mut self, now: Timestamp, settings: &BreakerSettings) {
        self.phase = Phase::Open { until: later(now, settings.cool_down) };
        self.window.clear();
        self.opened += 1;
    }

    fn close(&mut self) {
        self.phase = Phase::Closed;
        self.window.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn tripped() -> Breaker {
        let breaker = Breaker::new(BreakerSettings::default());
        (0..100).for_each(|_| breaker.report(at(0), false));
        breaker
    }

    #[test]
    fn it_opens_on_failures_and_waits() {
        let breaker = tripped();
        assert_eq!(breaker.state(at(4)), BreakerState::Open(at(5)));
        assert_eq!(breaker.room(at(4)), 0);
    }

    #[test]
    fn it_stays_closed_below_the_minimum_and_below_the_share() {
        let breaker = Breaker::new(BreakerSettings::default());
        (0..99).for_each(|_| breaker.report(at(0), false));
        assert_eq!(breaker.state(at(0)), BreakerState::Closed);
        (0..80).for_each(|_| breaker.report(at(20), true));
        (0..60).for_each(|_| breaker.report(at(20), false));
        assert_eq!(breaker.state(at(20)), BreakerState::Closed);
    }

    #[test]
    fn after_the_cool_down_it_tries_a_few_and_closes_when_most_work() {
        let breaker = tripped();
        assert_eq!(breaker.room(at(5)), 10);
        breaker.begin(at(5), 10);
        assert_eq!(breaker.room(at(5)), 0);
        (0..4).for_each(|_| breaker.report(at(6), false));
        (0..5).for_each(|_| breaker.report(at(6), true));
        assert_eq!(breaker.state(at(6)), BreakerState::HalfOpen);
        breaker.report(at(6), true);
        assert_eq!(breaker.state(at(6)), BreakerState::Closed);
    }

    #[test]
    fn too_many_failed_trials_open_it_again() {
        let breaker = tripped();
        breaker.begin(at(5), 10);
        breaker.report(at(5), true);
        (0..4).for_each(|_| breaker.report(at(6), false));
        assert_eq!(breaker.state(at(6)), BreakerState::HalfOpen);
        breaker.report(at(6), false);
        assert_eq!(breaker.state(at(6)), BreakerState::Open(at(11)));
        assert_eq!(breaker.counts().2, 2);
    }

    #[test]
    fn a_late_report_does_not_prolong_the_opening() {
        let breaker = tripped();
        breaker.report(at(4), false);
        assert_eq!(breaker.state(at(4)), BreakerState::Open(at(5)));
    }
}
