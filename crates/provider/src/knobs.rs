//! The knobs: the provider's behaviour, set while it runs.
//!
//! They are kept in memory, one set per process, and start as the configuration says. A restart forgets what was
//! set: no forgotten outage outlives the demonstration it was for. What the provider *did* is durable, in its ledger.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::behaviour::{self, Operation, Plan};
use crate::settings::Settings;

/// The knobs, shared between those who turn them and those who serve requests.
#[derive(Debug, Default)]
pub struct Knobs {
    settings: Mutex<Settings>,
    /// Numbers the requests, for the draws.
    requests: AtomicU64,
}

impl Knobs {
    /// Knobs that stand as `settings` say.
    pub fn new(settings: Settings) -> Self {
        Self { settings: Mutex::new(settings), requests: AtomicU64::new(0) }
    }

    /// How the knobs stand.
    pub fn settings(&self) -> Settings {
        *self.settings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Turns the knobs. Requests that are planned already are not changed.
    pub fn set(&self, settings: Settings) {
        *self.settings.lock().unwrap_or_else(PoisonError::into_inner) = settings;
    }

    /// How the next request, about `key`, is to be served. Ask once per request.
    pub fn plan(&self, operation: Operation, key: &str) -> Plan {
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        behaviour::plan(&self.settings(), operation, key, number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::behaviour::Course;

    #[test]
    fn a_turned_knob_shows_in_the_next_plan() {
        let knobs = Knobs::default();
        assert_eq!(knobs.plan(Operation::Change, "key").course, Course::Serve);
        let settings = Settings { outage: true, ..Settings::default() };
        knobs.set(settings);
        assert_eq!(knobs.settings(), settings);
        assert_eq!(knobs.plan(Operation::Change, "key").course, Course::Outage);
    }

    #[test]
    fn requests_are_numbered_so_that_a_repetition_may_work() {
        let knobs = Knobs::new(Settings { failure_rate_ppm: 500_000, ..Settings::default() });
        let courses: Vec<_> = (0..100).map(|_| knobs.plan(Operation::Change, "key").course).collect();
        assert!(courses.contains(&Course::Error) && courses.contains(&Course::Serve));
    }
}
