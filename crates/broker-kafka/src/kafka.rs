//! Kafka as a broker: what publishers and inlets share.

use std::sync::Arc;

use async_trait::async_trait;
use broker::{Broker, Reader, TOPICS};
use engine::{Fault, Inlet, Publisher, Signal};
use tokio::runtime::Handle;
use tokio::time::timeout;

use crate::inlet::{Present, inlet};
use crate::membership::Membership;
use crate::names::Names;
use crate::offsets::Offsets;
use crate::open_error::OpenError;
use crate::options;
use crate::producer::Producer;
use crate::publisher::KafkaPublisher;
use crate::question::Question;
use crate::settings::KafkaSettings;
use crate::topics::Topics;
use crate::verdict::reason;

/// Kafka.
pub struct Kafka {
    settings: KafkaSettings,
    names: Names,
    producer: Arc<Producer>,
    topics: Arc<Topics>,
    publisher: Arc<KafkaPublisher>,
    present: Present,
    /// Whether Kafka is there.
    presence: Question<Result<(), Fault>>,
    runtime: Handle,
}

impl Kafka {
    /// Kafka as these settings say, for these readers. The server need not be there yet. What blocks is done on `runtime`'s
    /// threads for that.
    ///
    /// # Errors
    /// [`OpenError`] if the settings cannot be right.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a broker may keep its readers; this one keeps all messages instead"
    )]
    pub fn open(settings: KafkaSettings, readers: Vec<Reader>, runtime: Handle) -> Result<Self, OpenError> {
        options::check(&settings)?;
        let names = Names::new(&settings.prefix, &readers)?;
        let producer = Producer::new(options::producer(&settings));
        let producer = Arc::new(producer.map_err(|error| OpenError::Client(reason(&error)))?);
        let topics = Arc::new(Topics::new(
            names.all(),
            (settings.partitions, settings.replication),
            options::client(&settings),
            settings.timeout,
            Arc::clone(&producer),
        ));
        let publisher = Arc::new(KafkaPublisher {
            names: names.clone(),
            producer: Arc::clone(&producer),
            topics: Arc::clone(&topics),
            runtime: runtime.clone(),
        });
        let (present, presence) = (Present::default(), Question::default());
        Ok(Self { settings, names, producer, topics, publisher, present, presence, runtime })
    }

    /// What it takes to be a member of the reader's group.
    pub(crate) fn membership(&self, reader: Reader) -> Membership {
        Membership {
            config: options::member(&self.settings, &self.names.group(&reader)),
            topic: reader.topic,
            name: self.names.topic(reader.topic),
            topics: Arc::clone(&self.topics),
            offsets: Offsets::default(),
            producer: Arc::clone(&self.producer),
            session: self.settings.session_timeout,
        }
    }
}

#[async_trait]
impl Broker for Kafka {
    fn publisher(&self) -> Arc<dyn Publisher> {
        Arc::clone(&self.publisher) as Arc<dyn Publisher>
    }

    async fn inlet(&self, reader: Reader, signal: Signal) -> Result<Box<dyn Inlet>, Fault> {
        inlet(self.membership(reader), self.settings.capacity, signal, &self.present)
    }

    async fn check(&self) -> Result<(), Fault> {
        let (producer, limit) = (Arc::clone(&self.producer), self.settings.timeout);
        let topic = self.names.topic(&TOPICS[0]);
        let ask = move || producer.describe(&topic, limit).map(drop);
        let stopping = || Err(Fault::Unavailable("this process is stopping".to_owned()));
        self.presence.ask(&self.runtime, ask).await.unwrap_or_else(stopping)
    }

    async fn missing(&self) -> Result<Vec<String>, Fault> {
        let topics = Arc::clone(&self.topics);
        let missing = self.runtime.spawn_blocking(move || topics.missing()).await;
        missing.unwrap_or_else(|_| Err(Fault::Unavailable("this process is stopping".to_owned())))
    }

    async fn close(&self) {
        if timeout(self.settings.timeout, self.present.nobody()).await.is_err() {
            tracing::debug!("Kafka was not told that this process leaves its groups");
        }
    }
}
