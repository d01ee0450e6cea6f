//! What the client library is told, option by option, and why.

use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::config::RDKafkaLogLevel;

use crate::open_error::OpenError;
use crate::settings::{KafkaSettings, SaslMechanism};

/// How long a request may take before its connection counts as broken, and so may making one.
const REQUEST: Duration = Duration::from_secs(10);
/// How long to wait, at most, before connecting again.
const RECONNECT: Duration = Duration::from_secs(1);
/// Consumers ask for topics and partitions anew after this: of one that was made a moment ago not every broker knows.
const REFRESH: Duration = Duration::from_secs(10);
/// How often settled offsets are committed: what a dead member's successor gets twice.
const COMMIT: Duration = Duration::from_millis(500);
/// How often a member shows that it lives, at most a third of its session.
const HEARTBEAT: Duration = Duration::from_secs(1);
/// What a producer and a consumer may hold in memory, in KiB, and what one answer may bring.
const PRODUCER_KIB: usize = 64 * 1024;
const CONSUMER_KIB: usize = 8 * 1024;
const FETCH_BYTES: usize = 4 * 1024 * 1024;
/// Whether a message is too large is for the broker to say; this is what is not even sent.
const MESSAGE_BYTES: usize = 10_000_000;

/// Looks at what only settings can be wrong about.
///
/// # Errors
/// [`OpenError`], for each in its own words.
pub(crate) fn check(settings: &KafkaSettings) -> Result<(), OpenError> {
    let KafkaSettings { servers, partitions, replication, .. } = settings;
    if !servers.split(',').all(is_server) {
        return Err(OpenError::Servers(servers.clone()));
    }
    if *partitions < 1 || (*replication < 1 && *replication != -1) || *replication > i32::from(i16::MAX) {
        return Err(OpenError::Numbers { partitions: *partitions, replication: *replication });
    }
    if settings.username.is_some() != settings.password.is_some() {
        return Err(OpenError::Credentials);
    }
    if settings.ca_file.is_some() && !settings.tls {
        return Err(OpenError::Certificates);
    }
    match needs_tls(settings) {
        Some(what) if !cfg!(feature = "tls") => Err(OpenError::Tls(what)),
        _ => Ok(()),
    }
}

/// What of the settings only a build with TLS can do. The hashes of SCRAM come from the same library.
fn needs_tls(settings: &KafkaSettings) -> Option<&'static str> {
    match (settings.tls, &settings.username, settings.sasl_mechanism) {
        (true, _, _) => Some("TLS"),
        (false, Some(_), SaslMechanism::ScramSha256 | SaslMechanism::ScramSha512) => Some("SCRAM"),
        _ => None,
    }
}

fn is_server(server: &str) -> bool {
    let port = |port: &str| port.parse::<u16>().is_ok_and(|port| port > 0);
    let host =
        |host: &str| !host.is_empty() && !host.contains(|c: char| "/@".contains(c) || c.is_whitespace());
    server.rsplit_once(':').is_some_and(|(name, number)| host(name) && port(number))
}

/// What all clients are told.
pub(crate) fn client(settings: &KafkaSettings) -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set_log_level(RDKafkaLogLevel::Info);
    config.set("client.id", "ordo").set("bootstrap.servers", &settings.servers);
    config.set("security.protocol", protocol(settings));
    if let (Some(username), Some(password)) = (&settings.username, &settings.password) {
        config.set("sasl.mechanism", settings.sasl_mechanism.name());
        config.set("sasl.username", username).set("sasl.password", password);
    }
    if let Some(file) = &settings.ca_file {
        config.set("ssl.ca.location", file.to_string_lossy());
    }
    config.set("socket.keepalive.enable", "true");
    config.set("socket.timeout.ms", millis(REQUEST));
    config.set("socket.connection.setup.timeout.ms", millis(REQUEST));
    config.set("reconnect.backoff.max.ms", millis(RECONNECT));
    // Topics are made on purpose, with the partitions that the settings say.
    config.set("allow.auto.create.topics", "false");
    config
}

const fn protocol(settings: &KafkaSettings) -> &'static str {
    match (settings.tls, settings.username.is_some()) {
        (false, false) => "plaintext",
        (true, false) => "ssl",
        (false, true) => "sasl_plaintext",
        (true, true) => "sasl_ssl",
    }
}

/// What a producer is told beyond that.
pub(crate) fn producer(settings: &KafkaSettings) -> ClientConfig {
    let mut config = client(settings);
    config.set("enable.idempotence", "true").set("acks", "all");
    config.set("message.timeout.ms", millis(settings.publish_timeout));
    config.set("request.timeout.ms", millis(REQUEST.min(settings.publish_timeout)));
    // A wave is handed over within milliseconds and awaited as a whole, so to wait longer for company only adds to every hop
    // of the saga; without any wait its first records go in requests of their own, and the wave takes longer.
    config.set("linger.ms", "1");
    // A batch is refused as a whole, so it is kept smaller than any limit that a topic is likely to have.
    config.set("batch.size", (256 * 1024).to_string());
    config.set("message.max.bytes", MESSAGE_BYTES.to_string());
    config.set("queue.buffering.max.kbytes", PRODUCER_KIB.to_string());
    config.set("compression.type", "lz4");
    // The partition of a key is the one that other clients of Kafka compute.
    config.set("partitioner", "murmur2_random");
    config
}

