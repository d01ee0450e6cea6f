//! The client that publishes, and asks about topics: one per process, and a new one when it is done for.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use engine::Fault;
use rdkafka::ClientConfig;
use rdkafka::error::KafkaResult;
use rdkafka::metadata::Metadata;
use rdkafka::producer::{FutureProducer, Producer as _};

use crate::aside::Aside;
use crate::connection::{Connection, Watch};

/// A client. Who holds it may go on using it; it is closed aside when nobody does any more.
pub(crate) type Client = Arc<Aside<FutureProducer<Watch>>>;

/// The client in use.
pub(crate) struct Producer {
    config: ClientConfig,
    watch: Watch,
    current: Mutex<Client>,
}

impl Producer {
    /// A client; it connects by and by.
    ///
    /// # Errors
    /// What the library says of the options.
    pub fn new(config: ClientConfig) -> KafkaResult<Self> {
        let watch = Watch(Arc::default());
        let current = Mutex::new(client(&config, &watch)?);
        Ok(Self { config, watch, current })
    }

    /// The client.
    pub fn client(&self) -> Client {
        Arc::clone(&self.current.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts a new client in the place of one that will never publish again. That happens when the broker's memory of an
    /// idempotent producer and the producer's own do not agree.
    pub fn renew(&self, client: &Client) {
        let Some((code, reason)) = client.client().fatal_error() else { return };
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if !Arc::ptr_eq(&current, client) {
            return;
        }
        match self::client(&self.config, &self.watch) {
            Ok(new) => *current = new,
            Err(error) => return tracing::warn!(%error, "no new Kafka producer"),
        }
        tracing::warn!(%code, reason, "the Kafka producer gave up; a new one publishes from here on");
    }

    /// What Kafka says of a topic. Blocks.
    ///
    /// # Errors
    /// [`Fault::Unavailable`] if there was no answer in time.
    pub fn describe(&self, topic: &str, timeout: Duration) -> Result<Metadata, Fault> {
        let asked = self.connection().ask();
        let described = self.client().client().fetch_metadata(Some(topic), timeout);
        let described = described.map_err(|error| self.connection().fault(&error))?;
        self.connection().answered(asked);
        Ok(described)
    }

    /// What is known of the connection.
    pub fn connection(&self) -> &Connection {
        &self.watch.0
    }
}

fn client(config: &ClientConfig, watch: &Watch) -> KafkaResult<Client> {
    let client: FutureProducer<Watch> = config.create_with_context(watch.clone())?;
    Ok(Arc::new(Aside::new(client)))
}
