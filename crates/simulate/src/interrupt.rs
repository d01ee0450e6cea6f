//! Ctrl-C, which ends a run early and lets it report.

use std::{future::pending, pin::Pin};

use tokio::signal::ctrl_c;

/// The wish to stop, expressed at most once.
pub struct Interrupt {
    signal: Pin<Box<dyn Future<Output = ()> + Send>>,
    /// Whether it has been.
    pub pressed: bool,
}

impl Interrupt {
    /// Begins to listen when it is first waited for.
    pub fn new() -> Self {
        let signal = Box::pin(async {
            if ctrl_c().await.is_err() {
                // Where no signal can be received, none comes.
                pending::<()>().await;
            }
        });
        Self { signal, pressed: false }
    }

    /// Resolves when Ctrl-C is pressed; never a second time. Safe to cancel.
    pub async fn wait(&mut self) {
        if self.pressed {
            pending::<()>().await;
        }
        self.signal.as_mut().await;
        self.pressed = true;
    }
}