/// What a member of `group` is told beyond what all clients are.
pub(crate) fn member(settings: &KafkaSettings, group: &str) -> ClientConfig {
    let mut config = client(settings);
    config.set("group.id", group).set("auto.offset.reset", "earliest");
    // Who comes or goes stops nobody but those whose partitions move.
    config.set("partition.assignment.strategy", "cooperative-sticky");
    config.set("session.timeout.ms", millis(settings.session_timeout));
    // A member hears in the answer to a heartbeat that partitions are to be shared anew, and all wait for the last to hear it.
    config.set("heartbeat.interval.ms", millis(HEARTBEAT.min(settings.session_timeout / 3)));
    // Only what is settled is stored, and only what is stored is committed.
    config.set("enable.auto.offset.store", "false").set("enable.auto.commit", "true");
    config.set("auto.commit.interval.ms", millis(COMMIT));
    config.set("topic.metadata.refresh.interval.ms", millis(REFRESH));
    config.set("queued.max.messages.kbytes", CONSUMER_KIB.to_string());
    config.set("fetch.max.bytes", FETCH_BYTES.to_string());
    config.set("message.max.bytes", FETCH_BYTES.to_string());
    // The little that is held ahead runs out sooner than in the second that is the default here.
    config.set("fetch.queue.backoff.ms", "10");
    config
}

fn millis(duration: Duration) -> String {
    duration.as_millis().max(1).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> KafkaSettings {
        crate::tests::settings("127.0.0.1:9092")
    }

    fn servers(servers: &str) -> Result<(), OpenError> {
        check(&KafkaSettings { servers: servers.to_owned(), ..settings() })
    }

    #[test]
    fn servers_are_hosts_with_ports() {
        for good in ["localhost:9092", "a:1,b:65535", "[::1]:9092", "10.0.0.1:9092"] {
            assert_eq!(servers(good), Ok(()), "{good}");
        }
        for bad in
            ["", "localhost", "a:9092,", "a:0", "a:65536", ":9092", "kafka://a:9092", "u:p@a:9092", "a :1"]
        {
            assert_eq!(servers(bad), Err(OpenError::Servers(bad.to_owned())), "{bad}");
        }
    }

    #[test]
    fn numbers_of_new_topics_are_possible_ones() {
        for (partitions, replication, good) in
            [(1, -1, true), (12, 3, true), (0, -1, false), (1, 0, false), (1, -2, false), (1, 40_000, false)]
        {
            let checked = check(&KafkaSettings { partitions, replication, ..settings() });
            assert_eq!(checked.is_ok(), good, "{partitions} {replication}");
        }
    }

    #[test]
    fn a_user_has_a_password() {
        let username = Some("ordo".to_owned());
        assert_eq!(check(&KafkaSettings { username, ..settings() }), Err(OpenError::Credentials));
        let password = Some("secret".to_owned());
        assert_eq!(check(&KafkaSettings { password, ..settings() }), Err(OpenError::Credentials));
    }

    #[test]
    fn certificates_are_for_tls() {
        let ca_file = Some("ca.pem".into());
        assert_eq!(check(&KafkaSettings { ca_file, ..settings() }), Err(OpenError::Certificates));
    }

    #[test]
    fn what_needs_tls_is_refused_without_it() {
        let (username, password) = (Some("ordo".to_owned()), Some("secret".to_owned()));
        let known = KafkaSettings { username, password, ..settings() };
        let scram = KafkaSettings { sasl_mechanism: SaslMechanism::ScramSha512, ..known.clone() };
        let refused = |what| if cfg!(feature = "tls") { Ok(()) } else { Err(OpenError::Tls(what)) };
        assert_eq!(check(&KafkaSettings { tls: true, ..settings() }), refused("TLS"));
        assert_eq!(check(&scram), refused("SCRAM"));
        assert_eq!(check(&known), Ok(()));
        assert!(OpenError::Tls("TLS").to_string().ends_with("build with `--features kafka-tls`"));
    }

    #[test]
    fn user_and_password_are_shown_to_the_broker() {
        let (username, password) = (Some("ordo".to_owned()), Some("secret".to_owned()));
        let config = client(&KafkaSettings { username, password, ..settings() });
        let said = ["security.protocol", "sasl.mechanism", "sasl.username"].map(|key| config.get(key));
        assert_eq!(said, [Some("sasl_plaintext"), Some("PLAIN"), Some("ordo")]);
        assert!(!format!("{config:?}").contains("secret"));
    }

    #[test]
    fn there_are_at_least_three_heartbeats_in_a_session() {
        for (session_timeout, heartbeat) in [(10_000, "1000"), (2_400, "800")] {
            let session_timeout = Duration::from_millis(session_timeout);
            let config = member(&KafkaSettings { session_timeout, ..settings() }, "payments.orders");
            assert_eq!(config.get("heartbeat.interval.ms"), Some(heartbeat));
        }
    }

    #[test]
    fn the_client_takes_all_options() {
        for config in [client(&settings()), producer(&settings()), member(&settings(), "payments.orders")] {
            assert!(config.create_native_config().is_ok(), "{config:?}");
        }
    }
}
