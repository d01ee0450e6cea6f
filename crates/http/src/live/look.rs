//! Looking: for what other processes have written about the orders that somebody follows here.

use std::sync::Arc;

use async_trait::async_trait;
use engine::{Cursors, Fault, Key, Progress, Step};
use tokio::time::Interval;

use super::notices::Notices;
use super::tail::pace;

/// Looks for what other processes have written, for all watched orders at once.
pub(super) struct WatchStep {
    notices: Arc<Notices>,
    orders: Arc<dyn Cursors>,
    pace: Option<Interval>,
}

impl WatchStep {
    /// Looks at the streams of the orders service.
    pub fn new(notices: Arc<Notices>, orders: Arc<dyn Cursors>) -> Self {
        Self { notices, orders, pace: None }
    }
}

#[async_trait]
impl Step for WatchStep {
    fn name(&self) -> &'static str {
        "live/orders"
    }

    /// Whoever drives it looks at it about every second.
    async fn step(&mut self) -> Result<Progress, Fault> {
        let watched = self.notices.watched.keys();
        if !watched.is_empty() {
            for (key, stream) in self.orders.streams(&watched).await? {
                if let Key::Id(order) = key {
                    self.notices.watched.tell(order, stream.noted);
                }
            }
        }
        Ok(Progress::Idle(None))
    }

    async fn wait(&mut self) {
        self.notices.elsewhere.raised().await;
        self.pace.get_or_insert_with(pace).tick().await;
    }
}
