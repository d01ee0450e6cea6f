//! The taps: read a log as it grows and tell the metrics what is announced in it.
//!
//! They only watch: they keep no cursor beyond this process and hold back no clean-up.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use async_trait::async_trait;
use contract::events::{
    ORDER_CANCELLED, ORDER_COMPLETED, ORDER_CREATED, ORDER_FAILED, PAYMENT_FAILED, PAYMENT_PAID,
    PAYMENT_REFUNDED, PAYMENT_UNKNOWN,
};
use contract::{PaymentStatus, Status};
use engine::{Fault, Key, Log, Progress, Record, Signal, Step};
use http_api::Metrics;
use jiff::Timestamp;

use crate::drive::Driver;
use crate::service::Threads;

/// Records per partition and step.
const LIMIT: usize = 1_000;

struct Tap {
    name: &'static str,
    log: Arc<dyn Log>,
    signal: Signal,
    tell: fn(&Metrics, &Record),
    metrics: Arc<Metrics>,
    /// Per partition: the last offset that was seen.
    seen: Vec<u64>,
}

/// Tells how orders come and end, from the orders' log.
pub async fn orders(
    log: Arc<dyn Log>,
    signal: Signal,
    metrics: &Arc<Metrics>,
    driver: &Driver,
) -> Result<Threads> {
    start("orders/tap", log, signal, order_moved, metrics, driver).await
}

/// Tells how payments go, from the payments' log.
pub async fn payments(
    log: Arc<dyn Log>,
    signal: Signal,
    metrics: &Arc<Metrics>,
    driver: &Driver,
) -> Result<Threads> {
    start("payments/tap", log, signal, payment_moved, metrics, driver).await
}

/// Taps a log from its end on.
async fn start(
    name: &'static str,
    log: Arc<dyn Log>,
    signal: Signal,
    tell: fn(&Metrics, &Record),
    metrics: &Arc<Metrics>,
    driver: &Driver,
) -> Result<Threads> {
    let mut seen = Vec::new();
    for partition in 0..log.partitions() {
        seen.push(log.head(partition).await?);
    }
    let tap = Tap { name, log, signal, tell, metrics: Arc::clone(metrics), seen };
    Ok(Threads::of(Box::new(tap), driver))
}

#[async_trait]
impl Step for Tap {
    fn name(&self) -> &str {
        self.name
    }

    async fn step(&mut self) -> Result<Progress, Fault> {
        let mut progress = Progress::Idle(None);
        for (partition, seen) in (0..).zip(&mut self.seen) {
            for (offset, record) in self.log.read(partition, *seen, LIMIT).await? {
                *seen = offset;
                progress = Progress::Worked;
                (self.tell)(&self.metrics, &record);
            }
        }
        Ok(progress)
    }

    async fn wait(&mut self) {
        self.signal.raised().await;
    }
}

fn order_moved(metrics: &Metrics, record: &Record) {
    let status = match record.kind.as_str() {
        ORDER_CREATED => return metrics.order_created(),
        ORDER_COMPLETED => Status::Processed,
        ORDER_FAILED => Status::Failed,
        ORDER_CANCELLED => Status::Cancelled,
        _ => return,
    };
    metrics.order_settled(status, since_accepted(record).unwrap_or_default());
}

fn payment_moved(metrics: &Metrics, record: &Record) {
    metrics.payment(match record.kind.as_str() {
        PAYMENT_PAID => PaymentStatus::Paid,
        PAYMENT_FAILED => PaymentStatus::Failed,
        PAYMENT_UNKNOWN => PaymentStatus::Unknown,
        PAYMENT_REFUNDED => PaymentStatus::Refunded,
        _ => return,
    });
}

/// How long after its acceptance the order's event was published. The id tells when that was (UUIDv7, RFC 9562).
fn since_accepted(record: &Record) -> Option<Duration> {
    let Key::Id(id) = record.key else { return None };
    let (seconds, nanoseconds) = id.get_timestamp()?.to_unix();
    let accepted = Timestamp::new(i64::try_from(seconds).ok()?, i32::try_from(nanoseconds).ok()?).ok()?;
    Duration::try_from(record.time.duration_since(accepted)).ok()
}
