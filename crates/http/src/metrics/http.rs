//! Requests: how many, how long, how badly. The endpoint is the route, never a raw path, so there are few of them.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::http::{Method, StatusCode};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

const BUCKETS: [f64; 14] =
    [0.000_25, 0.000_5, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// The statuses that are answered often enough for a place of their own.
const STATUSES: [u16; 17] =
    [200, 201, 304, 400, 404, 405, 408, 409, 412, 413, 415, 422, 429, 500, 503, 504, 308];

/// The methods that are told apart.
const METHODS: [&str; 8] = ["GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS", "other"];

/// The families of all endpoints.
pub(crate) struct HttpMetrics {
    requests: Family<Answered, Counter>,
    errors: Family<Answered, Counter>,
    duration: Family<Asked, Histogram, fn() -> Histogram>,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Answered {
    method: &'static str,
    endpoint: Arc<str>,
    status: u64,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Asked {
    method: &'static str,
    endpoint: Arc<str>,
}

/// The place of a method among those that are told apart.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MethodIndex(usize);

/// The meters of one endpoint. Each is found once, at the first request that needs it.
pub(crate) struct EndpointMeters {
    families: Arc<HttpMetrics>,
    endpoint: Arc<str>,
    methods: [OnceLock<MethodMeters>; METHODS.len()],
}

struct MethodMeters {
    duration: Histogram,
    statuses: [OnceLock<StatusMeters>; STATUSES.len()],
}

struct StatusMeters {
    requests: Counter,
    /// None: this status is no error.
    errors: Option<Counter>,
}

impl HttpMetrics {
    /// Meters at zero.
    pub fn register(registry: &mut Registry) -> Self {
        let seconds: fn() -> Histogram = || Histogram::new(BUCKETS);
        let (requests, errors) = (Family::default(), Family::default());
        let duration = Family::new_with_constructor(seconds);
        registry.register("http_requests", "Requests that were answered", requests.clone());
        registry.register("http_request_errors", "Requests that were answered 4xx or 5xx", errors.clone());
        let help = "From a request's head to its answer's, in seconds";
        registry.register("http_request_duration_seconds", help, duration.clone());
        Self { requests, errors, duration }
    }
}

impl From<&Method> for MethodIndex {
    fn from(method: &Method) -> Self {
        let index = METHODS.iter().position(|known| *known == method.as_str());
        Self(index.unwrap_or(METHODS.len() - 1))
    }
}

impl EndpointMeters {
    /// Meters of the endpoint with this route.
    pub(super) fn new(families: Arc<HttpMetrics>, route: &str) -> Self {
        Self { families, endpoint: Arc::from(route), methods: std::array::from_fn(|_| OnceLock::new()) }
    }

    /// A request was answered.
    pub fn observe(&self, MethodIndex(method): MethodIndex, status: StatusCode, took: Duration) {
        let meters = self.methods[method].get_or_init(|| self.method(METHODS[method]));
        meters.duration.observe(took.as_secs_f64());
        match STATUSES.iter().position(|known| *known == status.as_u16()) {
            Some(index) => {
                meters.statuses[index].get_or_init(|| self.status(METHODS[method], status)).count()
            }
            None => self.status(METHODS[method], status).count(),
        }
    }

    fn method(&self, method: &'static str) -> MethodMeters {
        let asked = Asked { method, endpoint: Arc::clone(&self.endpoint) };
        MethodMeters {
            duration: self.families.duration.get_or_create_owned(&asked),
            statuses: std::array::from_fn(|_| OnceLock::new()),
        }
    }

    fn status(&self, method: &'static str, status: StatusCode) -> StatusMeters {
        let answered =
            Answered { method, endpoint: Arc::clone(&self.endpoint), status: u64::from(status.as_u16()) };
        let is_error = status.is_client_error() || status.is_server_error();
        StatusMeters {
            requests: self.families.requests.get_or_create_owned(&answered),
            errors: is_error.then(|| self.families.errors.get_or_create_owned(&answered)),
        }
    }
}

impl StatusMeters {
    fn count(&self) {
        self.requests.inc();
        if let Some(errors) = &self.errors {
            errors.inc();
        }
    }
}
