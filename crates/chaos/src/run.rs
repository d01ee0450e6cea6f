//! Runs of scenarios, and what the command ends with.

use std::process::ExitCode;

use anyhow::{Result, bail};
use client::say;

use crate::args::{Args, Command, Run};
use crate::play;
use crate::report::Report;
use crate::scenario::Scenario;
use crate::stage::Stage;

/// What a shell expects of a program that Ctrl-C ended.
const INTERRUPTED: u8 = 130;

/// How a scenario ended.
enum Ended {
    Played(Report),
    Interrupted,
}

/// Does what the command line says.
///
/// # Errors
/// One line that says what cannot be.
pub async fn run(args: Args) -> Result<ExitCode> {
    match args.command {
        Command::List => list(),
        Command::Run(run) => play_all(&run).await,
    }
}

fn list() -> Result<ExitCode> {
    for scenario in Scenario::ALL {
        say(format_args!("{:<16} {}", scenario.name(), scenario.summary()))?;
    }
    say("\nordo chaos run SCENARIO plays one in a shop of its own, ordo chaos run --all all of them.")?;
    Ok(ExitCode::SUCCESS)
}

async fn play_all(run: &Run) -> Result<ExitCode> {
    let mut broken = Vec::new();
    let scenarios = chosen(run)?;
    for scenario in &scenarios {
        match play_one(*scenario, run).await? {
            Ended::Interrupted => return Ok(ExitCode::from(INTERRUPTED)),
            Ended::Played(report) => {
                if run.json {
                    client::report(serde_json::to_string(&report)?)?;
                }
                broken.extend((!report.held).then_some(report.scenario));
            }
        }
    }
    if !run.json && scenarios.len() > 1 {
        let held = scenarios.len() - broken.len();
        let not = if broken.is_empty() { String::new() } else { format!("; not {}", broken.join(", ")) };
        client::report(format_args!("{held} of {} scenarios held{not}", scenarios.len()))?;
    }
    Ok(if broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn chosen(run: &Run) -> Result<Vec<Scenario>> {
    let can_be = |scenario: &Scenario| !run.running || !scenario.needs_own_shop();
    match run.all {
        true => Ok(Scenario::ALL.into_iter().filter(can_be).collect()),
        false => match run.scenarios.iter().find(|scenario| !can_be(scenario)) {
            Some(scenario) => bail!("{} kills its server: leave --running away", scenario.name()),
            None => Ok(run.scenarios.clone()),
        },
    }
}

/// Plays one. Whatever ends it, its stage is closed.
async fn play_one(scenario: Scenario, run: &Run) -> Result<Ended> {
    let stage = Stage::set(scenario, run.running.then_some(&*run.url), run.json).await?;
    stage.line(&format!("== {}: {}", scenario.name(), scenario.summary()));
    stage.line(scenario.story());
    stage.line(&format!(
        "Watch it: {0}/api/v1/orders?limit=10, {0}/docs, ORDO_URL={0} ordo orders watch",
        stage.caller.url()
    ));
    let (played, is_interrupted) = tokio::select! {
        played = tokio::time::timeout(run.limit, play::play(scenario, &stage)) => {
            (played.unwrap_or_else(|_| bail_out(run)), false)
        }
        _ = tokio::signal::ctrl_c() => (Err(anyhow::anyhow!("interrupted")), true),
    };
    if is_interrupted {
        let turned_back = stage.knobs.turn_back(&stage.caller).await;
        // The child of a terminal was interrupted too, and its provider's knobs went with it.
        return if stage.is_own() {
            Ok(Ended::Interrupted)
        } else {
            turned_back.map(|()| Ended::Interrupted)
        };
    }
    Ok(Ended::Played(stage.close(played).await))
}

fn bail_out(run: &Run) -> Result<()> {
    bail!("it did not come to its end within {:?}", run.limit)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        run: Run,
    }

    fn chosen_by(flags: &[&str]) -> Result<Vec<Scenario>> {
        chosen(&Cli::try_parse_from([&["run"], flags].concat()).unwrap().run)
    }

    #[test]
    fn nobody_elses_server_is_killed() {
        assert_eq!(chosen_by(&["--all"]).unwrap().len(), Scenario::ALL.len());
        assert!(!chosen_by(&["--all", "--running"]).unwrap().contains(&Scenario::Crash));
        assert!(chosen_by(&["crash", "--running"]).unwrap_err().to_string().contains("kills its server"));
        assert_eq!(chosen_by(&["crash", "unknown"]).unwrap(), [Scenario::Crash, Scenario::Unknown]);
    }
}
