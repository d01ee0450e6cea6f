//! The connections of a run at work, one task each, until they are done or told to stop.

use anyhow::Context;
use tokio::{sync::watch, task::JoinSet};

use crate::{harvest::Harvest, placer::Placer, reader::Reader};

/// Said when a task panicked or was torn down.
const LOST_TASK: &str = "a connection's task did not finish";

/// How far a run has come to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    /// All work.
    Working,
    /// All orders are placed, so accompanying reads end.
    Placed,
    /// Everything ends at once; requests under way are dropped and not counted.
    Interrupted,
}

/// Tasks at work.
pub struct Crew {
    placers: JoinSet<anyhow::Result<Harvest>>,
    readers: JoinSet<anyhow::Result<Harvest>>,
    phase: watch::Sender<Phase>,
    harvest: Harvest,
}

impl Crew {
    /// A crew of nobody.
    pub fn new() -> Self {
        Self {
            placers: JoinSet::new(),
            readers: JoinSet::new(),
            phase: watch::Sender::new(Phase::Working),
            harvest: Harvest::default(),
        }
    }

    /// Sets a placing connection to work.
    pub fn place(&mut self, mut placer: Placer) {
        let phase = self.phase.subscribe();
        self.placers.spawn(async move {
            unless(phase, Phase::Interrupted, placer.work()).await?;
            let mut harvest = placer.harvest;
            harvest.ended = placer.shared.plan.elapsed();
            harvest.reconnects = placer.connection.remade();
            Ok(harvest)
        });
    }

    /// Sets a reading connection to work; it ends when the last placing one does, if there are any.
    pub fn read(&mut self, mut reader: Reader) {
        let phase = self.phase.subscribe();
        self.readers.spawn(async move {
            unless(phase, Phase::Placed, reader.work()).await?;
            let mut harvest = reader.harvest;
            harvest.ended = reader.shared.plan.elapsed();
            harvest.reconnects = reader.connection.remade();
            Ok(harvest)
        });
    }

    /// Waits until all have finished. Safe to cancel and to call again.
    pub async fn finish(&mut self) -> anyhow::Result<()> {
        while let Some(joined) = self.placers.join_next().await {
            self.harvest.absorb(joined.context(LOST_TASK)??);
            if self.placers.is_empty() {
                self.phase.send_modify(|phase| *phase = Phase::Placed.max(*phase));
            }
        }
        while let Some(joined) = self.readers.join_next().await {
            self.harvest.absorb(joined.context(LOST_TASK)??);
        }
        Ok(())
    }

    /// Tells all to end at once.
    pub fn interrupt(&self) {
        self.phase.send_replace(Phase::Interrupted);
    }

    /// What all of them brought home.
    pub fn into_harvest(self) -> Harvest {
        self.harvest
    }
}

/// Works, unless the run comes to the phase first.
async fn unless(
    mut phase: watch::Receiver<Phase>,
    end: Phase,
    work: impl Future<Output = anyhow::Result<()>>,
) -> anyhow::Result<()> {
    tokio::select! {
        biased;
        done = work => done,
        _ = phase.wait_for(|phase| *phase >= end) => Ok(()),
    }
}
