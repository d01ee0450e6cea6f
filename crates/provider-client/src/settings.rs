//! What a client is made from, and why it sometimes cannot be.

use std::time::Duration;

use thiserror::Error;

/// Where the provider is, and how long to wait for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientSettings {
    /// The provider's address without the API's paths, such as `http://127.0.0.1:8005`.
    pub base_url: String,
    /// How long a call may take, from connecting to the end of the answer. Half of it may go to connecting.
    pub time_limit: Duration,
    /// How many connections are kept open while nobody uses them. About as many as calls run at a time.
    pub idle_connections: usize,
}

impl ClientSettings {
    /// The usual limits for the provider at `base_url`: 10 s, 256 idle connections.
    pub fn new(base_url: &str) -> Self {
        let (time_limit, idle_connections) = (Duration::from_secs(10), 256);
        Self { base_url: base_url.to_owned(), time_limit, idle_connections }
    }
}

/// Why there cannot be a client.
#[derive(Debug, Error)]
pub enum ClientError {
    /// The address is none.
    #[error("'{0}' is not the address of a provider; write it like http://127.0.0.1:8005")]
    Address(String),
    /// The certificates that this machine trusts cannot be read.
    #[error("cannot read the certificates that this machine trusts: {0}; install ca-certificates")]
    Certificates(std::io::Error),
    /// TLS cannot be set up.
    #[error("cannot set up TLS: {0}")]
    Tls(#[from] rustls::Error),
}
