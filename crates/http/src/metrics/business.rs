//! What the shop is about: orders and payments.

use std::time::Duration;

use contract::{PaymentStatus, Status};
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
    pub created: Counter,
    completed: Counter,
    failed: Counter,
    cancelled: Counter,
    processing: Histogram,
    payments: Family<Outcome, Counter>,
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
        let ended = |status| processed.get_or_create_owned(&Ended { status });
        Self {
            created,
            completed: ended("completed"),
            failed: ended("failed"),
            cancelled: ended("cancelled"),
            processing,
            payments,
        }
    }

    /// An order reached this state.
    pub fn settled(&self, status: Status, took: Duration) {
        match status {
            Status::Processed => {
                self.completed.inc();
                self.processing.observe(took.as_secs_f64());
            }
            Status::Failed => _ = self.failed.inc(),
            Status::Cancelled => _ = self.cancelled.inc(),
            Status::Pending | Status::Paid => {}
        }
    }

    /// A payment moved to this state.
    pub fn payment(&self, status: PaymentStatus) {
        let outcome = match status {
            PaymentStatus::None | PaymentStatus::Pending => return,
            PaymentStatus::Paid => "paid",
            PaymentStatus::Failed => "failed",
            PaymentStatus::Unknown => "unknown",
            PaymentStatus::Refunded | PaymentStatus::PartiallyRefunded => "refunded",
        };
        self.payments.get_or_create(&Outcome { outcome }).inc();
    }
}
