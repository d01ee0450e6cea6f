//! RabbitMQ under test.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use broker::topics::EXCHANGE;
use broker::{Broker, Reader, Topic};
use broker_rabbitmq::{RabbitMq, RabbitSettings};
use lapin::options::{BasicPublishOptions, ConfirmSelectOptions, ExchangeDeleteOptions, QueueDeleteOptions};
use lapin::{BasicProperties, Confirmation, Connection, ConnectionProperties};
use testkit::conformance::broker::BrokerHarness;
use testkit::conformance::run;
use testkit::proxy::Proxy;
use tokio::runtime::Handle;

use super::{prefix, variable};

/// More than the limit of the server that `scripts/services` starts, 16 MiB.
const TOO_MANY: usize = 17 * 1024 * 1024;

pub struct RabbitHarness {
    url: String,
    prefix: String,
    /// Who was named, because they have queues.
    readers: Mutex<Vec<Reader>>,
}

impl RabbitHarness {
    pub fn new() -> Self {
        Self { url: variable("ORDO_TEST_RABBITMQ_URL"), prefix: prefix(), readers: Mutex::default() }
    }

    /// Where the server is, as it stands in the URL.
    fn authority(&self) -> &str {
        let authority =
            self.url.rsplit_once('@').map(|(_, behind)| behind.split('/').next().unwrap_or(behind));
        authority.expect("ORDO_TEST_RABBITMQ_URL is amqp://user:password@127.0.0.1:port/vhost")
    }

    /// Straight away.
    fn settings(&self) -> RabbitSettings {
        RabbitSettings {
            url: self.url.clone(),
            prefix: self.prefix.clone(),
            timeout: Duration::from_secs(5),
            publish_timeout: Duration::from_secs(30),
            prefetch: 1_000,
            bytes: 32 * 1024 * 1024,
            order_bytes: 1024 * 1024,
            heartbeat: Duration::from_secs(10),
        }
    }

    /// Notes who has queues then.
    fn open(&self, settings: RabbitSettings, readers: &[Reader]) -> Arc<dyn Broker> {
        self.readers.lock().unwrap().extend(readers);
        Arc::new(RabbitMq::open(settings, readers.to_vec(), Handle::current()).unwrap())
    }

    async fn connect(&self) -> lapin::Result<Connection> {
        Connection::connect(&self.url, ConnectionProperties::default()).await
    }

    fn queue(&self, reader: Reader) -> String {
        match reader.topic.counts {
            true => format!("{}{}.{}", self.prefix, reader.consumer, reader.topic.source),
            false => format!("{}{}", self.prefix, reader.topic.name),
        }
    }

    async fn try_send(&self, topic: &Topic, body: &[u8]) -> lapin::Result<bool> {
        let connection = self.connect().await?;
        let channel = connection.create_channel().await?;
        channel.confirm_select(ConfirmSelectOptions::default()).await?;
        let (exchange, key) = match topic.counts {
            true => (format!("{}{EXCHANGE}", self.prefix), topic.kinds[0].to_owned()),
            false => (String::new(), format!("{}{}", self.prefix, topic.name)),
        };
        let options = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
        let properties = BasicProperties::default();
        let sent = channel.basic_publish(exchange.into(), key.into(), options, body, properties).await?;
        let is_taken = matches!(sent.await?, Confirmation::Ack(None));
        connection.close(200, "sent".into()).await?;
        Ok(is_taken)
    }

    async fn clear(&self, readers: &[Reader]) -> lapin::Result<()> {
        let connection = self.connect().await?;
        let channel = connection.create_channel().await?;
        let queues = readers.iter().map(|reader| self.queue(*reader));
        for queue in queues.chain([format!("{}{EXCHANGE}.dlq", self.prefix)]) {
            channel.queue_delete(queue.into(), QueueDeleteOptions::default()).await?;
        }
        for exchange in [EXCHANGE.to_owned(), format!("{EXCHANGE}.dlx")] {
            let exchange = format!("{}{exchange}", self.prefix);
            channel.exchange_delete(exchange.into(), ExchangeDeleteOptions::default()).await?;
        }
        connection.close(200, "cleared".into()).await
    }
}

#[async_trait]
impl BrokerHarness for RabbitHarness {
    fn process(&self, line: Option<&Proxy>, readers: &[Reader]) -> Arc<dyn Broker> {
        let settings = match line {
            Some(line) => RabbitSettings {
                url: self.url.replace(self.authority(), &line.address().to_string()),
                timeout: Duration::from_secs(2),
                publish_timeout: Duration::from_secs(5),
                heartbeat: Duration::from_secs(5),
                ..self.settings()
            },
            None => self.settings(),
        };
        self.open(settings, readers)
    }

    fn tight(&self, bytes: u32, readers: &[Reader]) -> Arc<dyn Broker> {
        self.open(RabbitSettings { bytes, ..self.settings() }, readers)
    }

    async fn line(&self) -> Proxy {
        Proxy::to(self.authority().parse::<SocketAddr>().unwrap()).await
    }

    async fn send(&self, topic: &'static Topic, body: &[u8]) -> bool {
        self.try_send(topic, body).await.unwrap_or(false)
    }

    fn too_many(&self) -> usize {
        TOO_MANY
    }
}

impl Drop for RabbitHarness {
    fn drop(&mut self) {
        let readers = std::mem::take(&mut *self.readers.lock().unwrap());
        // On a thread of its own, because this one may belong to a runtime. What is not there need not be taken away.
        std::thread::scope(|scope| {
            scope.spawn(|| run(async { self.clear(&readers).await.ok().unwrap_or_default() }));
        });
    }
}
