//! Crash points for the kill test: `ORDO_CRASH_AT=orders/commit.after:137` kills this process with SIGKILL when that
//! point is reached for the 137th time. Without the variable nothing is decorated.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, Result, bail};
use engine::Fault;
use engine::faults::{Faults, POINTS};

/// Dies at one point.
#[derive(Debug)]
struct CrashAt {
    service: String,
    point: &'static str,
    left: AtomicU64,
}

/// The crash point that the environment names, if it names one.
///
/// # Errors
/// If it is not `service/point:count`.
pub fn from_environment() -> Result<Option<Arc<dyn Faults>>> {
    let Ok(wanted) = std::env::var("ORDO_CRASH_AT") else { return Ok(None) };
    if wanted.is_empty() {
        return Ok(None);
    }
    let shape = || format!("ORDO_CRASH_AT is '{wanted}'; write it as service/point:count");
    let (place, count) = wanted.split_once(':').with_context(shape)?;
    let (service, point) = place.split_once('/').with_context(shape)?;
    let Some(point) = POINTS.iter().find(|known| **known == point) else {
        bail!("ORDO_CRASH_AT names the point '{point}'; there are {}", POINTS.join(", "));
    };
    let left = AtomicU64::new(count.parse().with_context(shape)?);
    Ok(Some(Arc::new(CrashAt { service: service.to_owned(), point, left })))
}

impl Faults for CrashAt {
    fn at(&self, service: &'static str, point: &'static str) -> Result<(), Fault> {
        if point == self.point && service == self.service && self.left.fetch_sub(1, Ordering::AcqRel) == 1 {
            let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
        }
        Ok(())
    }
}
