//! The room on the disk of a data directory: tells the metrics now and then, and the log when it is getting little.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use engine::retry::later;
use engine::{Clock, Fault, Progress, Step, SystemClock};
use http_api::Metrics;
use jiff::Timestamp;

/// The time between two looks.
const PERIOD: Duration = Duration::from_secs(5);

/// Looks at a disk.
pub struct Watch {
    directory: PathBuf,
    metrics: Arc<Metrics>,
    /// Below this many bytes it is little.
    low: u64,
    /// Whether the log was told. It is told once, until there is more room again.
    is_told: bool,
    next: Option<Timestamp>,
}

impl Watch {
    /// Watches the disk that this directory is on.
    pub fn new(directory: PathBuf, low: u64, metrics: Arc<Metrics>) -> Self {
        Self { directory, metrics, low, is_told: false, next: None }
    }

    fn tell(&mut self, free: u64) {
        self.metrics.data_free(free);
        let is_low = free < self.low;
        if is_low && !self.is_told {
            let directory = self.directory.display();
            tracing::warn!(%directory, free_bytes = free, "the disk is nearly full; make space before it is");
        }
        self.is_told = is_low;
    }
}

#[async_trait]
impl Step for Watch {
    fn name(&self) -> &'static str {
        "space"
    }

    async fn step(&mut self) -> Result<Progress, Fault> {
        let now = SystemClock.now();
        if let Some(next) = self.next.filter(|next| *next > now) {
            return Ok(Progress::Idle(Some(next)));
        }
        // Where it cannot be told, readiness says why as soon as something cannot be written.
        if let Ok(disk) = rustix::fs::statvfs(&self.directory) {
            self.tell(disk.f_bavail.saturating_mul(disk.f_frsize));
        }
        self.next = Some(later(now, PERIOD));
        Ok(Progress::Idle(self.next))
    }

    async fn wait(&mut self) {
        std::future::pending().await
    }
}
