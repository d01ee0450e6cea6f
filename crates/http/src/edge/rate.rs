//! How often each caller may ask: the generic cell rate algorithm (ITU-T I.371), which is a token bucket kept as one time.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue};

use crate::api::RateLimit;

/// More callers than these are not told apart: the rest share what one caller has.
const MAX_CALLERS: usize = 10_000;

/// Callers are swept out no more often than this, so that many callers cost no more than few.
const SWEEP_PERIOD: Duration = Duration::from_secs(1);

/// Limits callers by their address.
pub(super) struct RateLimiter {
    limit: RateLimit,
    /// The time between two requests at the long-run rate.
    interval: Duration,
    callers: Mutex<Callers>,
}

/// The callers that are told apart.
#[derive(Default)]
struct Callers {
    /// When each caller's bucket is full again. None: all further callers.
    full_at: HashMap<Option<IpAddr>, Duration>,
    /// When those with a full bucket were forgotten last.
    swept_at: Duration,
}

/// What a caller has left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Quota {
    /// Requests at once after a pause.
    burst: u32,
    /// Seconds to fill an empty bucket.
    window_s: u64,
    /// Requests left at once.
    remaining: u32,
    /// Seconds until there is one more, or, if some are left, until all are back.
    pub(super) reset_s: u64,
}

impl RateLimiter {
    /// A limiter whose callers have made no request yet.
    pub fn new(limit: RateLimit) -> Self {
        let interval = Duration::from_secs(1) / limit.per_second.max(1);
        Self { limit, interval, callers: Mutex::default() }
    }

    /// Takes one request from what `caller` has. `now` is the time since some fixed moment.
    pub fn take(&self, caller: IpAddr, now: Duration) -> Result<Quota, Quota> {
        let capacity = self.interval * self.limit.burst.max(1);
        let mut callers = self.callers.lock().unwrap_or_else(PoisonError::into_inner);
        let caller = callers.name_for(caller, now);
        let full_at = callers.full_at.get(&caller).copied().unwrap_or_default().max(now);
        let used = full_at - now;
        if used + self.interval > capacity {
            return Err(self.quota(0, used + self.interval - capacity));
        }
        callers.full_at.insert(caller, full_at + self.interval);
        let left = capacity - used - self.interval;
        let remaining = left.as_nanos() / self.interval.as_nanos().max(1);
        Ok(self.quota(u32::try_from(remaining).unwrap_or(u32::MAX), used + self.interval))
    }

    fn quota(&self, remaining: u32, reset: Duration) -> Quota {
        let seconds = |span: Duration| span.as_secs() + u64::from(span.subsec_nanos() > 0);
        let window_s = seconds(self.interval * self.limit.burst.max(1));
        Quota { burst: self.limit.burst.max(1), window_s, remaining, reset_s: seconds(reset) }
    }
}

impl Callers {
    /// Under which name a caller is kept, so that there is a bound on the names.
    fn name_for(&mut self, caller: IpAddr, now: Duration) -> Option<IpAddr> {
        if self.full_at.len() < MAX_CALLERS || self.full_at.contains_key(&Some(caller)) {
            return Some(caller);
        }
        if now >= self.swept_at + SWEEP_PERIOD {
            self.full_at.retain(|_, full_at| *full_at > now);
            self.swept_at = now;
        }
        Some(caller).filter(|_| self.full_at.len() < MAX_CALLERS)
    }
}

impl Quota {
    /// Tells the caller (draft-ietf-httpapi-ratelimit-headers).
    pub fn write(&self, headers: &mut HeaderMap) {
        let policy = format!("\"caller\";q={};w={}", self.burst, self.window_s);
        let left = format!("\"caller\";r={};t={}", self.remaining, self.reset_s);
        for (name, text) in [("ratelimit-policy", policy), ("ratelimit", left)] {
            if let Ok(value) = HeaderValue::try_from(text) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALLER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    #[test]
    fn a_burst_is_let_through_and_then_the_long_run_rate() {
        let limiter = RateLimiter::new(RateLimit { per_second: 2, burst: 3 });
        let at = Duration::from_millis;
        let left: Vec<_> = (0..3).map(|_| limiter.take(CALLER, at(0)).unwrap().remaining).collect();
        assert_eq!(left, [2, 1, 0]);
        assert_eq!(limiter.take(CALLER, at(0)).unwrap_err().reset_s, 1);
        assert!(limiter.take(CALLER, at(500)).is_ok());
        assert!(limiter.take(CALLER, at(999)).is_err());
        assert_eq!(limiter.take(CALLER, at(60_000)).unwrap().remaining, 2);
    }

    #[test]
    fn callers_do_not_take_from_each_other() {
        let limiter = RateLimiter::new(RateLimit { per_second: 1, burst: 1 });
        assert!(limiter.take(CALLER, Duration::ZERO).is_ok());
        assert!(limiter.take(CALLER, Duration::ZERO).is_err());
        assert!(limiter.take(IpAddr::from([10, 0, 0, 1]), Duration::ZERO).is_ok());
    }

    #[test]
    fn there_is_a_bound_on_the_callers_told_apart() {
        let limiter = RateLimiter::new(RateLimit { per_second: 1, burst: 1 });
        for n in 0..20_000_u32 {
            let _ = limiter.take(IpAddr::from(n.to_be_bytes()), Duration::ZERO);
        }
        assert!(limiter.callers.lock().unwrap().full_at.len() <= MAX_CALLERS + 1);
        let late = Duration::from_secs(60);
        assert!(limiter.take(CALLER, late).is_ok());
        assert_eq!(limiter.callers.lock().unwrap().full_at.len(), 1);
    }
}
