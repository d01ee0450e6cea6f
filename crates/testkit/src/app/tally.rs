//! How many messages ended how.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use engine::observe::{Observation, Observer, Verdict};

/// How many messages ended how, by service.
#[derive(Debug, Default)]
pub struct Verdicts {
    counts: Mutex<HashMap<(&'static str, Verdict), usize>>,
}

impl Verdicts {
    /// How many messages of the service ended so.
    pub fn of(&self, service: &'static str, verdict: Verdict) -> usize {
        self.counts.lock().unwrap().get(&(service, verdict)).copied().unwrap_or(0)
    }

    fn count(&self, service: &'static str, verdict: Verdict) {
        *self.counts.lock().unwrap().entry((service, verdict)).or_default() += 1;
    }
}

/// Counts for one service.
pub(crate) struct Counting {
    pub service: &'static str,
    pub verdicts: Arc<Verdicts>,
}

impl Observer for Counting {
    fn observe(&self, observation: Observation) {
        if let Observation::Message(verdict) = observation {
            self.verdicts.count(self.service, verdict);
        }
    }
}
