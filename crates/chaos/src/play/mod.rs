//! The plays, one file each: what happens in a scenario, and what has to hold.

mod crash;
mod dead_letter;
mod declined;
mod duplicate;
mod outage;
mod overload;
mod unknown;

use anyhow::Result;

use crate::scenario::Scenario;
use crate::stage::Stage;

/// Plays the scenario.
///
/// # Errors
/// If it cannot be played to its end. What did not hold is no error: the stage knows.
pub async fn play(scenario: Scenario, stage: &Stage) -> Result<()> {
    match scenario {
        Scenario::Declined => declined::play(stage).await,
        Scenario::Unknown => unknown::play(stage).await,
        Scenario::ProviderOutage => outage::play(stage).await,
        Scenario::DeadLetter => dead_letter::play(stage).await,
        Scenario::Duplicate => duplicate::play(stage).await,
        Scenario::Overload => overload::play(stage).await,
        Scenario::Crash => crash::play(stage).await,
    }
}
