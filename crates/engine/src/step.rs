//! Steps: everything that moves. Production drives them by signal and period, tests drain them, the simulation
//! picks the next one from a seed.

use async_trait::async_trait;
use jiff::Timestamp;

use crate::fault::Fault;

/// A moving part: no input, idempotent, bounded.
#[async_trait]
pub trait Step: Send {
    /// What it is called in logs and metrics, such as `orders/apply`.
    fn name(&self) -> &str;

    /// Moves once.
    async fn step(&mut self) -> Result<Progress, Fault>;

    /// Waits until there may be something to do without the clock saying so. May wake too often.
    async fn wait(&mut self);

    /// It is not stepped any more: lets go of what others may wait for.
    async fn stop(&mut self) {}
}

/// What a step came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// It did something; there may be more.
    Worked,
    /// There is nothing to do before this time, unless woken.
    Idle(Option<Timestamp>),
}

/// Steps everything until nothing moves any more without the clock moving.
///
/// # Errors
/// The first fault of a step, and [`Fault::Unavailable`] if it still moves after `limit` rounds.
pub async fn settle(steps: &mut [Box<dyn Step>], limit: usize) -> Result<(), Fault> {
    for _ in 0..limit {
        let mut moved = false;
        for step in steps.iter_mut() {
            moved |= step.step().await? == Progress::Worked;
        }
        if !moved {
            return Ok(());
        }
    }
    Err(Fault::Unavailable(format!("it still moves after {limit} rounds")))
}
