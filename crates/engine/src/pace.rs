//! The pace of a step that gathers: behind a round of work it rests as long as the round took.
//!
//! Under load rounds take longer, more gathers meanwhile, and fewer and larger rounds do the same work with less effort. Where
//! rounds are short, so are the rests, and where nothing was done there is none.

use std::time::Duration;

use jiff::Timestamp;

use crate::retry::later;

/// When a step has to rest.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    longest: Duration,
    until: Option<Timestamp>,
}

impl Pace {
    /// Rests are at most this long. Zero: there are none.
    pub const fn new(longest: Duration) -> Self {
        Self { longest, until: None }
    }

    /// Until when the step rests at `now`, if it does. A clock that was set back meanwhile makes nobody rest longer.
    pub fn rest(&self, now: Timestamp) -> Option<Timestamp> {
        self.until.filter(|until| now < *until && *until <= later(now, self.longest))
    }

    /// A round began and ended then.
    pub fn worked(&mut self, begun: Timestamp, ended: Timestamp) {
        let took = Duration::try_from(ended.duration_since(begun)).unwrap_or_default();
        self.until = Some(later(ended, took.min(self.longest)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millisecond(ms).unwrap()
    }

    #[test]
    fn a_rest_is_as_long_as_the_round_before() {
        let mut pace = Pace::new(Duration::from_millis(20));
        assert_eq!(pace.rest(at(0)), None);
        pace.worked(at(100), at(107));
        assert_eq!(pace.rest(at(107)), Some(at(114)));
        assert_eq!(pace.rest(at(113)), Some(at(114)));
        assert_eq!(pace.rest(at(114)), None);
    }

    #[test]
    fn a_rest_has_a_limit() {
        let mut pace = Pace::new(Duration::from_millis(20));
        pace.worked(at(100), at(400));
        assert_eq!(pace.rest(at(400)), Some(at(420)));
    }

    #[test]
    fn without_a_limit_nobody_rests() {
        let mut pace = Pace::new(Duration::ZERO);
        pace.worked(at(100), at(400));
        assert_eq!(pace.rest(at(400)), None);
        let mut set_back = Pace::new(Duration::from_millis(20));
        set_back.worked(at(400), at(100));
        assert_eq!(set_back.rest(at(100)), None, "a clock that goes backwards makes nobody rest");
        set_back.worked(at(400), at(407));
        assert_eq!(set_back.rest(at(100)), None, "nor one that goes back behind the round");
    }
}
