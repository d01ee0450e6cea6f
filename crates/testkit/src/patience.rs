//! Waiting for what another process does: again and again, and not for ever.

use std::time::Duration;

use tokio::time::{interval, timeout};

/// How long anything may take before its test fails. No test measures by it.
pub const LIMIT: Duration = Duration::from_secs(60);
/// How long to wait before it is tried again.
pub const TICK: Duration = Duration::from_millis(10);

/// Tries until something comes of it.
///
/// # Panics
/// If nothing comes of it within [`LIMIT`].
pub async fn until<T>(what: &str, mut attempt: impl AsyncFnMut() -> Option<T>) -> T {
    within(what, async {
        let mut ticks = interval(TICK);
        loop {
            ticks.tick().await;
            if let Some(came_of_it) = attempt().await {
                return came_of_it;
            }
        }
    })
    .await
}

/// What ends by itself.
///
/// # Panics
/// If it does not end within [`LIMIT`].
pub async fn within<T>(what: &str, doing: impl Future<Output = T>) -> T {
    match timeout(LIMIT, doing).await {
        Ok(done) => done,
        Err(_) => panic!("it does not come to pass within {LIMIT:?} that {what}"),
    }
}
