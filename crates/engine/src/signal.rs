//! Wake-ups between steps of one process.

use std::sync::Arc;

use tokio::sync::Notify;

/// Wakes whoever waits for work. A wake-up that comes before the wait is kept, several are one.
#[derive(Clone, Debug, Default)]
pub struct Signal(Arc<Notify>);

impl Signal {
    /// A signal nobody has raised yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Wakes the waiter, now or when it next waits.
    pub fn raise(&self) {
        self.0.notify_one();
    }

    /// Waits until raised.
    pub async fn raised(&self) {
        self.0.notified().await;
    }
}
