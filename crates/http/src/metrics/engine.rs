//! What the engine tells: batches, messages, attempts, per service.

use std::sync::Arc;

use engine::observe::{AttemptOutcome, Observation, Observer, Verdict};
use engine::{Record, Service as _};
use notifications::Notifications;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use super::Service;
use super::business::BusinessMetrics;

const SIZE_BUCKETS: [f64; 12] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0, 2048.0];
const COMMIT_BUCKETS: [f64; 12] =
    [0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.5, 1.0, 5.0];
const PROVIDER_BUCKETS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

type Histograms = Family<Service, Histogram, fn() -> Histogram>;

/// The meters of all services.
pub(super) struct EngineMetrics {
    batch_size: Histograms,
    commit_seconds: Histograms,
    events: Family<Service, Counter>,
    faults: Family<Service, Counter>,
    dead_letters: Family<Service, Counter>,
    set_aside: Family<Service, Counter>,
    messages: Family<Ended, Counter>,
    trimmed: Family<Service, Counter>,
    relayed: Family<Service, Counter>,
    parked: Family<Service, Counter>,
    attempts: Family<Outcome, Counter>,
    provider_seconds: Histogram,
    mails: Family<Outcome, Counter>,
    mail_seconds: Histogram,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Ended {
    service: &'static str,
    verdict: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

/// The meters of one service.
struct ServiceObserver {
    batch_size: Histogram,
    commit_seconds: Histogram,
    events: Counter,
    faults: Counter,
    dead_letters: Counter,
    set_aside: Counter,
    trimmed: Counter,
    relayed: Counter,
    parked: Counter,
    /// In the order of [`VERDICTS`].
    messages: [Counter; VERDICTS.len()],
    /// In the order of [`OUTCOMES`].
    attempts: [Counter; OUTCOMES.len()],
    attempt_seconds: Histogram,
    business: Arc<BusinessMetrics>,
}

const VERDICTS: [&str; 9] =
    ["changed", "ignored", "refused", "replayed", "duplicate", "held", "not_yet", "dead", "stale"];
const OUTCOMES: [&str; 4] = ["answered", "unknown", "failed", "unavailable"];

impl EngineMetrics {
    /// Meters at zero.
    pub fn register(registry: &mut Registry) -> Self {
        let sizes: fn() -> Histogram = || Histogram::new(SIZE_BUCKETS);
        let seconds: fn() -> Histogram = || Histogram::new(COMMIT_BUCKETS);
        let this = Self {
            batch_size: Family::new_with_constructor(sizes),
            commit_seconds: Family::new_with_constructor(seconds),
            events: Family::default(),
            faults: Family::default(),
            dead_letters: Family::default(),
            set_aside: Family::default(),
            messages: Family::default(),
            trimmed: Family::default(),
            relayed: Family::default(),
            parked: Family::default(),
            attempts: Family::default(),
            provider_seconds: Histogram::new(PROVIDER_BUCKETS),
            mails: Family::default(),
            mail_seconds: Histogram::new(PROVIDER_BUCKETS),
        };
        registry.register("batch_size", "Messages per transaction", this.batch_size.clone());
        let help = "From a batch's first message to its commit, in seconds";
        registry.register("commit_seconds", help, this.commit_seconds.clone());
        registry.register("events_published", "Events written to the log", this.events.clone());
        registry.register("batch_faults", "Batches that met a fault and are repeated", this.faults.clone());
        registry.register("dead_letters", "Messages that became dead letters", this.dead_letters.clone());
        registry.register(
            "set_aside",
            "Messages set aside behind others of their key",
            this.set_aside.clone(),
        );
        registry.register("messages", "Messages by how they ended", this.messages.clone());
        registry.register("log_trimmed", "Log records deleted behind all consumers", this.trimmed.clone());
        registry.register("broker_published", "Events that the broker took", this.relayed.clone());
        let help = "Events that the broker refused, which are parked and tried again";
        registry.register("broker_refused", help, this.parked.clone());
        registry.register("provider_requests", "Requests to the payment provider", this.attempts.clone());
        let help = "How long the payment provider took, in seconds";
        registry.register("provider_request_seconds", help, this.provider_seconds.clone());
        registry.register("mail_attempts", "Attempts to hand a mail to the mail server", this.mails.clone());
        let help = "How long the mail server took, in seconds";
        registry.register("mail_attempt_seconds", help, this.mail_seconds.clone());
        this
    }

    /// Who watches this service.
    pub fn observer(&self, service: &'static str, business: Arc<BusinessMetrics>) -> Arc<dyn Observer> {
        let label = Service { service };
        // Whom a service calls its effects go to.
        let (attempts, seconds) = match service == Notifications::NAME {
            true => (&self.mails, &self.mail_seconds),
            false => (&self.attempts, &self.provider_seconds),
        };
        let message = |verdict| self.messages.get_or_create_owned(&Ended { service, verdict });
        Arc::new(ServiceObserver {
            batch_size: self.batch_size.get_or_create_owned(&label),
            commit_seconds: self.commit_seconds.get_or_create_owned(&label),
            events: self.events.get_or_create_owned(&label),
            faults: self.faults.get_or_create_owned(&label),
            dead_letters: self.dead_letters.get_or_create_owned(&label),
            set_aside: self.set_aside.get_or_create_owned(&label),
            trimmed: self.trimmed.get_or_create_owned(&label),
            relayed: self.relayed.get_or_create_owned(&label),
            parked: self.parked.get_or_create_owned(&label),
            messages: VERDICTS.map(message),
            attempts: OUTCOMES.map(|outcome| attempts.get_or_create_owned(&Outcome { outcome })),
            attempt_seconds: seconds.clone(),
            business,
        })
    }
}

impl Observer for ServiceObserver {
    fn observe(&self, observation: Observation) {
        match observation {
            Observation::Batch { messages, events, took } => {
                // At most some thousands: exact.
                self.batch_size.observe(f64::from(u32::try_from(messages).unwrap_or(u32::MAX)));
                self.commit_seconds.observe(took.as_secs_f64());
                self.events.inc_by(events as u64);
            }
            Observation::BatchFault => _ = self.faults.inc(),
            Observation::Message(verdict) => self.message(verdict),
            Observation::Attempt { outcome, took } => {
                self.attempts[index_of(outcome)].inc();
                self.attempt_seconds.observe(took.as_secs_f64());
            }
            Observation::Trimmed(records) => _ = self.trimmed.inc_by(records as u64),
            Observation::Relayed { taken, refused } => {
                self.relayed.inc_by(taken as u64);
                self.parked.inc_by(refused as u64);
            }
        }
    }

    fn published(&self, record: &Record) {
        self.business.published(record);
    }
}

impl ServiceObserver {
    fn message(&self, verdict: Verdict) {
        let index = match verdict {
            Verdict::Changed => 0,
            Verdict::Ignored => 1,
            Verdict::Refused => 2,
            Verdict::Replayed => 3,
            Verdict::Duplicate => 4,
            Verdict::Held => 5,
            Verdict::NotYet => 6,
            Verdict::Dead => 7,
            Verdict::Stale => 8,
        };
        self.messages[index].inc();
        match verdict {
            Verdict::Dead => _ = self.dead_letters.inc(),
            Verdict::Held | Verdict::NotYet => _ = self.set_aside.inc(),
            _ => {}
        }
    }
}

const fn index_of(outcome: AttemptOutcome) -> usize {
    match outcome {
        AttemptOutcome::Answered => 0,
        AttemptOutcome::Unknown => 1,
        AttemptOutcome::Failed => 2,
        AttemptOutcome::Unavailable => 3,
    }
}
