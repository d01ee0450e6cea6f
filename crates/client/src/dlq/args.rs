//! The flags of `ordo dlq`.

use clap::Subcommand;

use crate::at::At;

const HELP: &str = "\
Exit status: 0 done, 1 refused, 2 wrong usage, 3 the server is away: try again.

Examples:
  ordo dlq list
  ordo dlq show payments~019a1f2e-7c4b-7d10-9a53-3f1c5b0e8d21~charge
  ordo dlq redrive --all --consumer payments
  ordo dlq discard ID --reason 'paid in cash'";

/// What to do about dead letters, and where.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// The server.
    #[command(flatten)]
    pub at: At,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What can be done about dead letters.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Lists what could not be handled, the last failure first.
    List(List),
    /// Shows one, with what it says.
    Show {
        /// Its id, as the list shows it.
        id: String,
    },
    /// Tries some again, with all their attempts. What waits behind them follows.
    Redrive(Redrive),
    /// Gives some up; what waits behind them follows. The order's timeline tells why.
    Discard(Discard),
}

/// Which dead letters.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Filters {
    /// Only those of this service: orders, payments, processing, catalog, notifications.
    #[arg(long, value_name = "SERVICE")]
    pub consumer: Option<String>,
    /// Only messages and effects of this type, such as charge or payment.paid.
    #[arg(long, value_name = "TYPE")]
    pub event_type: Option<String>,
    /// Only those about this order.
    #[arg(long, value_name = "ID")]
    pub order_id: Option<String>,
}

/// Which dead letters to list.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "Example: ordo dlq list --consumer payments --state DEAD")]
pub struct List {
    /// Which of them.
    #[command(flatten)]
    pub filters: Filters,
    /// Only those in this state: DEAD, REDRIVING, RESOLVED, DISCARDED; can be repeated. Default: DEAD and REDRIVING.
    #[arg(long = "state", value_name = "STATE")]
    pub states: Vec<String>,
    /// How many, at most 1000.
    #[arg(long, default_value_t = 100, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub limit: u16,
}

/// Which dead letters to try again.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
With --all, those that are dead when it begins are tried once each; what dies meanwhile, or again, is not.

Example: ordo dlq redrive --all --event-type charge --reason 'the provider is back'")]
pub struct Redrive {
    /// Their ids, as the list shows them.
    #[arg(value_name = "ID", required_unless_present = "all", conflicts_with = "all")]
    pub ids: Vec<String>,
    /// All that are dead and that the filters let through.
    #[arg(long)]
    pub all: bool,
    /// Which of them, with --all.
    #[command(flatten)]
    pub filters: Filters,
    /// How many at most, with --all.
    #[arg(long, default_value_t = 1_000, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub limit: u32,
    /// Why, for those who read the order's timeline.
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
}

/// Which dead letters to give up.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "Example: ordo dlq discard ID --reason 'paid in cash'")]
pub struct Discard {
    /// Their ids, as the list shows them.
    #[arg(value_name = "ID", required = true)]
    pub ids: Vec<String>,
    /// Why, for those who read the order's timeline.
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
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

    fn read(flags: &[&str]) -> Result<Args, clap::Error> {
        Cli::try_parse_from([&["dlq"], flags].concat()).map(|cli| cli.args)
    }

    #[test]
    fn nothing_is_done_to_all_by_accident() {
        for wrong in [
            &["redrive"][..],
            &["redrive", "x", "--all"],
            &["redrive", "--all", "--limit", "0"],
            &["discard", "x"],
            &["discard", "--reason", "y"],
            &["list", "--limit", "1001"],
            &["show"],
        ] {
            assert!(read(wrong).is_err(), "{wrong:?}");
        }
        assert!(read(&["redrive", "--all", "--consumer", "payments"]).is_ok());
        assert!(read(&["discard", "x", "y", "--reason", "z", "--json"]).is_ok());
    }
}
