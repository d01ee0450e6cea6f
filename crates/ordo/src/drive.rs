//! The driver: steps by signal and by clock, until told to stop. The one place in production that waits.

use std::time::Duration;

use engine::{Clock, Fault, Progress, Step, SystemClock};
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

/// No step sleeps longer than this, whatever it says: other processes may have made work for it.
const LONGEST_IDLE: Duration = Duration::from_secs(1);
/// The wait behind a fault doubles from the first to the second.
const FAULT_WAITS: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(2));

/// Steps until stopped. A fault is logged and tried again with back-off; the step under way is always finished.
pub async fn drive(mut step: Box<dyn Step>, stop: CancellationToken) {
    let mut fault_wait = FAULT_WAITS.0;
    while !stop.is_cancelled() {
        match step.step().await {
            Ok(Progress::Worked) => {
                fault_wait = FAULT_WAITS.0;
                tokio::task::yield_now().await;
            }
            Ok(Progress::Idle(until)) => {
                fault_wait = FAULT_WAITS.0;
                idle(&mut *step, until, &stop).await;
            }
            Err(fault) => {
                report(step.name(), &fault, fault_wait);
                tokio::select! {
                    () = wait(fault_wait) => {}
                    () = stop.cancelled() => {}
                }
                fault_wait = (fault_wait * 2).min(FAULT_WAITS.1);
            }
        }
    }
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
