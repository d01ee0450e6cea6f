//! What else a server stands on: the broker, the cache, the payment provider.

use std::time::Duration;

use anyhow::{Context, Result};
use http::Uri;
use settings::{BrokerUrl, Settings};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::finding::Findings;
use crate::{brokers, caches};

/// How long each may take to answer.
const LIMIT: Duration = Duration::from_secs(10);

/// Looks at all of them.
pub async fn look(settings: &Settings, findings: &mut Findings) {
    broker(settings, findings).await;
    cache(settings, findings).await;
    provider(settings, findings).await;
}

async fn broker(settings: &Settings, findings: &mut Findings) {
    let part = "broker";
    if settings.broker_url == BrokerUrl::Embedded {
        return findings.good(part, "embedded: services read each other's logs");
    }
    let remedy = "start it, or mend ORDO_BROKER_URL; until then orders are taken and events wait";
    match in_time(missing(settings)).await {
        Ok(missing) if missing.is_empty() => {
            findings.good(part, "reachable, and all that is needed is there")
        }
        Ok(missing) => {
            let found = format!("reachable; not there yet: {}", missing.join(", "));
            findings.note(part, found, "the first server makes them, if its user may");
        }
        Err(error) => findings.bad(part, format_args!("{error:#}"), remedy),
    }
}

async fn missing(settings: &Settings) -> Result<Vec<String>> {
    let broker = brokers::open(settings)?.context("there is no broker")?;
    let missing = broker.missing().await;
    broker.close().await;
    Ok(missing?)
}

async fn cache(settings: &Settings, findings: &mut Findings) {
    let part = "cache";
    match in_time(caches::ping(settings)).await {
        Ok(None) => findings.good(part, "in memory, where one process has the database; else none"),
        Ok(Some(())) => findings.good(part, "reachable"),
        Err(error) => {
            let remedy = "start it, or mend ORDO_CACHE_URL; until then the database is asked";
            findings.bad(part, format_args!("{error:#}"), remedy);
        }
    }
}

async fn provider(settings: &Settings, findings: &mut Findings) {
    let part = "payment provider";
    let Some(url) = &settings.payment_url else {
        return findings.good(part, "the one that ships with ordo, beside the server");
    };
    match in_time(connect(url.as_str())).await {
        Ok(()) => findings.good(part, format_args!("{url} takes connections")),
        Err(error) => {
            let remedy = "start it, or mend ORDO_PAYMENT_URL; until then orders are taken and charges wait";
            findings.bad(part, format_args!("{url}: {error:#}"), remedy);
        }
    }
}

/// Whether somebody is there. What it would answer is not asked: every question of a provider is about money.
async fn connect(url: &str) -> Result<()> {
    let uri: Uri = url.parse()?;
    let host = uri.host().context("it names no host")?;
    let usual = if uri.scheme_str() == Some("https") { 443 } else { 80 };
    let port = uri.port_u16().unwrap_or(usual);
    TcpStream::connect(format!("{host}:{port}")).await.map(drop).context("nobody takes a connection")
}

async fn in_time<T>(asked: impl Future<Output = Result<T>>) -> Result<T> {
    timeout(LIMIT, asked).await.with_context(|| format!("no answer within {} s", LIMIT.as_secs()))?
}
