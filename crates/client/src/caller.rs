//! A plain caller of a server, for commands that look at answers themselves, refusals too.

use anyhow::Result;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method};
use serde_json::Value;

use crate::away::Away;
use crate::link::{Link, whole};
use crate::target::Target;

/// Who calls one server.
#[derive(Clone, Debug)]
pub struct Caller {
    target: Target,
}

/// What a server answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// When to come again, in seconds, if it said so.
    pub retry_after: Option<u64>,
    /// Whether it is the answer that was given before.
    pub is_replayed: bool,
    /// What it says.
    pub body: Bytes,
}

impl Answer {
    /// What it says as JSON; null if it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

impl Caller {
    /// A caller of the server at this address.
    ///
    /// # Errors
    /// One line that says what is wrong with the address.
    pub fn new(url: &str) -> Result<Self> {
        Ok(Self { target: Target::read(url)? })
    }

    /// The address.
    pub fn url(&self) -> &str {
        &self.target.url
    }

    /// Asks.
    ///
    /// # Errors
    /// [`Away`] if no answer came.
    pub async fn get(&self, path: &str) -> Result<Answer> {
        self.send(self.target.get(path)?).await
    }

    /// Sends JSON, under this key if there is one.
    ///
    /// # Errors
    /// [`Away`] if no answer came.
    pub async fn send_json(
        &self,
        method: Method,
        path: &str,
        key: Option<&str>,
        body: &str,
    ) -> Result<Answer> {
        self.send(self.target.json(method, path, key, body)?).await
    }

    /// Sends lines of JSON under this key, and waits for the answers to all of them.
    ///
    /// # Errors
    /// [`Away`] if no answer came.
    pub async fn send_lines(&self, method: Method, path: &str, key: &str, lines: &str) -> Result<Answer> {
        let mut request = self.target.json(method, path, Some(key), lines)?;
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/x-ndjson"));
        self.send(request).await
    }

    async fn send(&self, request: crate::target::Outgoing) -> Result<Answer> {
        let link = Link::open(&self.target).await?;
        link.exchange(request, async |answer| {
            let header = |name| answer.headers().get(name).and_then(|value| value.to_str().ok());
            let retry_after = header("retry-after").and_then(|value| value.parse().ok());
            let is_replayed = header("idempotent-replayed") == Some("true");
            let status = answer.status().as_u16();
            let body = whole(answer.into_body()).await?;
            Ok::<_, Away>(Answer { status, retry_after, is_replayed, body })
        })
        .await
        .map_err(Into::into)
    }
}
