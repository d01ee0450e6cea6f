//! The logs between the services: what lies in them, and how far behind their readers are.

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::Service;

/// The meters of all logs.
pub(super) struct LogMetrics {
    lag: Family<Reader, Gauge>,
    backlog: Family<Service, Gauge>,
    oldest: Family<Service, Gauge<f64, AtomicU64>>,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Reader {
    source: &'static str,
    consumer: &'static str,
}

impl LogMetrics {
    /// Meters at zero.
    pub fn register(registry: &mut Registry) -> Self {
        let this = Self { lag: Family::default(), backlog: Family::default(), oldest: Family::default() };
        registry.register("consumer_lag", "Events that a consumer has not applied yet", this.lag.clone());
        let help = "Events in a service's log that some consumer has not applied yet";
        registry.register("log_backlog", help, this.backlog.clone());
        let help = "Age of the oldest event that some consumer has not applied yet, in seconds";
        registry.register("log_oldest_seconds", help, this.oldest.clone());
        this
    }

    /// How far behind a consumer is.
    pub fn lag(&self, source: &'static str, consumer: &'static str, events: u64) {
        self.lag.get_or_create(&Reader { source, consumer }).set(i64::try_from(events).unwrap_or(i64::MAX));
    }

    /// What lies in a service's log.
    pub fn backlog(&self, service: &'static str, events: u64, oldest: Duration) {
        let events = i64::try_from(events).unwrap_or(i64::MAX);
        self.backlog.get_or_create(&Service { service }).set(events);
        self.oldest.get_or_create(&Service { service }).set(oldest.as_secs_f64());
    }
}
