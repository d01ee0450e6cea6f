//! How a link stands, told once per change.

use std::sync::{Mutex, PoisonError};

use crate::failure::Failure;

/// How a link stands.
#[derive(Debug)]
pub(crate) struct Standing {
    /// Whose.
    link: &'static str,
    /// None: nothing is known yet.
    last: Mutex<Option<State>>,
}

#[derive(Debug, PartialEq, Eq)]
enum State {
    Up,
    Away,
    /// Something is there that is not what it should be, and an operator has to look.
    Otherwise(String),
}

impl Standing {
    /// Nothing is known yet.
    pub fn new(link: &'static str) -> Self {
        Self { link, last: Mutex::default() }
    }

    /// Takes note of what came of using the link, and logs it if it is news.
    pub fn note(&self, failure: Option<&Failure>) {
        if !self.is_news(failure) {
            return;
        }
        let link = self.link;
        match failure {
            None => tracing::info!(link, "connected to RabbitMQ"),
            Some(reason @ Failure::Otherwise { .. }) => {
                tracing::error!(link, %reason, "RabbitMQ cannot be used as it is; it is tried again until it can");
            }
            Some(reason) => {
                tracing::warn!(link, %reason, "RabbitMQ cannot be used; it is tried again until it can");
            }
        }
    }

    /// Whether the link stands otherwise than it did when this was last asked. Reasons for which it is away come and go, and
    /// are no news.
    pub fn is_news(&self, failure: Option<&Failure>) -> bool {
        let now = match failure {
            None => State::Up,
            Some(failure @ Failure::Otherwise { .. }) => State::Otherwise(failure.to_string()),
            Some(_) => State::Away,
        };
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let is_news = last.as_ref() != Some(&now);
        *last = Some(now);
        is_news
    }
}
