//! How Redis is used.

use std::fmt;
use std::time::Duration;

use redis::{Client, RedisError};
use thiserror::Error;

/// How Redis is used.
#[derive(Clone, PartialEq, Eq)]
pub struct RedisSettings {
    /// `redis://user:password@host:port/database`, or `rediss://` with TLS. It is never printed.
    pub url: String,
    /// What all keys begin with. Those who share a database of a server need one each.
    pub prefix: String,
    /// How long an entry lives.
    pub ttl: Duration,
    /// How long an operation may take.
    pub timeout: Duration,
    /// How long it may take to connect. Nobody waits for that longer than for an operation.
    pub connect_timeout: Duration,
}

impl RedisSettings {
    /// The usual settings for the server at `url`.
    pub fn new(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            prefix: "ordo:".to_owned(),
            ttl: Duration::from_secs(5 * 60),
            timeout: Duration::from_millis(100),
            connect_timeout: Duration::from_secs(1),
        }
    }

    pub(crate) fn client(&self) -> Result<Client, OpenError> {
        Client::open(self.url.as_str()).map_err(OpenError::Url)
    }
}

impl fmt::Debug for RedisSettings {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("RedisSettings")
            .field("url", &"***")
            .field("prefix", &self.prefix)
            .field("ttl", &self.ttl)
            .field("timeout", &self.timeout)
            .field("connect_timeout", &self.connect_timeout)
            .finish()
    }
}

/// Why the cache cannot be opened.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The URL cannot be read.
    #[error("cannot read the URL of Redis: {0}; use redis://user:password@host:port")]
    Url(RedisError),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_never_printed() {
        let settings = RedisSettings::new("redis://:hunter2@127.0.0.1/x?hunter2");
        let error = settings.client().unwrap_err();
        let printed = format!("{settings:?} {error} {error:?}");
        assert!(!printed.contains("hunter2"), "{printed}");
    }

    #[test]
    fn both_schemes_and_a_database_are_understood() {
        for url in ["redis://127.0.0.1:6379", "rediss://ann:secret@cache.example:6380/3"] {
            RedisSettings::new(url).client().unwrap();
        }
    }
}
