//! Reading: a connection that asks for orders by id, beside the placing ones or (`--get`) alone.

use std::sync::Arc;

use anyhow::{Context, ensure};
use serde::Deserialize;
use uuid::Uuid;

use crate::{
    args::ReadTarget,
    connection::{Connection, rest},
    dice::Dice,
    harvest::Harvest,
    live::Live,
    outcome::{Failure, Outcome},
    pace::Plan,
    recent::Recent,
    target::Target,
};

/// What all reading connections share.
pub struct Reading {
    /// Where reads go.
    pub target: Arc<Target>,
    /// When they go, and how many.
    pub plan: Plan,
    /// What is read.
    pub recent: Arc<Recent>,
    /// The figures so far, when reads are what the run is about.
    pub live: Option<Arc<Live>>,
    /// What the choice is drawn from.
    pub seed: u64,
}

/// One connection that reads orders.
pub struct Reader {
    /// What it shares with the others.
    pub shared: Arc<Reading>,
    /// Its connection.
    pub connection: Connection,
    /// What it counted.
    pub harvest: Harvest,
}

impl Reader {
    /// A connection that has read nothing yet.
    pub fn new(shared: Arc<Reading>, connection: Connection) -> Self {
        Self { shared, connection, harvest: Harvest::default() }
    }

    /// Reads until the plan ends or the server stays out of reach. A slot with nothing to read yet is passed over.
    pub async fn work(&mut self) -> anyhow::Result<()> {
        let shared = Arc::clone(&self.shared);
        while let Some(slot) = shared.plan.take() {
            let since = slot.wait().await;
            let Some(id) = shared.recent.any(&mut Dice::of(shared.seed, slot.number)) else { continue };
            let request = shared.target.read_orders(&format!("/{id}"))?;
            let outcome = Outcome::of(&self.connection.send(request).await);
            let took = since.elapsed();
            self.harvest.reads.count(outcome, took);
            if let Some(live) = &shared.live {
                live.count(outcome, took);
            }
            match outcome {
                Outcome::Refused(pause) => rest(pause).await,
                Outcome::Failed(Failure::Unreachable) => return Ok(()),
                _ => {}
            }
        }
        Ok(())
    }
}

/// An order in a list, as far as it matters here.
#[derive(Deserialize)]
struct Listed {
    id: Uuid,
}

/// The ids a pure read run chooses from; at least one.
pub async fn choose(
    connection: &mut Connection,
    target: &Target,
    wanted: ReadTarget,
) -> anyhow::Result<Recent> {
    if let ReadTarget::Order(id) = wanted {
        return Ok(Recent::from_iter([id]));
    }
    let answer = connection.fetch(target.read_orders("?limit=1000")?).await;
    let answer = answer.map_err(|failure| anyhow::anyhow!("the orders could not be listed: {failure}"))?;
    ensure!(answer.status == 200, "the list of orders answered {}", answer.status);
    let listed: Vec<Listed> =
        serde_json::from_slice(&answer.body).context("the list of orders is not an array of orders")?;
    ensure!(!listed.is_empty(), "there is no order to read yet; place some first");
    Ok(listed.into_iter().map(|order| order.id).collect())
}
