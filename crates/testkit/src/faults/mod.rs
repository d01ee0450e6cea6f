//! What can be done to the ports: decorators beside those of [`engine::faults`], which decide nothing themselves. A
//! [`Rig`] decides: the fault matrix has one that strikes once and exactly there, the simulation one that draws from its
//! seed.
//!
//! The engine's decorators reach a point before and after what a batch does; [`RiggedStore`] reaches the rest, so that
//! each call of the store port is a crash point before and after. [`RiggedInlet`] lets deliveries be doubled, delayed
//! and reordered, [`RiggedPerformer`] the jobs; [`RiggedPublisher`] reaches a point before and after a broker has taken something.

use std::sync::Arc;

use engine::faults::Faults;
use engine::store::Stream;
use engine::{Delivery, Job, Performed, Scheduled};

mod detours;
mod inlet;
mod performer;
mod publisher;
mod store;

pub use detours::{Detours, Place};
pub use inlet::RiggedInlet;
pub use performer::RiggedPerformer;
pub use publisher::RiggedPublisher;
pub use store::RiggedStore;

/// Decides what is done to the ports of all services. It outlives restarts.
pub trait Rig: Faults {
    /// What of a poll reaches the consumer. Called for empty polls too.
    fn deliver(&self, place: Place, polled: Vec<Delivery>) -> Vec<Delivery> {
        let _ = place;
        polled
    }

    /// Everything delivered so far at the place is committed.
    fn settled(&self, place: Place) {
        let _ = place;
    }

    /// What was delivered since the last settle was not committed.
    fn rewound(&self, place: Place) {
        let _ = place;
    }

    /// The process is dead, and a new one begins.
    fn restarted(&self) {}

    /// What of the due rows reaches the batch.
    fn due(&self, service: &'static str, rows: Vec<Scheduled>) -> Vec<Scheduled> {
        let _ = service;
        rows
    }

    /// How a job is performed.
    fn perform(&self, service: &'static str, job: &Job) -> Manner {
        let _ = (service, job);
        Manner::Once
    }

    /// What a transaction sees of a key's marks.
    fn marks(&self, service: &'static str, stream: Stream) -> Stream {
        let _ = service;
        stream
    }

    /// What a starting consumer sees of its cursors.
    fn cursors(&self, service: &'static str, cursors: Vec<(u16, u64)>) -> Vec<(u16, u64)> {
        let _ = service;
        cursors
    }
}

/// How a job is performed.
#[derive(Clone, Debug)]
pub enum Manner {
    /// As it should be.
    Once,
    /// Twice; the second answer counts.
    Twice,
    /// Not at all; this is said instead.
    Instead(Performed),
    /// As it should be, but the answer comes only when the gate is opened.
    Withheld(Gate),
}

/// Keeps an answer back until it is opened.
#[derive(Clone, Debug, Default)]
pub struct Gate(Arc<tokio::sync::Notify>);

impl Gate {
    /// Lets one answer through, now or when it comes.
    pub fn open(&self) {
        self.0.notify_one();
    }

    /// Waits until it is opened.
    pub async fn opened(&self) {
        self.0.notified().await;
    }
}
