//! What the shop is about: orders and payments, told by the events that this process publishes. So each is counted once,
//! by the instance that committed it.

use std::time::Duration;

use contract::events::{
    NOTIFICATION_FAILED, NOTIFICATION_SENT, ORDER_CANCELLED, ORDER_COMPLETED, ORDER_CREATED, ORDER_FAILED,
    PAYMENT_FAILED, PAYMENT_PAID, PAYMENT_REFUNDED, PAYMENT_UNKNOWN,
};
use engine::{Key, Record};
use jiff::Timestamp;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// From 5 ms to 10 minutes: a simulated shop at one end, a payment that took its time at the other.
const PROCESSING_BUCKETS: [f64; 16] =
    [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0];

/// The meters.
pub(super) struct BusinessMetrics {
    created: Counter,
    completed: Counter,
    failed: Counter,
    cancelled: Counter,
    processing: Histogram,
    payments: Family<Outcome, Counter>,
    told: Counter,
    untold: Counter,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Ended {
    status: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

impl BusinessMetrics {
    /// Meters at zero.
    pub fn register(registry: &mut Registry) -> Self {
        let (created, payments) = (Counter::default(), Family::default());
        let processed: Family<Ended, Counter> = Family::default();
        let processing = Histogram::new(PROCESSING_BUCKETS);
        registry.register("orders_created", "Orders that were accepted", created.clone());
        registry.register("orders_processed", "Orders that ended, by how", processed.clone());
        let help = "From an order's acceptance to its processing, in seconds";
        registry.register("order_processing_seconds", help, processing.clone());
        registry.register("payments", "Payments by what became of them", payments.clone());
        let told: Family<Outcome, Counter> = Family::default();
        registry.register("notifications", "Notifications by what became of them", told.clone());
        let ended = |status| processed.get_or_create_owned(&Ended { status });
        Self {
            created,
            completed: ended("completed"),
            failed: ended("failed"),
            cancelled: ended("cancelled"),
            processing,
            payments,
            told: told.get_or_create_owned(&Outcome { outcome: "sent" }),
            untold: told.get_or_create_owned(&Outcome { outcome: "failed" }),
        }
    }

    /// A service of this process published this.
    pub fn published(&self, record: &Record) {
        match record.kind.as_str() {
            ORDER_CREATED => _ = self.created.inc(),
            ORDER_COMPLETED => {
                self.completed.inc();
                self.processing.observe(since_accepted(record).unwrap_or_default().as_secs_f64());
            }
            ORDER_FAILED => _ = self.failed.inc(),
            ORDER_CANCELLED => _ = self.cancelled.inc(),
            NOTIFICATION_SENT => _ = self.told.inc(),
            NOTIFICATION_FAILED => _ = self.untold.inc(),
            PAYMENT_PAID => self.payment("paid"),
            PAYMENT_FAILED => self.payment("failed"),
            PAYMENT_UNKNOWN => self.payment("unknown"),
            PAYMENT_REFUNDED => self.payment("refunded"),
            _ => {}
        }
    }

    fn payment(&self, outcome: &'static str) {
        self.payments.get_or_create(&Outcome { outcome }).inc();
    }
}

/// How long after its acceptance the order's event was published. The id tells when that was (UUIDv7, RFC 9562).
fn since_accepted(record: &Record) -> Option<Duration> {
    let Key::Id(id) = record.key else { return None };
    let (seconds, nanoseconds) = id.get_timestamp()?.to_unix();
    let accepted = Timestamp::new(i64::try_from(seconds).ok()?, i32::try_from(nanoseconds).ok()?).ok()?;
    Duration::try_from(record.time.duration_since(accepted)).ok()
}
