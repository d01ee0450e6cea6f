//! The API's bounds, from the settings.

use std::time::Duration;

use http_api::{Limits, RateLimit};
use rustix::process::{Resource, getrlimit, setrlimit};
use settings::Settings;

/// The bounds of the shop's API.
pub fn shop(settings: &Settings) -> Limits {
    let http = &settings.http;
    let rate = RateLimit { per_second: http.rate_limit_per_second, burst: http.rate_limit_burst };
    Limits {
        max_body_bytes: http.max_body_bytes.as_usize(),
        body_timeout: http.body_timeout.min(http.request_timeout),
        max_in_flight: http.max_in_flight,
        rate: (rate.per_second > 0).then_some(rate),
        request_timeout: http.request_timeout,
        idempotency_wait: http.idempotency_wait,
        idempotency_retention: settings.orders.idempotency_retention,
        stuck_after: settings.orders.stuck_after,
        ..Limits::default()
    }
}

/// The bounds of the provider's API: it keeps silent longer than any other request takes.
pub fn provider(settings: &Settings) -> Limits {
    let request_timeout = provider::behaviour::SILENCE + Duration::from_secs(10);
    Limits { request_timeout, rate: None, ..shop(settings) }
}

/// Files beside connections: databases, the provider's connections, and what the runtime needs.
const OTHER_FILES: u64 = 512;

/// How many files may be open at most, and how many are wanted for so many connections. None: any number.
pub fn open_files(connections: usize) -> (Option<u64>, u64) {
    (getrlimit(Resource::Nofile).maximum, connections as u64 + OTHER_FILES)
}

/// Raises the limit of open files to what the process may have. Where that is too low for the connections, the log says so.
pub fn raise_open_files(connections: usize) {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        tracing::warn!(%error, "the limit of open files cannot be raised");
    }
    let wanted = connections as u64 + OTHER_FILES;
    let allowed = getrlimit(Resource::Nofile).current;
    if allowed.is_some_and(|allowed| allowed < wanted) {
        tracing::warn!(
            allowed,
            wanted,
            "too few open files for http.max_connections; raise the limit (ulimit -n)"
        );
    }
}
