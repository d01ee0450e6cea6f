//! The way to the provider: HTTP/1.1 on connections that are kept, plain or over TLS.

use std::error::Error;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures::future::BoxFuture;
use http::{Request, Response, StatusCode, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper_rustls::builderstates::WantsSchemes;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::crypto::ring::default_provider;
use rustls::{ClientConfig, RootCertStore};
use tower::Service;

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
pub(crate) struct Transport {
    client: Client<Hurried, Full<Bytes>>,
}

impl Transport {
    /// Without TLS.
    pub fn plain(settings: &ClientSettings) -> Result<Self, ClientError> {
        // The connector has to be given a TLS of some kind; this one trusts nobody and is never used.
        Ok(Self::over(
            settings,
            HttpsConnectorBuilder::new().with_tls_config(trusting(RootCertStore::empty())?),
        ))
    }

    /// Over TLS, to whom this machine's certificates vouch for.
    pub fn tls(settings: &ClientSettings) -> Result<Self, ClientError> {
        let connector = HttpsConnectorBuilder::new().with_provider_and_native_roots(default_provider());
        Ok(Self::over(settings, connector.map_err(ClientError::Certificates)?))
    }

    fn over(settings: &ClientSettings, connector: HttpsConnectorBuilder<WantsSchemes>) -> Self {
        let mut sockets = HttpConnector::new();
        sockets.enforce_http(false);
        sockets.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(settings.idle_connections)
            .build(Hurried {
                connector: connector.https_or_http().enable_http1().wrap_connector(sockets),
                limit: settings.time_limit / 2,
            });
        Self { client }
    }

    /// Sends the request and reads the answer. Dropping the future gives the connection up.
    pub async fn send(&self, request: Request<Bytes>) -> Result<Heard, Lost> {
        match self.client.request(request.map(Full::from)).await {
            Ok(response) => Ok(hear(response).await),
            Err(error) if error.is_connect() => Err(Lost::Unreachable(chain(&error))),
            Err(error) => Err(Lost::Unanswered(chain(&error))),
        }
    }
}

/// Connects within a limit, from looking up the name to the end of the handshake: until then nothing was sent.
#[derive(Clone, Debug)]
struct Hurried {
    connector: HttpsConnector<HttpConnector>,
    limit: Duration,
}

impl Service<Uri> for Hurried {
    type Response = <HttpsConnector<HttpConnector> as Service<Uri>>::Response;
    type Error = Box<dyn Error + Send + Sync>;
    type Future = BoxFuture<'static, Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.connector.poll_ready(cx)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let (connecting, limit) = (self.connector.call(uri), self.limit);
        Box::pin(async move {
            let connected = tokio::time::timeout(limit, connecting).await;
            connected.unwrap_or_else(|_| Err(format!("no connection within {} ms", limit.as_millis()).into()))
        })
    }
}

fn trusting(roots: RootCertStore) -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(default_provider());
    let versions = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(versions.with_root_certificates(roots).with_no_client_auth())
}

async fn hear(response: Response<Incoming>) -> Heard {
    let (head, body) = response.into_parts();
    let body = Limited::new(body, MAX_ANSWER).collect().await;
    let body = body.map(|body| body.to_bytes()).map_err(|error| chain(&*error));
    Heard { status: head.status, body }
}

/// An error with its causes, in one line.
fn chain(error: &(dyn Error + 'static)) -> String {
    match error.source() {
        None => error.to_string(),
        Some(cause) => format!("{error}: {}", chain(cause)),
    }
}
