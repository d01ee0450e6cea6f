//! What has to be there at the server: the exchange, a queue per reader, and where dead letters go.
//!
//! It owns the names. Declaring is idempotent, so it is done on every new connection, for all readers and before anything
//! is published, so that no reader misses anything. It deliberately deletes nothing and changes nothing: what exists
//! otherwise is left alone, and told.

use std::time::Duration;

use broker::Reader;
use broker::topics::EXCHANGE;
use lapin::options::{ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable, ShortString};
use lapin::{Channel, ExchangeKind};

use crate::failure::{Failure, within};
use crate::open_error::OpenError;

/// How often a message is delivered before the server takes it for poison. What is poison the engine says; RabbitMQ 4 says so
/// after 20 times, which a service that is restarted again and again reaches with good messages.
const DELIVERIES: i32 = 1_000_000;

/// The names at the server, and who reads what.
#[derive(Debug)]
pub(crate) struct Topology {
    pub exchange: ShortString,
    dead_letter_exchange: ShortString,
    dead_letter_queue: ShortString,
    queues: Vec<(Reader, ShortString)>,
}

impl Topology {
    /// The names for these readers, all beginning with `prefix`.
    pub fn new(prefix: &str, readers: Vec<Reader>) -> Result<Self, OpenError> {
        let refused = || OpenError::Prefix(prefix.to_owned());
        let name = |name: String| ShortString::try_new(format!("{prefix}{name}")).map_err(|_| refused());
        if prefix.starts_with("amq.") || prefix.contains(char::is_control) {
            return Err(refused());
        }
        let queues = readers.into_iter().map(|reader| Ok((reader, name(reader.queue())?)));
        Ok(Self {
            exchange: name(EXCHANGE.to_owned())?,
            dead_letter_exchange: name(format!("{EXCHANGE}.dlx"))?,
            dead_letter_queue: name(format!("{EXCHANGE}.dlq"))?,
            queues: queues.collect::<Result<_, OpenError>>()?,
        })
    }

    /// The queue of a reader, if it was named.
    pub fn queue(&self, reader: Reader) -> Option<&ShortString> {
        self.queues.iter().find(|(named, _)| *named == reader).map(|(_, queue)| queue)
    }

    /// Whether any reader was named that reads events of this type.
    pub fn is_read(&self, kind: &str) -> bool {
        self.queues.iter().any(|(reader, _)| reader.topic.kinds.contains(&kind))
    }

    /// Declares all of it, where it is absent. Each step takes no longer than `limit`.
    pub async fn declare(&self, channel: &Channel, limit: Duration) -> Result<(), Failure> {
        let declaring = Declaring { channel, limit };
        declaring.exchange(&self.exchange).await?;
        self.declare_dead_letters(&declaring).await?;
        for (reader, queue) in &self.queues {
            let mut arguments = FieldTable::default();
            let dead_letters = AMQPValue::LongString(self.dead_letter_exchange.as_str().into());
            arguments.insert("x-dead-letter-exchange".into(), dead_letters);
            arguments.insert("x-delivery-limit".into(), AMQPValue::LongInt(DELIVERIES));
            declaring.queue(queue, arguments).await?;
            for kind in reader.topic.kinds {
                declaring.binding(queue, &self.exchange, kind).await?;
            }
        }
        Ok(())
    }

    async fn declare_dead_letters(&self, declaring: &Declaring<'_>) -> Result<(), Failure> {
        declaring.exchange(&self.dead_letter_exchange).await?;
        declaring.queue(&self.dead_letter_queue, FieldTable::default()).await?;
        declaring.binding(&self.dead_letter_queue, &self.dead_letter_exchange, "#").await
    }
}

/// Declares on a channel, each thing within the limit.
struct Declaring<'c> {
    channel: &'c Channel,
    limit: Duration,
}

impl Declaring<'_> {
    async fn exchange(&self, name: &ShortString) -> Result<(), Failure> {
        let options = ExchangeDeclareOptions { durable: true, ..ExchangeDeclareOptions::default() };
        let (kind, arguments) = (ExchangeKind::Topic, FieldTable::default());
        let declared = self.channel.exchange_declare(name.clone(), kind, options, arguments);
        within(self.limit, declared).await.map_err(|failure| failure.declaring("exchange", name))
    }

    async fn queue(&self, name: &ShortString, mut arguments: FieldTable) -> Result<(), Failure> {
        arguments.insert("x-queue-type".into(), AMQPValue::LongString("quorum".into()));
        let options = QueueDeclareOptions::durable();
        let declared = self.channel.queue_declare(name.clone(), options, arguments);
        within(self.limit, declared).await.map(drop).map_err(|failure| failure.declaring("queue", name))
    }

    async fn binding(&self, queue: &ShortString, from: &ShortString, key: &str) -> Result<(), Failure> {
        let (options, arguments) = (QueueBindOptions::default(), FieldTable::default());
        within(
            self.limit,
            self.channel.queue_bind(queue.clone(), from.clone(), key.into(), options, arguments),
        )
        .await
    }
}
