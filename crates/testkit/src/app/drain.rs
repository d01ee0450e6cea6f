//! Moving the shop: step by step, until it rests, through time.

use std::time::Duration;

use engine::{Fault, Progress};
use jiff::Timestamp;

use super::TestApp;

/// More rounds than this no test needs.
const ROUNDS: usize = 10_000;
/// More storage faults in a row than this no test makes.
const FAULTS: usize = 1_000;

/// The shop rests: nothing moves without the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rest {
    /// When something will be due.
    pub next: Option<Timestamp>,
}

impl TestApp {
    /// The names of all steps, in their order.
    pub fn steps(&self) -> Vec<String> {
        self.shop().steps.iter().map(|step| step.name().to_owned()).collect()
    }

    /// Moves one step, by its place among [`Self::steps`].
    ///
    /// # Errors
    /// The step's fault.
    pub fn step_at(&mut self, index: usize) -> Result<Progress, Fault> {
        let shop = self.shop.as_mut().expect("the shop is started");
        self.world.ground.wait(shop.steps[index].step())
    }

    /// Moves the step with this name until it has nothing to do.
    pub fn step(&mut self, name: &str) {
        let index = self.steps().iter().position(|known| known == name).expect("there is such a step");
        while self.step_at(index).expect("no fault") == Progress::Worked {}
    }

    /// Moves everything until nothing moves without the clock, and no broker has anything on its way. Storage faults are met as
    /// the driver meets them: the step is tried again.
    ///
    /// # Errors
    /// [`Fault::Crashed`], and any fault that does not go away.
    ///
    /// # Panics
    /// If what a broker has taken never comes.
    pub fn drain(&mut self) -> Result<Rest, Fault> {
        let mut faults = 0;
        for _ in 0..ROUNDS {
            let (mut moved, mut next) = (false, None);
            for index in 0..self.shop().steps.len() {
                match self.step_at(index) {
                    Ok(Progress::Worked) => moved = true,
                    Ok(Progress::Idle(until)) => next = [next, until].into_iter().flatten().min(),
                    Err(fault @ Fault::Crashed(_)) => return Err(fault),
                    Err(fault) => {
                        moved = true;
                        faults += 1;
                        if faults > FAULTS {
                            return Err(fault);
                        }
                    }
                }
            }
            if !moved && !self.world.has_news() {
                return Ok(Rest { next });
            }
        }
        Err(Fault::Unavailable(format!("it still moves after {ROUNDS} rounds")))
    }

    /// Moves everything until nothing moves without the clock.
    pub fn settle(&mut self) -> Rest {
        self.drain().expect("it comes to rest")
    }

    /// Lets so much time pass, stopping whenever something is due.
    pub fn settle_through(&mut self, time: Duration) {
        self.drain_through(time).expect("it comes to rest");
    }

    /// Lets so much time pass, stopping whenever something is due.
    ///
    /// # Errors
    /// As [`Self::drain`].
    pub fn drain_through(&mut self, time: Duration) -> Result<(), Fault> {
        let end = engine::retry::later(self.now(), time);
        loop {
            match self.drain()?.next {
                Some(next) if next <= end => {
                    assert!(next > self.now(), "something is due and does not move");
                    self.advance_to(next);
                }
                _ => {
                    self.advance_to(end);
                    return self.drain().map(drop);
                }
            }
        }
    }
}
