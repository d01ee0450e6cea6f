//! The driver: steps by signal and by clock, until told to stop. The one place in production that waits.

use std::time::Duration;

use anyhow::{Result, bail};
use engine::retry::Backoff;
use engine::{Clock, Fault, Progress, Step, SystemClock};
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

/// No step sleeps longer than this, whatever it says: other processes may have made work for it.
const LONGEST_IDLE: Duration = Duration::from_secs(1);
/// The time between two looks at what is waited for, and how many there are.
const LOOK: Duration = Duration::from_millis(2);
const LOOKS: u32 = 15_000;

/// Drives steps.
#[derive(Clone, Debug)]
pub struct Driver {
    /// Stops everything that is driven.
    pub stop: CancellationToken,
    /// The waits behind faults. Attempts have no end.
    retry: Backoff,
}

impl Driver {
    /// A driver that waits like this behind faults.
    pub fn new(retry: Backoff) -> Self {
        Self { stop: CancellationToken::new(), retry }
    }

    /// Steps until stopped. A fault is logged and tried again with back-off; the step under way is always finished.
    pub async fn drive(self, mut step: Box<dyn Step>) {
        // Should the step panic, the process must not go on without it.
        let _guard = self.stop.clone().drop_guard();
        let mut faults = 0;
        while !self.stop.is_cancelled() {
            match step.step().await {
                Ok(Progress::Worked) => {
                    faults = 0;
                    tokio::task::yield_now().await;
                }
                Ok(Progress::Idle(until)) => {
                    faults = 0;
                    idle(&mut *step, until, &self.stop).await;
                }
                Err(fault) => {
                    faults += 1;
                    let again_in = self.retry.wait(faults, u64::from(std::process::id()));
                    report(step.name(), &fault, again_in);
                    tokio::select! {
                        () = wait(again_in) => {}
                        () = self.stop.cancelled() => {}
                    }
                }
            }
        }
        step.stop().await;
    }
}

/// Waits until `is_ready`, looking again and again.
///
/// # Errors
/// The first error of a look, and if it takes longer than half a minute.
pub async fn until<F>(what: &str, mut is_ready: impl FnMut() -> F) -> Result<()>
where
    F: Future<Output = Result<bool, Fault>>,
{
    for _ in 0..LOOKS {
        if is_ready().await? {
            return Ok(());
        }
        wait(LOOK).await;
    }
    bail!("{what} within {} s", (LOOK * LOOKS).as_secs())
}

async fn idle(step: &mut dyn Step, until: Option<Timestamp>, stop: &CancellationToken) {
    let longest = until.map_or(LONGEST_IDLE, |until| {
        let left = until.duration_since(SystemClock.now());
        Duration::try_from(left).unwrap_or_default().min(LONGEST_IDLE)
    });
    tokio::select! {
        biased;
        () = step.wait() => {}
        () = wait(longest) => {}
        () = stop.cancelled() => {}
    }
}

#[expect(clippy::disallowed_methods, reason = "the driver is the one place that waits")]
async fn wait(duration: Duration) {
    tokio::time::sleep(duration).await;
}

fn report(step: &str, fault: &Fault, again_in: Duration) {
    let again_in_ms = u64::try_from(again_in.as_millis()).unwrap_or(u64::MAX);
    match fault {
        Fault::Corrupt(_) | Fault::Crashed(_) => tracing::error!(step, %fault, again_in_ms, "a step failed"),
        Fault::Unavailable(_) | Fault::Rejected(_) => {
            tracing::warn!(step, %fault, again_in_ms, "a step failed")
        }
    }
}
