//! Kafka as the broker: one topic per source, one consumer group per reader.
//!
//! It owns the Kafka client and everything that is Kafka's: options, names of topics and groups, headers, offsets, what
//! errors mean, and that topics are there.
//!
//! It guarantees what the port asks for ([`broker::port`]). An event is taken only when all replicas in sync have it. An
//! offset is committed only when what lies before it is settled. An instance that is slow stays in its group, and one that
//! dies is replaced within the session timeout. Nothing here blocks a thread of the runtime, also not when it is dropped.
//!
//! It deliberately uses no transactions and no static membership: the engine drops what comes twice, and whoever is
//! gone is to be replaced, not waited for. It changes nothing about a topic that is already there.

mod aside;
mod connection;
mod headers;
mod inlet;
mod kafka;
mod member;
mod membership;
mod message;
mod names;
mod offsets;
mod open_error;
mod options;
mod producer;
mod publisher;
mod question;
mod settings;
#[cfg(test)]
mod tests;
mod topics;
mod verdict;

pub use kafka::Kafka;
pub use open_error::OpenError;
pub use settings::{KafkaSettings, SaslMechanism};
