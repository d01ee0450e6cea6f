//! What connections bring home from a run: each its own, added up when they are done.

use std::time::Duration;

use uuid::Uuid;

use crate::{mix::Form, tally::Tally};

/// What one connection, or all of them together, brought home.
#[derive(Default)]
pub struct Harvest {
    /// Placed orders, in the order of [`Form::ALL`].
    pub by_form: [Tally; Form::ALL.len()],
    /// Reads of single orders.
    pub reads: Tally,
    /// Ids to wait for.
    pub placed: Vec<Uuid>,
    /// How often a connection had to be made again.
    pub reconnects: u64,
    /// When the last one finished, after the start.
    pub ended: Duration,
}

impl Harvest {
    /// Adds all that another one brought home.
    pub fn absorb(&mut self, other: Self) {
        for (ours, theirs) in self.by_form.iter_mut().zip(other.by_form) {
            ours.absorb(theirs);
        }
        self.reads.absorb(other.reads);
        self.placed.extend(other.placed);
        self.reconnects += other.reconnects;
        self.ended = self.ended.max(other.ended);
    }
}
