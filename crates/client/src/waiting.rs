//! The pauses between attempts to reach a server that is away.

use std::time::{Duration, Instant};

use crate::away::Away;

/// The first pause before another attempt.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// The longest pause before another attempt.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// The pauses since the server has last answered something.
pub struct Waiting {
    since: Instant,
    next: Duration,
    patience: Duration,
}

impl Waiting {
    /// For so long it is tried again.
    pub fn new(patience: Duration) -> Self {
        Self { since: Instant::now(), next: FIRST_PAUSE, patience }
    }

    /// Pauses, longer each time.
    ///
    /// # Errors
    /// That the server is away, if there is no more patience.
    pub async fn pause(&mut self, away: Away) -> Result<(), Away> {
        if self.since.elapsed() + self.next > self.patience {
            return Err(away);
        }
        rest(self.next).await;
        self.next = (self.next * 2).min(LONGEST_PAUSE);
        Ok(())
    }
}

/// Lets time pass.
#[expect(clippy::disallowed_methods, reason = "a client program waits in real time; no step, no Clock port")]
pub async fn rest(pause: Duration) {
    tokio::time::sleep(pause).await;
}
