//! A place: what each stream has of the process's bounds, and how it hears of the end.

use std::time::Duration;

use prometheus_client::metrics::gauge::Gauge;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// A stream's place among those that are open, given back when dropped.
pub(crate) struct Place {
    _permit: OwnedSemaphorePermit,
    open: Gauge,
    stop: CancellationToken,
}

/// What came of waiting.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Waited<T> {
    /// It is there.
    Came(T),
    /// Nothing came for as long as was to be waited.
    Quiet,
    /// The process stops.
    Over,
}

impl Place {
    /// Takes the place.
    pub fn new(permit: OwnedSemaphorePermit, open: Gauge, stop: CancellationToken) -> Self {
        open.inc();
        Self { _permit: permit, open, stop }
    }

    /// Waits for something, no longer than `until`, and not beyond the process's end.
    pub async fn wait<T>(&self, until: Instant, what: impl Future<Output = T>) -> Waited<T> {
        tokio::select! {
            biased;
            () = self.stop.cancelled() => Waited::Over,
            came = tokio::time::timeout_at(until, what) => came.map_or(Waited::Quiet, Waited::Came),
        }
    }

    /// Waits for a while, no longer than `until`, and not beyond the process's end.
    pub async fn pause(&self, until: Instant, pause: Duration) -> Waited<()> {
        let end = Instant::now() + pause;
        match self.wait(until.min(end), std::future::pending()).await {
            Waited::Quiet if end < until => Waited::Came(()),
            waited => waited,
        }
    }

    /// Whether the process stops.
    pub fn is_over(&self) -> bool {
        self.stop.is_cancelled()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.open.dec();
    }
}
