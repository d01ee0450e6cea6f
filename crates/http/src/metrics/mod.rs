//! Metrics (Prometheus naming): one registry, and handles that are found once and kept.
//!
//! The API counts its own requests. What happens elsewhere is told through [`Metrics::observer`] and the other hooks.

mod business;
mod cache;
mod engine;
mod http;
mod live;
mod logs;
mod process;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use ::engine::observe::Observer;
use business::BusinessMetrics;
use cache::CacheMetrics;
use engine::EngineMetrics;
use http::HttpMetrics;
pub(crate) use http::{EndpointMeters, MethodIndex};
use live::LiveMetrics;
pub(crate) use live::Stream;
use logs::LogMetrics;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

/// Everything that is counted and measured in this process.
pub struct Metrics {
    registry: Registry,
    http: Arc<HttpMetrics>,
    business: Arc<BusinessMetrics>,
    engine: EngineMetrics,
    ready: Family<Part, Gauge>,
    breaker: Gauge,
    backlog: Family<Service, Gauge>,
    logs: LogMetrics,
    cache: CacheMetrics,
    live: LiveMetrics,
    data_free: Gauge,
}

/// A part of the system, as a label.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Part {
    part: String,
}

/// A service, as a label.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Service {
    service: &'static str,
}

impl Metrics {
    /// Metrics at zero.
    pub fn new() -> Arc<Self> {
        let mut registry = Registry::default();
        let http = Arc::new(HttpMetrics::register(&mut registry));
        let business = Arc::new(BusinessMetrics::register(&mut registry));
        let engine = EngineMetrics::register(&mut registry);
        let (ready, breaker, backlog) = (Family::default(), Gauge::default(), Family::default());
        registry.register("ordo_ready", "Whether a part works: 1, or 0", ready.clone());
        registry.register(
            "circuit_breaker_state",
            "The breaker before the payment provider: 0 closed, 1 half-open, 2 open",
            breaker.clone(),
        );
        registry.register("intake_backlog", "Commands that wait to be taken in", backlog.clone());
        let logs = LogMetrics::register(&mut registry);
        let cache = CacheMetrics::register(&mut registry);
        let live = LiveMetrics::register(&mut registry);
        let data_free = Gauge::default();
        registry.register(
            "data_free_bytes",
            "Free space on the disk of the data directory",
            data_free.clone(),
        );
        registry.register_collector(Box::new(process::ProcessCollector));
        Arc::new(Self {
            registry,
            http,
            business,
            engine,
            ready,
            breaker,
            backlog,
            logs,
            cache,
            live,
            data_free,
        })
    }

    /// Who watches the engine of a service. Ask once per service; the handles are found here, not per observation.
    pub fn observer(&self, service: &'static str) -> Arc<dyn Observer> {
        self.engine.observer(service, Arc::clone(&self.business))
    }

    /// Who watches the cache of orders.
    pub fn cache_observer(&self) -> Arc<dyn ::cache::Observer> {
        Arc::new(self.cache.clone())
    }

    /// How many events of `source` the service `consumer` has not applied yet.
    pub fn consumer_lag(&self, source: &'static str, consumer: &'static str, events: u64) {
        self.logs.lag(source, consumer, events);
    }

    /// How many events in a service's log some consumer has not applied yet, and how old the oldest of them is.
    pub fn log_backlog(&self, service: &'static str, events: u64, oldest: Duration) {
        self.logs.backlog(service, events, oldest);
    }

    /// How many bytes are free on the disk of the data directory. Zero where there is none.
    pub fn data_free(&self, bytes: u64) {
        self.data_free.set(i64::try_from(bytes).unwrap_or(i64::MAX));
    }

    /// How many such streams are open.
    pub(crate) fn live(&self, stream: Stream) -> Gauge {
        self.live.open(stream)
    }

    /// A stream was told that something may be missing.
    pub(crate) fn live_gap(&self) {
        self.live.gaps.inc();
    }

    /// How the breaker before the payment provider stands: 0 closed, 1 half-open, 2 open.
    pub(crate) fn breaker(&self, state: i64) {
        self.breaker.set(state);
    }

    /// How many commands wait before a service.
    pub(crate) fn backlog(&self, service: &'static str, commands: usize) {
        let commands = i64::try_from(commands).unwrap_or(i64::MAX);
        self.backlog.get_or_create(&Service { service }).set(commands);
    }

    /// Whether a part works.
    pub(crate) fn ready(&self, part: &str, is_ready: bool) {
        self.ready.get_or_create(&Part { part: part.to_owned() }).set(i64::from(is_ready));
    }

    /// The meters of one endpoint.
    pub(crate) fn endpoint(&self, route: &str) -> EndpointMeters {
        EndpointMeters::new(Arc::clone(&self.http), route)
    }

    /// All of it as OpenMetrics text.
    pub(crate) fn text(&self) -> Result<String, fmt::Error> {
        let mut text = String::with_capacity(64 * 1024);
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use ::engine::observe::{AttemptOutcome, Observation, Verdict};
    use ::engine::{Key, Record};
    use jiff::Timestamp;
    use uuid::{Builder, Uuid};

    use super::*;

    /// An event about an order that was accepted 40 ms before.
    fn published(kind: &str) -> Record {
        let id: Uuid = Builder::from_unix_timestamp_millis(1_000, &[7; 10]).into_uuid();
        Record {
            source: "orders".to_owned(),
            key: Key::Id(id),
            sequence: Some(1),
            foreign_id: None,
            steps: None,
            kind: kind.to_owned(),
            time: Timestamp::from_millisecond(1_040).unwrap(),
            data: "{}".to_owned(),
        }
    }

    #[test]
    fn what_is_observed_is_told() {
        let metrics = Metrics::new();
        let payments = metrics.observer("payments");
        payments.observe(Observation::Message(Verdict::Dead));
        payments.observe(Observation::Attempt {
            outcome: AttemptOutcome::Answered,
            took: Duration::from_millis(3),
        });
        payments.observe(Observation::Batch { messages: 3, events: 2, took: Duration::from_millis(1) });
        for kind in ["order.created", "order.paid", "order.failed", "payment.paid", "order.completed"] {
            payments.published(&published(kind));
        }
        metrics.ready("orders-database", true);
        metrics.data_free(4_096);
        metrics.consumer_lag("orders", "payments", 3);
        metrics.log_backlog("orders", 5, Duration::from_millis(1_500));
        let text = metrics.text().unwrap();
        for line in [
            "orders_created_total 1",
            "orders_processed_total{status=\"completed\"} 1",
            "orders_processed_total{status=\"failed\"} 1",
            "order_processing_seconds_count 1",
            "order_processing_seconds_sum 0.04",
            "payments_total{outcome=\"paid\"} 1",
            "dead_letters_total{service=\"payments\"} 1",
            "provider_requests_total{outcome=\"answered\"} 1",
            "batch_size_sum{service=\"payments\"} 3.0",
            "events_published_total{service=\"payments\"} 2",
            "ordo_ready{part=\"orders-database\"} 1",
            "circuit_breaker_state 0",
            "data_free_bytes 4096",
            "consumer_lag{source=\"orders\",consumer=\"payments\"} 3",
            "log_backlog{service=\"orders\"} 5",
            "log_oldest_seconds{service=\"orders\"} 1.5",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
        }
    }
}
