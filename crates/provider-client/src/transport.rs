//! The two ways to the provider: plain HTTP/1.1 with little ceremony, for it is on the hot path, and TLS.

use std::error::Error;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Body;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use reqwest::redirect::Policy;
use rustls::crypto::CryptoProvider;

use crate::settings::{ClientError, ClientSettings};

/// The greatest answer that is read, in bytes.
pub(crate) const MAX_ANSWER: usize = 64 * 1024;

/// How long an unused connection is kept. Shorter than servers usually keep theirs, so that they do not close one
/// that is about to be used.
const IDLE: Duration = Duration::from_secs(20);

/// What was heard from the provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// The status.
    pub status: StatusCode,
    /// The body, or why it could not be read to its end.
    pub body: Result<Bytes, String>,
}

/// Why nothing was heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lost {
    /// There was no connection, so the request was never sent.
    Unreachable(String),
    /// The request was sent, or may have been.
    Unanswered(String),
}

/// The way to the provider.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "there is one, for the life of the process")]
pub(crate) enum Transport {
    Plain(Client<HttpConnector, Full<Bytes>>),
    Tls(reqwest::Client),
}

impl Transport {
    pub fn plain(settings: &ClientSettings) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(settings.time_limit / 2));
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(settings.idle_connections)
            .build(connector);
        Self::Plain(client)
    }

    pub fn tls(settings: &ClientSettings) -> Result<Self, ClientError> {
        if CryptoProvider::get_default().is_none() {
            return Err(ClientError::NoCrypto);
        }
        Self::tls_with(settings, reqwest::Client::builder())
    }

    pub fn tls_with(settings: &ClientSettings, builder: reqwest::ClientBuilder) -> Result<Self, ClientError> {
        let client = builder
            .https_only(true)
            .redirect(Policy::none())
            .tcp_nodelay(true)
            .connect_timeout(settings.time_limit / 2)
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(settings.idle_connections)
            .build()?;
        Ok(Self::Tls(client))
    }

    /// Sends the request and reads the answer. Dropping the future gives the connection up.
    pub async fn send(&self, request: Request<Bytes>) -> Result<Heard, Lost> {
        match self {
            Self::Plain(client) => match client.request(request.map(Full::from)).await {
                Ok(response) => Ok(hear(response).await),
                Err(error) => Err(loss(error.is_connect(), &error)),
            },
            Self::Tls(client) => {
                let request = reqwest::Request::try_from(request).map_err(|error| loss(true, &error))?;
                match client.execute(request).await {
                    Ok(response) => Ok(hear(Response::<reqwest::Body>::from(response)).await),
                    Err(error) => Err(loss(error.is_connect(), &error)),
                }
            }
        }
    }
}

async fn hear<B>(response: Response<B>) -> Heard
where
    B: Body,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let (head, body) = response.into_parts();
    let body = Limited::new(body, MAX_ANSWER).collect().await;
    let body = body.map(|body| body.to_bytes()).map_err(|error| chain(&*error));
    Heard { status: head.status, body }
}

fn loss(never_sent: bool, error: &(dyn Error + 'static)) -> Lost {
    match never_sent {
        true => Lost::Unreachable(chain(error)),
        false => Lost::Unanswered(chain(error)),
    }
}

/// An error with its causes, in one line.
fn chain(error: &(dyn Error + 'static)) -> String {
    match error.source() {
        None => error.to_string(),
        Some(cause) => format!("{error}: {}", chain(cause)),
    }
}
