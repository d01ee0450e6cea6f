//! Time and ids as ports. This file is the one home of the system clock and of random ids.

use jiff::Timestamp;
use uuid::Uuid;

/// Where time comes from. Stores keep microseconds, so a clock gives no finer ones.
pub trait Clock: Send + Sync {
    /// The time now, UTC, in whole microseconds.
    fn now(&self) -> Timestamp;
}

/// Where ids come from.
pub trait Ids: Send + Sync {
    /// A new id that sorts behind the earlier ones (UUIDv7, RFC 9562).
    fn next(&self) -> Uuid;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one home of the system clock")]
    fn now(&self) -> Timestamp {
        whole_microseconds(Timestamp::now())
    }
}

/// Random ids from the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemIds;

impl Ids for SystemIds {
    #[expect(clippy::disallowed_methods, reason = "the one home of random ids")]
    fn next(&self) -> Uuid {
        Uuid::now_v7()
    }
}

/// `time` without what a store would not keep.
pub fn whole_microseconds(time: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(time.as_microsecond()).unwrap_or(time)
}
