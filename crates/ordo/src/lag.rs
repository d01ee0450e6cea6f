//! The lag: tells the metrics now and then how far the services are behind the logs they read.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use engine::reading::{Lag, Reading};
use engine::retry::later;
use engine::{Clock, Fault, Progress, Step, SystemClock};
use http_api::Metrics;
use jiff::Timestamp;

/// The time between two looks.
const PERIOD: Duration = Duration::from_secs(5);

/// Looks at the readings.
pub struct Watch {
    readings: Vec<Reading>,
    metrics: Arc<Metrics>,
    next: Option<Timestamp>,
}

impl Watch {
    /// Watches these readings.
    pub fn new(readings: Vec<Reading>, metrics: Arc<Metrics>) -> Self {
        Self { readings, metrics, next: None }
    }
}

#[async_trait]
impl Step for Watch {
    fn name(&self) -> &'static str {
        "lag"
    }

    async fn step(&mut self) -> Result<Progress, Fault> {
        let now = SystemClock.now();
        if let Some(next) = self.next.filter(|next| *next > now) {
            return Ok(Progress::Idle(Some(next)));
        }
        let mut logs: BTreeMap<&'static str, Lag> = BTreeMap::new();
        for reading in &self.readings {
            let lag = reading.lag(now).await?;
            self.metrics.consumer_lag(reading.source, reading.consumer, lag.events);
            let log = logs.entry(reading.source).or_default();
            log.events = log.events.max(lag.events);
            log.oldest = log.oldest.max(lag.oldest);
        }
        for (service, log) in logs {
            self.metrics.log_backlog(service, log.events, log.oldest);
        }
        self.next = Some(later(now, PERIOD));
        Ok(Progress::Idle(self.next))
    }

    async fn wait(&mut self) {
        std::future::pending().await
    }
}
