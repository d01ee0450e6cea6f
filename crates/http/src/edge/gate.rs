//! The gate: how many requests are let in at once, and how often each caller.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue};

use super::rate::{Quota, RateLimiter};
use super::request_id::RequestIds;
use crate::api::{Limits, PeerOf};
use crate::problem::Problem;
use crate::problems::{TOO_MANY_REQUESTS, saturated};

/// The gate before all endpoints of a router.
pub(crate) struct Gate {
    in_flight: Arc<AtomicUsize>,
    limits: Limits,
    rate: Option<RateLimiter>,
    peer: PeerOf,
    request_ids: RequestIds,
    opened: Instant,
}

/// A place among the requests in flight, given back when dropped.
pub(crate) struct Pass {
    /// What the caller has left, if callers are limited.
    pub quota: Option<Quota>,
    _place: Option<Place>,
}

/// Why a request was not let in, and what its caller has left.
pub(crate) type Refusal = (Box<Problem>, Option<Quota>);

struct Place(Arc<AtomicUsize>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Gate {
    /// A gate. `seed` tells the request ids of this process from those of others.
    pub fn new(limits: Limits, peer: PeerOf, seed: u64) -> Self {
        Self {
            in_flight: Arc::default(),
            limits,
            rate: limits.rate.map(RateLimiter::new),
            peer,
            request_ids: RequestIds::new(seed),
            opened: Instant::now(),
        }
    }

    /// Lets a request in, or says why not.
    pub fn admit(&self, request: &Request, is_always_open: bool) -> Result<Pass, Refusal> {
        if is_always_open {
            return Ok(Pass { quota: None, _place: None });
        }
        let quota = self.take(request)?;
        match self.place() {
            Some(place) => Ok(Pass { quota, _place: Some(place) }),
            None => Err((Box::new(saturated()), quota)),
        }
    }

    /// How long a request may take.
    pub fn request_timeout(&self) -> Duration {
        self.limits.request_timeout
    }

    /// The id of a request with these headers.
    pub fn request_id(&self, headers: &HeaderMap) -> HeaderValue {
        self.request_ids.of(headers)
    }

    fn take(&self, request: &Request) -> Result<Option<Quota>, Refusal> {
        let Some(rate) = &self.rate else { return Ok(None) };
        let Some(peer) = (self.peer)(request.extensions()) else { return Ok(None) };
        match rate.take(peer, self.opened.elapsed()) {
            Ok(quota) => Ok(Some(quota)),
            Err(quota) => {
                let problem =
                    Problem::new(TOO_MANY_REQUESTS, "you ask too often; wait as long as Retry-After says");
                Err((Box::new(problem.retry_after(quota.reset_s)), Some(quota)))
            }
        }
    }

    fn place(&self) -> Option<Place> {
        let place = Place(Arc::clone(&self.in_flight));
        let others = self.in_flight.fetch_add(1, Ordering::AcqRel);
        (others < self.limits.max_in_flight).then_some(place)
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    #[test]
    fn a_place_is_given_back() {
        let limits = Limits { max_in_flight: 1, ..Limits::default() };
        let gate = Gate::new(limits, |_| None, 0);
        let request = Request::new(Body::empty());
        let pass = gate.admit(&request, false);
        assert!(pass.is_ok());
        assert!(gate.admit(&request, false).is_err());
        assert!(gate.admit(&request, true).is_ok());
        drop(pass);
        assert!(gate.admit(&request, false).is_ok());
    }
}
