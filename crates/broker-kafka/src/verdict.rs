//! What the client's errors mean: the record will never be taken, or nothing is known to be wrong with it.

use engine::{Fault, Record};
use rdkafka::error::{KafkaError, RDKafkaErrorCode as Code};

/// Whether Kafka will never take the record as it is. Said of a batch, it may be true of one record of it only.
pub(crate) fn is_refusal(error: &KafkaError) -> bool {
    matches!(
        error.rdkafka_error_code(),
        Some(
            Code::MessageSizeTooLarge
                | Code::MessageBatchTooLarge
                | Code::InvalidMessageSize
                | Code::InvalidRecord
                | Code::InvalidTimestamp
                | Code::UnsupportedForMessageFormat
        )
    )
}

/// Whether the topic is gone.
pub(crate) fn is_missing(error: &KafkaError) -> bool {
    let missing = [Code::UnknownTopicOrPartition, Code::UnknownTopic, Code::UnknownPartition];
    error.rdkafka_error_code().is_some_and(|code| missing.contains(&code))
}

/// Whether it tells of the connection alone, which is told by its own means, or of a group that is finding itself.
pub(crate) fn is_passing(error: &KafkaError) -> bool {
    matches!(
        error.rdkafka_error_code(),
        None | Some(
            Code::AllBrokersDown
                | Code::BrokerTransportFailure
                | Code::Resolve
                | Code::OperationTimedOut
                | Code::RequestTimedOut
                | Code::WaitingForCoordinator
                | Code::CoordinatorLoadInProgress
                | Code::CoordinatorNotAvailable
                | Code::NotCoordinator
                | Code::RebalanceInProgress
                | Code::UnknownMemberId
                | Code::IllegalGeneration
        )
    )
}

/// The engine's word for an error of publishing a record.
pub(crate) fn fault(error: &KafkaError, record: &Record) -> Fault {
    match is_refusal(error) {
        true => Fault::Rejected(format!(
            "Kafka does not take it, {} bytes long: {}",
            record.data.len(),
            reason(error)
        )),
        false => unavailable(error),
    }
}

/// The engine's word for an error that may pass.
pub(crate) fn unavailable(error: &KafkaError) -> Fault {
    Fault::Unavailable(format!("Kafka: {}", reason(error)))
}

/// What the library says. An option's value stays out of it: it may be a secret.
pub(crate) fn reason(error: &KafkaError) -> String {
    match (error, error.rdkafka_error_code()) {
        (_, Some(code)) => code.to_string(),
        (KafkaError::ClientConfig(_, reason, option, _), None) => format!("{option}: {reason}"),
        (_, None) => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use engine::Key;
    use jiff::Timestamp;
    use rdkafka::types::RDKafkaConfRes;

    use super::*;

    fn said(code: Code) -> Fault {
        let record = Record {
            source: "orders".to_owned(),
            key: Key::name("margherita"),
            sequence: Some(1),
            foreign_id: None,
            steps: None,
            kind: "order.paid".to_owned(),
            time: Timestamp::UNIX_EPOCH,
            data: "{}".to_owned(),
        };
        fault(&KafkaError::MessageProduction(code), &record)
    }

    #[test]
    fn what_is_wrong_with_the_record_is_a_refusal() {
        for code in [
            Code::MessageSizeTooLarge,
            Code::MessageBatchTooLarge,
            Code::InvalidRecord,
            Code::InvalidTimestamp,
        ] {
            assert!(matches!(said(code), Fault::Rejected(reason) if reason.contains("2 bytes")), "{code:?}");
        }
    }

    #[test]
    fn everything_else_may_pass() {
        for code in [
            Code::MessageTimedOut,
            Code::QueueFull,
            Code::NotEnoughReplicas,
            Code::UnknownTopicOrPartition,
            Code::TopicAuthorizationFailed,
            Code::PurgeInflight,
            Code::Fatal,
            // Nothing is wrong with this one, but with another one of its batch.
            Code::InvalidDifferentRecord,
        ] {
            assert!(matches!(said(code), Fault::Unavailable(_)), "{code:?}");
        }
    }

    #[test]
    fn the_value_of_an_option_is_not_told() {
        let invalid = RDKafkaConfRes::RD_KAFKA_CONF_INVALID;
        let error =
            KafkaError::ClientConfig(invalid, "too short".into(), "sasl.password".into(), "hunter2".into());
        assert_eq!(reason(&error), "sasl.password: too short");
    }
}
