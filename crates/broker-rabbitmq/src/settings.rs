//! How RabbitMQ is used: where it is, how names begin, and every limit.

use std::fmt;
use std::time::Duration;

use broker::Topic;

/// How many times what an inlet holds may be on its way to it. With less, batches are too small to keep up with a backlog: from
/// 128 orders on, more make it no faster.
const AHEAD: u32 = 4;

/// Where RabbitMQ is, and how it is used.
#[derive(Clone, PartialEq, Eq)]
pub struct RabbitSettings {
    /// `amqp://user:password@host:port/vhost`, or `amqps://` for TLS. Without a vhost it is the default one.
    pub url: String,
    /// Stands before every name, so that several shops can share one server.
    pub prefix: String,
    /// How long connecting, each declaration, each acknowledgement and a check may take.
    pub timeout: Duration,
    /// How long a publication may take until all of it is confirmed.
    pub publish_timeout: Duration,
    /// Messages that an inlet holds without having acknowledged them.
    pub prefetch: u16,
    /// Bytes of messages that an inlet holds.
    pub bytes: u32,
    /// The bytes of the largest order that is placed when it comes in.
    pub order_bytes: u32,
    /// How often both sides say that they are there. Who is silent for two of these is taken for gone. Whole seconds; a
    /// heartbeat in the URL wins.
    pub heartbeat: Duration,
}

impl fmt::Debug for RabbitSettings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RabbitSettings")
            .field("url", &"***")
            .field("prefix", &self.prefix)
            .field("timeout", &self.timeout)
            .field("publish_timeout", &self.publish_timeout)
            .field("prefetch", &self.prefetch)
            .field("bytes", &self.bytes)
            .field("order_bytes", &self.order_bytes)
            .field("heartbeat", &self.heartbeat)
            .finish()
    }
}

impl RabbitSettings {
    /// How many messages of a topic the server may send before it wants acknowledgements. The client takes in all that the
    /// server sends, whether there is room for it or not; so of orders, which others make as large as they like, it is sent
    /// no more than a few times what there is room for.
    pub(crate) fn window(&self, topic: &Topic) -> u16 {
        let largest = if topic.counts { 1 } else { self.order_bytes.max(1) };
        u16::try_from(self.bytes.saturating_mul(AHEAD) / largest)
            .unwrap_or(u16::MAX)
            .min(self.prefetch)
            .max(1)
    }
}
