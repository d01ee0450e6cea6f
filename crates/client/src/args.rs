//! The flags of `ordo orders`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Subcommand, ValueEnum};
use settings::duration;

use crate::at::At;
use crate::filters::Filters;

/// What to do about orders, and where.
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

/// What can be done about orders.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Places an order, stated in any of the five forms.
    Place(Place),
    /// Shows an order.
    Get {
        /// Its id.
        id: String,
    },
    /// Lists orders, newest first.
    List(List),
    /// Tells what happens to an order, or to all of them, as it happens.
    Watch(Watch),
    /// Writes all orders that fit into a file, newest first.
    Export(Export),
    /// Places the orders of a file, one per line. Run again within 24 hours it places none twice.
    Import(Import),
}

/// The order to place.
#[derive(Clone, Debug, clap::Args)]
pub struct Place {
    /// The order as JSON, the name of a file with it, or - for standard input.
    #[arg(value_name = "JSON|FILE|-", default_value = "-")]
    pub order: String,
    /// The Idempotency-Key: the same order under the same key is placed once. Default: a new one.
    #[arg(long)]
    pub key: Option<String>,
}

/// Which orders to list.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct List {
    /// How many, at most 1000.
    #[arg(long, default_value_t = 20, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub limit: u16,
    /// Which ones.
    #[command(flatten)]
    pub filters: Filters,
}

/// Which orders to export, and where to.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EXPORT_HELP)]
pub struct Export {
    /// How they are written. Default: CSV if the file is named so, else NDJSON.
    #[arg(long, value_enum)]
    pub format: Option<Format>,
    /// The file to write. Default: standard output.
    #[arg(short, long, value_name = "FILE|-")]
    pub output: Option<PathBuf>,
    /// Which ones.
    #[command(flatten)]
    pub filters: Filters,
}

/// What to watch.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = WATCH_HELP)]
pub struct Watch {
    /// The order. Without one, the events of all orders are told as they are published, until you leave.
    pub id: Option<String>,
    /// Goes on when the order has ended: money may be given back later.
    #[arg(long, requires = "id")]
    pub follow: bool,
    /// Only events of this type, such as order.completed; can be repeated.
    #[arg(long = "type", value_name = "TYPE", conflicts_with = "id")]
    pub kinds: Vec<String>,
    /// Only events of this topic, such as payment-events.
    #[arg(long, conflicts_with = "id")]
    pub topic: Option<String>,
    /// How long to go on trying while the server answers nothing, as in 90s or 10m.
    #[arg(long, default_value = "60s", value_name = "TIME", value_parser = duration)]
    pub patience: Duration,
}

/// The orders to import.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = IMPORT_HELP)]
pub struct Import {
    /// The file, or - for standard input.
    #[arg(value_name = "FILE|-")]
    pub file: PathBuf,
    /// How the orders are written. Default: CSV if the file is named so, else NDJSON.
    #[arg(long, value_enum)]
    pub format: Option<Format>,
    /// How long to go on trying while the server answers nothing, as in 90s or 10m.
    #[arg(long, default_value = "60s", value_name = "TIME", value_parser = duration)]
    pub patience: Duration,
}

/// How orders are written in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// One JSON object per line: to import in any of the five forms, exported as the API shows it.
    Ndjson,
    /// Comma-separated, one order per row, with the names of the columns in the first row.
    Csv,
}

const HELP: &str = "\
Exit status: 0 done, 1 refused, 2 wrong usage, 3 the server is away: try again.

Examples:
  ordo orders place '{\"customer_name\": \"Ann\", \"total_amount\": \"7.20\"}'
  ordo orders list --status FAILED
  ordo orders watch 019a1f2e-7c4b-7d10-9a53-3f1c5b0e8d21";

const WATCH_HELP: &str = "\
Whoever is cut off comes back and goes on where they were. Exit status: 0 the order has ended, 1 there is no such order, 3 the \
server is away.

Examples:
  ordo orders watch 019a1f2e-7c4b-7d10-9a53-3f1c5b0e8d21
  ordo orders watch --type order.failed --type order.cancelled --json";
const EXPORT_HELP: &str = "\
Orders that are placed meanwhile are not in it. A file gets its name when all of it is there. Exit status: 0 all is written, \
3 the server is away or the export broke off: run it again.

In CSV the lines of an order are one cell, and a cell that a spreadsheet would take for a formula has an apostrophe before it.";

const IMPORT_HELP: &str = "\
A refused line is reported on standard error and stops no other one. Exit status: 0 all are placed, 1 some were refused, \
3 the server is away: run the same command again to go on.

The columns of CSV, all optional and in any order: customer_name, customer_id, total_amount, product_id, quantity, price, \
currency, expected_total, payment_method, external_id, delivery_name, delivery_phone, delivery_zip, delivery_city, \
delivery_address, delivery_region, delivery_email. A row is an amount order (customer_name, total_amount), one priced line \
(customer_id, product_id, quantity, price) or one line from the menu (product_id, quantity). An empty cell says nothing.

Example: ordo orders import orders.ndjson";

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::at::DEFAULT_URL;

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        args: Args,
    }

    fn read(flags: &[&str]) -> Result<Args, clap::Error> {
        Cli::try_parse_from([&["orders"], flags].concat()).map(|cli| cli.args)
    }

    #[test]
    fn flags_may_stand_before_and_behind_what_is_done() {
        for flags in [
            &["--url", "http://shop", "get", "x", "--json"][..],
            &["--json", "get", "x", "--url", "http://shop"],
        ] {
            let args = read(flags).unwrap();
            assert_eq!((args.at.url.as_str(), args.at.json), ("http://shop", true));
        }
        assert_eq!(read(&["list", "--url", ""]).unwrap().at.url, DEFAULT_URL);
    }

    #[test]
    fn flags_that_make_no_sense_are_refused() {
        for wrong in [
            &["list", "--limit", "0"][..],
            &["list", "--limit", "1001"],
            &["import"],
            &["import", "f", "--patience", "0s"],
            &["import", "f", "--patience", "soon"],
            &["import", "f", "--format", "xml"],
            &["get"],
            &["watch", "--follow"],
            &["watch", "x", "--type", "order.paid"],
        ] {
            assert!(read(wrong).is_err(), "{wrong:?}");
        }
    }
}
