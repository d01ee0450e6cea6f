//! The flags of `ordo chaos`.

use std::time::Duration;

use clap::Subcommand;
use client::DEFAULT_URL;
use settings::duration;

use crate::scenario::Scenario;

const HELP: &str = "\
Exit status: 0 all that has to hold has held, 1 something has not, 2 wrong usage, 130 interrupted.

Examples:
  ordo chaos list
  ordo chaos run crash
  ordo chaos run --all
  ordo chaos run declined --running --url http://127.0.0.1:8000";

/// What to do about scenarios.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What can be done about scenarios.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Lists the scenarios, with what each shows.
    List,
    /// Plays scenarios, and tells what happens as it happens.
    Run(Run),
}

/// Which scenarios to play, and where.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Each scenario has a shop of its own, in a directory that goes with it, unless --running says otherwise. What is turned at the \
payment provider of a running server is turned back at the end, also when you leave with Ctrl-C.

Examples:
  ordo chaos run unknown
  ordo chaos run --all --json")]
pub struct Run {
    /// Their names.
    #[arg(value_enum, required_unless_present = "all", conflicts_with = "all")]
    pub scenarios: Vec<Scenario>,
    /// All there are; on a running server all that kill nothing.
    #[arg(long)]
    pub all: bool,
    /// On the running server at --url instead of a shop of its own.
    #[arg(long)]
    pub running: bool,
    /// The running server; plain HTTP.
    #[arg(long, env = "ORDO_URL", default_value = DEFAULT_URL, value_parser = client::url)]
    pub url: String,
    /// How long one scenario may take, as in 90s or 5m.
    #[arg(long, default_value = "5m", value_name = "TIME", value_parser = duration)]
    pub limit: Duration,
    /// Prints what came of it as one JSON object per scenario. What happens meanwhile is told on standard error.
    #[arg(long)]
    pub json: bool,
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        args: Args,
    }

    #[test]
    fn something_has_to_be_played() {
        for wrong in [
            &["run"][..],
            &["run", "declined", "--all"],
            &["run", "lightning"],
            &["run", "crash", "--limit", "0"],
        ] {
            assert!(Cli::try_parse_from([&["chaos"], wrong].concat()).is_err(), "{wrong:?}");
        }
        let cli = Cli::try_parse_from(["chaos", "run", "provider-outage", "crash"]).unwrap();
        assert!(matches!(cli.args.command, Command::Run(run) if run.scenarios.len() == 2));
    }
}
