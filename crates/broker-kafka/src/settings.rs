//! How Kafka is used.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use broker::Capacity;

/// How a client proves to Kafka who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SaslMechanism {
    /// The password itself is sent (RFC 4616). Only with TLS is it safe from listeners.
    Plain,
    /// Challenge and response with SHA-256 (RFC 7677).
    ScramSha256,
    /// Challenge and response with SHA-512.
    ScramSha512,
}

impl SaslMechanism {
    /// The name in the protocol.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plain => "PLAIN",
            Self::ScramSha256 => "SCRAM-SHA-256",
            Self::ScramSha512 => "SCRAM-SHA-512",
        }
    }
}

/// How Kafka is used.
#[derive(Clone, PartialEq, Eq)]
pub struct KafkaSettings {
    /// Where to ask for the cluster first: `host:port,host:port`.
    pub servers: String,
    /// What all names of topics and groups begin with, so that several shops can share a cluster.
    pub prefix: String,
    /// The partitions of topics that are created. They bound how many instances share the work of a reader.
    pub partitions: i32,
    /// The replicas of topics that are created; -1 is the broker's default.
    pub replication: i32,
    /// Who logs in. None: nobody does.
    pub username: Option<String>,
    /// The password that belongs to the user. It is never printed.
    pub password: Option<String>,
    /// How user and password are shown to the broker.
    pub sasl_mechanism: SaslMechanism,
    /// Whether the connections are encrypted. Takes the feature `tls`.
    pub tls: bool,
    /// The certificates that are trusted, as PEM. None: those that the machine trusts.
    pub ca_file: Option<PathBuf>,
    /// How long questions about topics, their creation and [`broker::Broker::check`] may take.
    pub timeout: Duration,
    /// How long an event may be on its way. After that it is not known whether the broker has it.
    pub publish_timeout: Duration,
    /// How much an inlet holds.
    pub capacity: Capacity,
    /// How long a member of a group may be silent before the others take over what it had. The broker has limits for
    /// it, 6 s to 30 min unless it was told otherwise.
    pub session_timeout: Duration,
}

impl fmt::Debug for KafkaSettings {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("KafkaSettings")
            .field("servers", &self.servers)
            .field("prefix", &self.prefix)
            .field("partitions", &self.partitions)
            .field("replication", &self.replication)
            .field("username", &self.username)
            .field("password", &self.password.as_ref().map(|_| "***"))
            .field("sasl_mechanism", &self.sasl_mechanism)
            .field("tls", &self.tls)
            .field("ca_file", &self.ca_file)
            .field("timeout", &self.timeout)
            .field("publish_timeout", &self.publish_timeout)
            .field("capacity", &self.capacity)
            .field("session_timeout", &self.session_timeout)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::settings;

    #[test]
    fn a_password_is_never_printed() {
        let password = Some("hunter2".to_owned());
        let printed = format!("{:?}", KafkaSettings { password, ..settings("127.0.0.1:9092") });
        assert!(printed.contains("***") && !printed.contains("hunter2"), "{printed}");
    }
}
