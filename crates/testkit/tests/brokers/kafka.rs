//! Kafka under test.
//!
//! Its clients go where it says that it is, so that a line to it takes a listener that says to be where the proxy is: the one of
//! `scripts/services`, whose port is two further than Kafka's own, and the proxy's is three further. So there is one line at a
//! time.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex as StdMutex};
use std::time::Duration;

use async_trait::async_trait;
use broker::{Broker, Capacity, Reader, TOPICS, Topic};
use broker_kafka::{Kafka, KafkaSettings, SaslMechanism};
use futures::executor::block_on;
use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions};
use rdkafka::client::DefaultClientContext;
use rdkafka::producer::{FutureProducer, FutureRecord};
use testkit::conformance::broker::BrokerHarness;
use testkit::proxy::Proxy;
use tokio::runtime::Handle;
use tokio::sync::{Mutex, MutexGuard};

use super::{prefix, variable};

/// Kafka's own limit is 1 MiB.
const TOO_MANY: usize = 2 * 1024 * 1024;
/// Who has the proxy's port.
static LINE: Mutex<()> = Mutex::const_new(());

pub struct KafkaHarness {
    port: u16,
    prefix: String,
    turn: StdMutex<Option<MutexGuard<'static, ()>>>,
}

impl KafkaHarness {
    pub fn new() -> Self {
        let url = variable("ORDO_TEST_KAFKA_URL");
        let port = url.rsplit_once(':').and_then(|(_, port)| port.parse().ok());
        let port = port.expect("ORDO_TEST_KAFKA_URL is kafka://127.0.0.1:port");
        Self { port, prefix: prefix(), turn: StdMutex::default() }
    }

    /// Straight away.
    fn settings(&self) -> KafkaSettings {
        KafkaSettings {
            servers: SocketAddr::from((Ipv4Addr::LOCALHOST, self.port)).to_string(),
            prefix: self.prefix.clone(),
            partitions: 3,
            replication: -1,
            username: None,
            password: None,
            sasl_mechanism: SaslMechanism::Plain,
            tls: false,
            ca_file: None,
            timeout: Duration::from_secs(5),
            publish_timeout: Duration::from_secs(30),
            capacity: Capacity { messages: 2048, bytes: 32 * 1024 * 1024 },
            session_timeout: Duration::from_secs(6),
        }
    }

    fn config(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", format!("127.0.0.1:{}", self.port));
        config
    }
}

#[async_trait]
impl BrokerHarness for KafkaHarness {
    fn process(&self, line: Option<&Proxy>, readers: &[Reader]) -> Arc<dyn Broker> {
        let settings = match line {
            Some(line) => KafkaSettings {
                servers: line.address().to_string(),
                timeout: Duration::from_secs(2),
                publish_timeout: Duration::from_secs(5),
                ..self.settings()
            },
            None => self.settings(),
        };
        Arc::new(Kafka::open(settings, readers.to_vec(), Handle::current()).unwrap())
    }

    fn tight(&self, bytes: u32, readers: &[Reader]) -> Arc<dyn Broker> {
        let settings = self.settings();
        let settings = KafkaSettings { capacity: Capacity { bytes, ..settings.capacity }, ..settings };
        Arc::new(Kafka::open(settings, readers.to_vec(), Handle::current()).unwrap())
    }

    async fn line(&self) -> Proxy {
        let turn = LINE.lock().await;
        *self.turn.lock().unwrap() = Some(turn);
        Proxy::at(self.port + 3, SocketAddr::from((Ipv4Addr::LOCALHOST, self.port + 2))).await
    }

    async fn send(&self, topic: &'static Topic, body: &[u8]) -> bool {
        let producer: FutureProducer = self.config().set("message.timeout.ms", "5000").create().unwrap();
        let name = format!("{}{}", self.prefix, topic.name);
        let message: FutureRecord<'_, (), [u8]> = FutureRecord::to(&name).payload(body);
        producer.send(message, Duration::ZERO).await.is_ok()
    }

    fn too_many(&self) -> usize {
        TOO_MANY
    }
}

impl Drop for KafkaHarness {
    fn drop(&mut self) {
        let admin: AdminClient<DefaultClientContext> = self.config().create().unwrap();
        let names: Vec<_> = TOPICS.iter().map(|topic| topic.name).chain(["dlq-events"]).collect();
        let names: Vec<_> = names.into_iter().map(|name| format!("{}{name}", self.prefix)).collect();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        // What is not there need not be taken away.
        let _ = block_on(admin.delete_topics(&names, &AdminOptions::new()));
    }
}
