//! Why RabbitMQ cannot be used as it was asked for: one line for an operator.

use thiserror::Error;

/// RabbitMQ cannot be used. The text says what to do, and never repeats the URL, which has a password in it.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum OpenError {
    /// The URL is not one of RabbitMQ's.
    #[error(
        "the broker URL cannot be read; write amqp://user:password@host:port/vhost, or amqps://, with %2F for a slash"
    )]
    Url,
    /// The prefix makes names that RabbitMQ does not take.
    #[error(
        "the prefix {0:?} makes names that RabbitMQ does not take; write a shorter one that does not begin with amq."
    )]
    Prefix(String),
}
