//! The broker port: what carries events between services that are processes of their own.
//!
//! # Contract
//! What [`Broker::publisher`] has taken, every reader gets at least once, also one whose process is not running at that
//! moment, as soon as it was named once. Instances of one service share what there is: any number of inlets may be open for
//! one reader, in any number of processes, and when one goes away the others get what it had not settled. A broker that
//! goes away comes back by itself, for publishers and for inlets, and costs nothing but time.
//!
//! The conformance suite in `testkit` holds every adapter to this.

use std::sync::Arc;

use async_trait::async_trait;
use engine::{Fault, Inlet, Publisher, Signal};

use crate::topics::Topic;

/// A service that reads a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reader {
    /// The service.
    pub consumer: &'static str,
    /// What it reads.
    pub topic: &'static Topic,
}

impl Reader {
    /// Its consumer group on Kafka, whose members share what it reads.
    pub fn group(&self) -> String {
        format!("{}.{}", self.consumer, self.topic.source)
    }

    /// Its queue on RabbitMQ. Where orders come in it is named like the topic, because whoever sends them may know no exchange.
    pub fn queue(&self) -> String {
        match self.topic.counts {
            false => self.topic.name.to_owned(),
            true => self.group(),
        }
    }
}

/// A broker. It was told all readers when it was connected to, so that nothing is published that a reader would miss.
#[async_trait]
pub trait Broker: Send + Sync {
    /// Where events go. A record's topic is its source's.
    fn publisher(&self) -> Arc<dyn Publisher>;

    /// What this instance of the reader gets; `signal` is raised when something comes.
    ///
    /// # Errors
    /// [`Fault`] if the client cannot be made. A broker that is away is no error: the inlet waits for it.
    async fn inlet(&self, reader: Reader, signal: Signal) -> Result<Box<dyn Inlet>, Fault>;

    /// Asks the broker itself.
    ///
    /// # Errors
    /// [`Fault::Unavailable`] if it does not answer.
    async fn check(&self) -> Result<(), Fault>;

    /// Ends when the inlets that were dropped have told the broker what is settled, and that they leave. Without it nothing
    /// is lost, but others take over later.
    async fn close(&self) {}
}
