//! What goes wrong with the server, and what it means.

use std::time::Duration;

use engine::Fault;
use lapin::protocol::{AMQPErrorKind, AMQPSoftError};
use lapin::types::ShortString;
use lapin::{Error, ErrorKind};
use thiserror::Error;

/// What went wrong. The texts are the client's and the server's, and have no password in them.
#[derive(Clone, Debug, Error)]
pub(crate) enum Failure {
    /// The server did not answer in time.
    #[error("the server did not answer within {0:?}")]
    Late(Duration),
    /// There was a connection, and it is gone.
    #[error("the connection was lost")]
    Lost,
    /// The server does not deliver any more, and the connection is there.
    #[error("the server ended the consumer; the queue may have been deleted")]
    Cancelled,
    /// The server takes nothing: its memory or its disk is nearly full.
    #[error("the server takes no messages for now, because its memory or its disk is nearly full")]
    Blocked,
    /// There is something of this name already, and it is something else.
    #[error(
        "the {what} {name:?} exists with other arguments; delete it once it is empty, or choose another prefix ({said})"
    )]
    Otherwise {
        /// An exchange or a queue.
        what: &'static str,
        /// Its name.
        name: String,
        /// What the server says.
        said: String,
    },
    /// Anything else that the client says.
    #[error("{}", said(.0))]
    Client(#[from] Error),
}

impl Failure {
    /// Whether it is about one channel, and the connection has nothing to do with it.
    pub fn is_of_channel(&self) -> bool {
        match self {
            Self::Cancelled => true,
            Self::Client(error) => error.is_amqp_soft_error(),
            _ => false,
        }
    }

    /// Whether the server says that there is no such thing.
    pub fn is_not_found(&self) -> bool {
        let not_found = AMQPErrorKind::Soft(AMQPSoftError::NOTFOUND);
        matches!(self, Self::Client(error)
            if matches!(error.kind(), ErrorKind::ProtocolError(error) if *error.kind() == not_found))
    }

    /// The same failure, as one of a declaration.
    pub fn declaring(self, what: &'static str, name: &ShortString) -> Self {
        match self {
            Self::Client(error) if is_precondition(&error) => {
                Self::Otherwise { what, name: name.to_string(), said: said(&error) }
            }
            other => other,
        }
    }
}

impl From<Failure> for Fault {
    /// Whatever is wrong with the server may pass.
    fn from(failure: Failure) -> Self {
        Self::Unavailable(format!("RabbitMQ: {failure}"))
    }
}

/// What the server says in its own words, or else the client.
pub(crate) fn said(error: &Error) -> String {
    match error.kind() {
        ErrorKind::ProtocolError(error) => error.get_message().to_string(),
        _ => error.to_string(),
    }
}

/// Whether the server refuses what was said as it is, and has closed the channel over it.
pub(crate) fn is_precondition(error: &Error) -> bool {
    let refused = AMQPErrorKind::Soft(AMQPSoftError::PRECONDITIONFAILED);
    matches!(error.kind(), ErrorKind::ProtocolError(error) if *error.kind() == refused)
}

/// What comes of it within `limit`.
pub(crate) async fn within<T>(
    limit: Duration,
    doing: impl Future<Output = lapin::Result<T>>,
) -> Result<T, Failure> {
    match tokio::time::timeout(limit, doing).await {
        Ok(done) => done.map_err(Failure::Client),
        Err(_) => Err(Failure::Late(limit)),
    }
}
