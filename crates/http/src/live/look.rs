//! Looking: for what other processes have written about the orders that somebody follows here.

use std::sync::Arc;

use async_trait::async_trait;
use engine::{Cursors, Fault, Key, Progress, Step};

use super::notices::Notices;

/// Looks for what other processes have written, for all watched orders at once.
pub(super) struct WatchStep {
    notices: Arc<Notices>,
    orders: Arc<dyn Cursors>,
}

impl WatchStep {
    /// Looks at the streams of the orders service.
    pub fn new(notices: Arc<Notices>, orders: Arc<dyn Cursors>) -> Self {
        Self { notices, orders }
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
    }
}
