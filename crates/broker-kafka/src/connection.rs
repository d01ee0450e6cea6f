//! Whether Kafka is there, told once when it changes; and what else clients tell.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use engine::Fault;
use rdkafka::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};

use crate::verdict::reason;

/// What is known of the connection. The one client that is always asked to publish is the one that is believed: others may
/// find out late, or while it is back.
#[derive(Debug, Default)]
pub(crate) struct Connection {
    away: AtomicBool,
    /// How often it was lost.
    losses: AtomicU64,
    /// What was last wrong with one server; it says more than that all of them are away.
    reason: Mutex<String>,
}

/// When something was asked: after how many losses.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked(u64);

impl Connection {
    /// Whether Kafka is known to be away.
    pub fn is_away(&self) -> bool {
        self.away.load(Ordering::Acquire)
    }

    /// Something is asked from here on.
    pub fn ask(&self) -> Asked {
        Asked(self.losses.load(Ordering::Acquire))
    }

    /// There was an answer. One that was on its way when Kafka went away does not mean that it is back.
    pub fn answered(&self, asked: Asked) {
        let is_new = self.losses.load(Ordering::Acquire) == asked.0;
        if is_new && self.is_away() && self.away.swap(false, Ordering::AcqRel) {
            self.reason().clear();
            tracing::info!("Kafka answers again");
        }
    }

    /// The fault of a question that had no answer.
    pub fn fault(&self, error: &KafkaError) -> Fault {
        let last = self.reason();
        let detail = if last.is_empty() { String::new() } else { format!("; {last}") };
        Fault::Unavailable(format!("Kafka does not answer: {}{detail}", reason(error)))
    }

    fn failed(&self, error: &KafkaError, reason: &str) {
        let mut last = self.reason();
        if error.rdkafka_error_code() != Some(RDKafkaErrorCode::AllBrokersDown) {
            return reason.clone_into(&mut last);
        }
        self.losses.fetch_add(1, Ordering::AcqRel);
        if !self.away.swap(true, Ordering::AcqRel) {
            let reason = if last.is_empty() { "all connections were lost" } else { &last };
            tracing::warn!(reason, "Kafka is away; it is asked again until it answers");
        }
    }

    fn reason(&self) -> MutexGuard<'_, String> {
        self.reason.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A client's log, for who looks for a fault in it.
pub(crate) fn log(level: RDKafkaLogLevel, facility: &str, message: &str) {
    tracing::debug!(?level, facility, message, "the Kafka client");
}

/// What the client tells that is believed.
#[derive(Clone, Debug)]
pub(crate) struct Watch(pub Arc<Connection>);

impl ClientContext for Watch {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        log(level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        tracing::debug!(%error, reason, "the Kafka client");
        self.0.failed(&error, reason);
    }
}

/// What all others tell.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Quiet;

impl ClientContext for Quiet {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        log(level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        tracing::debug!(%error, reason, "a Kafka client");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(code: RDKafkaErrorCode) -> KafkaError {
        KafkaError::Global(code)
    }

    #[test]
    fn kafka_is_away_when_all_servers_are_and_back_with_the_first_answer() {
        let connection = Arc::new(Connection::default());
        let watch = Watch(Arc::clone(&connection));
        watch.error(error(RDKafkaErrorCode::BrokerTransportFailure), "a: connection refused");
        assert!(!connection.is_away());
        watch.error(error(RDKafkaErrorCode::AllBrokersDown), "1/1 brokers are down");
        assert!(connection.is_away());
        let fault = connection.fault(&error(RDKafkaErrorCode::OperationTimedOut)).to_string();
        assert!(fault.ends_with("a: connection refused"), "{fault}");
        connection.answered(connection.ask());
        assert!(!connection.is_away());
    }

    #[test]
    fn an_answer_to_an_older_question_does_not_bring_kafka_back() {
        let connection = Connection::default();
        let asked = connection.ask();
        connection.failed(&error(RDKafkaErrorCode::AllBrokersDown), "1/1 brokers are down");
        connection.answered(asked);
        assert!(connection.is_away());
    }
}
