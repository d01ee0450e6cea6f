//! Why Kafka cannot be used: one line for an operator.

use thiserror::Error;

/// Kafka cannot be used as these settings say. The text says what to do.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum OpenError {
    /// The servers are not what they should be.
    #[error("the Kafka servers {0:?} cannot be read; write host:port,host:port")]
    Servers(String),
    /// With this prefix a name is none that Kafka takes.
    #[error(
        "{0:?} is no name for a topic or group; take a shorter prefix of letters, digits, dots, hyphens and underscores"
    )]
    Name(String),
    /// New topics cannot have these numbers.
    #[error(
        "new topics cannot have {partitions} partitions and {replication} replicas; take at least 1, or -1 replicas"
    )]
    Numbers {
        /// The partitions.
        partitions: i32,
        /// The replicas.
        replication: i32,
    },
    /// A user without a password, or the other way round.
    #[error("to log in to Kafka takes a user and a password; set both or none")]
    Credentials,
    /// A file of certificates that nothing would read.
    #[error("a file of certificates for Kafka is of use with TLS only; switch TLS on, or leave the file out")]
    Certificates,
    /// TLS, or what needs its hashes, is asked of a build that has none.
    #[error("this build cannot speak {0} to Kafka; build with `--features kafka-tls`")]
    Tls(&'static str),
    /// The client library does not take the settings.
    #[error("the Kafka client cannot be made: {0}")]
    Client(String),
}
