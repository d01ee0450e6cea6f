//! Reads that may take long: a few at a time, and not in the way of other tasks of the thread.

use engine::Fault;
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::Semaphore;

/// Scans of a file at a time; further ones wait.
const AT_A_TIME: usize = 2;

/// The places of scans.
#[derive(Debug)]
pub(crate) struct Scans(Semaphore);

impl Scans {
    pub fn new() -> Self {
        Self(Semaphore::new(AT_A_TIME))
    }

    /// Runs `scan` when there is a place. Where the runtime has several threads, the others take over this one's tasks.
    pub async fn run<T>(&self, scan: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
        let _place = self.0.acquire().await.map_err(|error| Fault::Unavailable(error.to_string()))?;
        match Handle::try_current().map(|handle| handle.runtime_flavor()) {
            Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(scan),
            _ => scan(),
        }
    }
}
