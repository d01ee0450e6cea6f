//! The performer: one job, one call, one time limit.

use std::time::Duration;

use async_trait::async_trait;
use engine::{Job, Performed, Performer};
use http::Uri;
use http::uri::Scheme;

use crate::classify::{classify, lost};
use crate::request::{Request, Urls};
use crate::settings::{ClientError, ClientSettings};
use crate::transport::{Lost, Transport};

/// Performs the jobs of payments at a provider over HTTP, with TLS if its address begins with `https://`.
#[derive(Debug)]
pub struct HttpProvider {
    urls: Urls,
    transport: Transport,
    time_limit: Duration,
}

impl HttpProvider {
    /// A client for the provider that the settings name. It connects when it is first used.
    ///
    /// # Errors
    /// [`ClientError`] if the address is none, or TLS cannot be set up for it.
    pub fn new(settings: &ClientSettings) -> Result<Self, ClientError> {
        let not_an_address = || ClientError::Address(settings.base_url.clone());
        let base = settings.base_url.trim_end_matches('/');
        let base_uri: Uri = base.parse().map_err(|_| not_an_address())?;
        if base_uri.host().is_none_or(str::is_empty) || base_uri.query().is_some() {
            return Err(not_an_address());
        }
        let transport = match base_uri.scheme() {
            Some(scheme) if *scheme == Scheme::HTTP => Transport::plain(settings)?,
            Some(scheme) if *scheme == Scheme::HTTPS => Transport::tls(settings)?,
            _ => return Err(not_an_address()),
        };
        let urls = Urls::under(base).map_err(|_| not_an_address())?;
        Ok(Self { urls, transport, time_limit: settings.time_limit })
    }

    async fn call(&self, request: &Request) -> Performed {
        let sent = match request.http(&self.urls) {
            Ok(sent) => sent,
            Err(reason) => return Performed::Failed(reason),
        };
        match tokio::time::timeout(self.time_limit, self.transport.send(sent)).await {
            Ok(Ok(heard)) => classify(request, &heard),
            Ok(Err(loss)) => lost(loss),
            Err(_) => lost(Lost::Unanswered(format!("no answer within {} ms", self.time_limit.as_millis()))),
        }
    }
}

#[async_trait]
impl Performer for HttpProvider {
    async fn perform(&self, job: &Job) -> Performed {
        match Request::of(job) {
            Ok(request) => self.call(&request).await,
            Err(reason) => Performed::Failed(reason),
        }
    }
}
