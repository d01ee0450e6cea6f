//! The settings of the provider's misbehaviour: plain data.

use std::time::Duration;

/// How the provider behaves. By default it does nothing wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// How often it answers an error before doing anything, in parts per million, at most 1 000 000.
    pub failure_rate_ppm: u32,
    /// How often no answer comes in time, in parts per million, at most 1 000 000. Half of these requests are done.
    pub timeout_rate_ppm: u32,
    /// How long it takes for every request. At most [`Self::MAX_DELAY`].
    pub delay: Duration,
    /// Whether it is out of order: every request is turned away.
    pub outage: bool,
}

impl Settings {
    /// The greatest rate, in parts per million.
    pub const MAX_RATE_PPM: u32 = 1_000_000;
    /// The longest delay.
    pub const MAX_DELAY: Duration = Duration::from_secs(60 * 60);
}
