//! What the provider does wrong on purpose, decided here and carried out by whoever serves it.
//!
//! By payment method, deterministically: [`means`]. By chance, as the [`Settings`] say: [`plan`]. The chance is
//! SHA-256 of the key and the number of the request, so that a repetition may work, and a test can choose.

use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::charge::Decline;
use crate::settings::Settings;

/// The method whose charges the bank always declines.
pub const CARD_DECLINED: &str = "card-declined";
/// The method whose charges are captured without the first request ever getting an answer in time.
pub const CARD_TIMEOUT: &str = "card-timeout";
/// The method for which the provider always answers an error and captures nothing.
pub const CARD_ERROR: &str = "card-error";

/// How long a withheld answer is withheld; after that the server gives the connection up.
pub const SILENCE: Duration = Duration::from_secs(60);

/// What the `Retry-After` of an outage says, in seconds.
pub const RETRY_AFTER_S: u32 = 1;

/// What a payment method leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Means {
    /// The money is taken: `card`, and every method that is not special.
    Good,
    /// The bank says no.
    Declined,
    /// The money is taken, and the first request is never answered in time.
    Silent,
    /// An error, with nothing taken.
    Broken,
}

/// What a payment method leads to.
pub fn means(method: &str) -> Means {
    match method {
        CARD_DECLINED => Means::Declined,
        CARD_TIMEOUT => Means::Silent,
        CARD_ERROR => Means::Broken,
        _ => Means::Good,
    }
}

impl Means {
    /// Why the bank says no, if it does.
    pub(crate) fn decline(self) -> Option<Decline> {
        (self == Self::Declined).then(|| Decline {
            code: "card_declined".to_owned(),
            message: "the card was declined by its bank".to_owned(),
        })
    }
}

/// What a request asks for, as far as behaviour is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Charge, void or refund: everything applies.
    Change,
    /// A look-up by key: only outage and delay apply.
    Look,
}

/// How a request is to be served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Wait this long before anything else.
    pub delay: Duration,
    /// Then do this.
    pub course: Course,
}

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Course {
    /// It is done and answered.
    Serve,
    /// Nothing is done; the answer is 503 with `Retry-After: `[`RETRY_AFTER_S`].
    Outage,
    /// Nothing is done; the answer is 500.
    Error,
    /// Nothing is done, and no answer comes for [`SILENCE`].
    SilentBefore,
    /// It is done, and no answer comes for [`SILENCE`].
    SilentAfter,
}

/// How request number `number`, about `key`, is to be served. The first of outage, failure and time-out that
/// strikes wins.
pub fn plan(settings: &Settings, operation: Operation, key: &str, number: u64) -> Plan {
    if settings.outage {
        return Plan { delay: Duration::ZERO, course: Course::Outage };
    }
    let course = match operation {
        Operation::Change => chance(settings, key, number),
        Operation::Look => Course::Serve,
    };
    Plan { delay: settings.delay, course }
}

fn chance(settings: &Settings, key: &str, number: u64) -> Course {
    if settings.failure_rate_ppm == 0 && settings.timeout_rate_ppm == 0 {
        return Course::Serve;
    }
    let draws = draws(key, number);
    if strikes(draws[0], settings.failure_rate_ppm) {
        Course::Error
    } else if !strikes(draws[1], settings.timeout_rate_ppm) {
        Course::Serve
    } else if draws[2].is_multiple_of(2) {
        Course::SilentBefore
    } else {
        Course::SilentAfter
    }
}

/// Whether something that happens `parts_per_million` often happens for this draw.
fn strikes(draw: u32, parts_per_million: u32) -> bool {
    u64::from(draw) * 1_000_000 < u64::from(parts_per_million) << 32
}

/// Three independent draws for a request.
fn draws(key: &str, number: u64) -> [u32; 3] {
    let digest = Sha256::new().chain_update(number.to_be_bytes()).chain_update(key).finalize();
    let draw = |at: usize| u32::from_be_bytes([digest[at], digest[at + 1], digest[at + 2], digest[at + 3]]);
    [draw(0), draw(4), draw(8)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn courses(settings: Settings) -> Vec<Course> {
        (0..1_000).map(|number| plan(&settings, Operation::Change, "key", number).course).collect()
    }

    fn count(courses: &[Course], course: Course) -> usize {
        courses.iter().filter(|found| **found == course).count()
    }

    #[test]
    fn by_default_every_request_is_served_at_once() {
        assert!(courses(Settings::default()).iter().all(|course| *course == Course::Serve));
        let plan = plan(&Settings::default(), Operation::Look, "key", 0);
        assert_eq!(plan, Plan { delay: Duration::ZERO, course: Course::Serve });
    }

    #[test]
    fn an_outage_strikes_every_request_without_delay() {
        let settings = Settings { outage: true, delay: Duration::from_secs(9), ..Settings::default() };
        for operation in [Operation::Change, Operation::Look] {
            let plan = plan(&settings, operation, "key", 0);
            assert_eq!(plan, Plan { delay: Duration::ZERO, course: Course::Outage });
        }
    }

    #[test]
    fn rates_strike_as_often_as_they_say_and_never_a_look_up() {
        let settings = Settings { failure_rate_ppm: 1_000_000, ..Settings::default() };
        assert_eq!(count(&courses(settings), Course::Error), 1_000);
        assert_eq!(plan(&settings, Operation::Look, "key", 0).course, Course::Serve);
        let settings = Settings { failure_rate_ppm: 300_000, ..Settings::default() };
        let errors = count(&courses(settings), Course::Error);
        assert!((250..350).contains(&errors), "{errors} of 1000 at 30 %");
    }

    #[test]
    fn half_of_the_time_outs_are_done_before_the_silence() {
        let settings = Settings { timeout_rate_ppm: 1_000_000, ..Settings::default() };
        let courses = courses(settings);
        let after = count(&courses, Course::SilentAfter);
        assert_eq!(after + count(&courses, Course::SilentBefore), 1_000);
        assert!((450..550).contains(&after), "{after} of 1000");
    }

    #[test]
    fn a_repetition_under_the_same_key_may_fare_better() {
        let settings = Settings { failure_rate_ppm: 500_000, ..Settings::default() };
        let courses = courses(settings);
        assert!(courses.contains(&Course::Error) && courses.contains(&Course::Serve));
        assert_eq!(
            plan(&settings, Operation::Change, "key", 7),
            plan(&settings, Operation::Change, "key", 7)
        );
    }
}
