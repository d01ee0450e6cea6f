//! How RabbitMQ is used: where it is, how names begin, and every limit.

use std::fmt;
use std::time::Duration;

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
            .field("heartbeat", &self.heartbeat)
            .finish()
    }
}
