//! The broker itself: its connections, its publisher and its inlets.

use std::sync::Arc;

use async_trait::async_trait;
use broker::{Broker, Capacity, Reader, buffer};
use engine::{Fault, Inlet, Publisher, Signal};
use lapin::uri::AMQPUri;
use tokio::runtime::Handle;
use tokio::time::timeout;
use tokio::try_join;

use crate::address::address;
use crate::consumer::Consuming;
use crate::failure::Failure;
use crate::line::Line;
use crate::link::Link;
use crate::open_error::OpenError;
use crate::publisher::RabbitPublisher;
use crate::session::Subscription;
use crate::settings::RabbitSettings;
use crate::settled::Settled;
use crate::topology::Topology;

/// RabbitMQ.
pub struct RabbitMq {
    settings: RabbitSettings,
    uri: AMQPUri,
    topology: Arc<Topology>,
    publisher: Arc<RabbitPublisher>,
    publishing: Arc<Link>,
    /// A connection of its own, because the server may stop reading one that publishes.
    consuming: Arc<Link>,
    runtime: Handle,
}

impl RabbitMq {
    /// RabbitMQ with these settings, for these readers. Connects to nothing yet; connections and consumers live on
    /// `runtime`.
    ///
    /// # Errors
    /// [`OpenError`], if the settings cannot be used.
    pub fn open(settings: RabbitSettings, readers: Vec<Reader>, runtime: Handle) -> Result<Self, OpenError> {
        let uri = address(&settings)?;
        let topology = Arc::new(Topology::new(&settings.prefix, readers)?);
        let link = |purpose| {
            let (uri, topology, runtime) = (uri.clone(), Arc::clone(&topology), runtime.clone());
            Arc::new(Link::new(purpose, uri, topology, settings.timeout, runtime))
        };
        let (publishing, consuming) = (link("publishing"), link("consuming"));
        let (limit, publish_limit) = (settings.timeout, settings.publish_timeout);
        let (link, names) = (Arc::clone(&publishing), Arc::clone(&topology));
        let publisher = Arc::new(RabbitPublisher::new(link, names, limit, publish_limit));
        Ok(Self { settings, uri, topology, publisher, publishing, consuming, runtime })
    }
}

#[async_trait]
impl Broker for RabbitMq {
    fn publisher(&self) -> Arc<dyn Publisher> {
        Arc::clone(&self.publisher) as Arc<dyn Publisher>
    }

    async fn inlet(&self, reader: Reader, signal: Signal) -> Result<Box<dyn Inlet>, Fault> {
        let Reader { consumer, topic } = reader;
        let unnamed = || Fault::Rejected(format!("{consumer} was not named as a reader of {}", topic.source));
        let queue = self.topology.queue(reader).ok_or_else(unnamed)?.clone();
        let prefetch = self.settings.window(topic);
        let (acknowledge, settled) = Settled::new();
        let capacity = Capacity { messages: usize::from(prefetch), bytes: self.settings.bytes };
        let (feed, inlet) = buffer(topic.source, capacity, signal, acknowledge);
        let (link, limit) = (Arc::clone(&self.consuming), self.settings.timeout);
        let subscription = Subscription { link, topic, queue, prefetch, limit };
        self.runtime.spawn(Consuming::new(subscription, feed, settled).run());
        Ok(Box::new(inlet))
    }

    async fn check(&self) -> Result<(), Fault> {
        let limit = self.settings.timeout;
        let checked = async { try_join!(checked(&self.publishing), checked(&self.consuming)) };
        timeout(limit, checked).await.unwrap_or(Err(Failure::Late(limit)))?;
        Ok(())
    }

    async fn missing(&self) -> Result<Vec<String>, Fault> {
        Ok(missing(self).await?)
    }
}

/// What is not there, asked on a connection of its own: on the others everything is declared first.
async fn missing(rabbit: &RabbitMq) -> Result<Vec<String>, Failure> {
    let limit = rabbit.settings.timeout;
    let line = Line::open(&rabbit.uri, "ordo looking on", limit, &rabbit.runtime).await?;
    rabbit.topology.missing(&line, limit).await
}

/// A channel is opened by the server, so it has answered.
async fn checked(link: &Link) -> Result<(), Failure> {
    Ok(link.channel().await?.close(200, "checked".into()).await?)
}
