//! The flags of `ordo simulate`, and how their values are read.

use std::{str::FromStr, time::Duration};

use anyhow::{Context, bail};
use http::{HeaderName, HeaderValue};
use settings::duration;
use uuid::Uuid;

use crate::mix::Mix;

/// Where `ordo serve` listens unless told otherwise.
const DEFAULT_URL: &str = "http://127.0.0.1:8000";

/// Orders placed when neither `--orders` nor `--duration` bounds the run.
const DEFAULT_ORDERS: u64 = 1000;

/// Put load on a running server and report how it answered.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "\
Examples:
  ordo simulate --orders 10000 --wait
  ordo simulate --rate 200 --duration 30s --mix catalogue --json")]
pub struct Args {
    /// Where the server listens; plain HTTP.
    #[arg(long, env = "ORDO_URL", default_value = DEFAULT_URL, value_parser = url)]
    pub url: String,

    /// Orders per second (open loop; latency counts from the intended send time). Full speed without it.
    #[arg(long, value_name = "PER_SECOND", value_parser = clap::value_parser!(u32).range(1..))]
    pub rate: Option<u32>,

    /// Connections kept open, each with one request at a time.
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub connections: u32,

    /// Stop after this many orders (or reads with --get). 1000 when --duration is not given either.
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    pub orders: Option<u64>,

    /// Stop after this time, as in 60s, 2m, 500ms.
    #[arg(long, value_parser = duration)]
    pub duration: Option<Duration>,

    /// Climb to the rate in a straight line over this time.
    #[arg(long, value_parser = duration, requires = "rate")]
    pub ramp: Option<Duration>,

    /// Which forms of an order, and in which proportion. One name or number (1 to 5) is that form alone.
    #[arg(long, value_name = "FORM[=WEIGHT],...", default_value = Mix::DEFAULT)]
    pub mix: Mix,

    /// Order everything the menu has on offer, not only a few well-known dishes.
    #[arg(long)]
    pub menu: bool,

    /// Payment method of forms 1 to 4. Without it only catalogue lines are paid, by card.
    #[arg(long, value_name = "METHOD")]
    pub payment_method: Option<String>,

    /// Send an Idempotency-Key with each order.
    #[arg(long)]
    pub idempotency_keys: bool,

    /// Also read recently placed orders: 50% is one read for every two orders, 200/s a rate of its own.
    #[arg(long, value_name = "PERCENT%|N/s")]
    pub read: Option<ReadLoad>,

    /// Place nothing: read this order, or recent ones, as fast as --rate or the server allows.
    #[arg(long, value_name = "ID|recent", conflicts_with_all = ["read", "wait", "menu", "idempotency_keys"])]
    pub get: Option<ReadTarget>,

    /// Afterwards wait until the placed orders have ended, and report how long that took from acceptance.
    #[arg(long)]
    pub wait: bool,

    /// How long --wait waits at most.
    #[arg(long, default_value = "60s", value_parser = duration, requires = "wait")]
    pub wait_limit: Duration,

    /// Time limit of one request, and of re-establishing a lost connection.
    #[arg(long, default_value = "10s", value_parser = duration)]
    pub timeout: Duration,

    /// Another request header, for instance "Authorization: Bearer ...". May be repeated.
    #[arg(long, value_name = "NAME: VALUE", value_parser = header)]
    pub header: Vec<(HeaderName, HeaderValue)>,

    /// Print one JSON object with all figures instead of the table; no progress bar.
    #[arg(long)]
    pub json: bool,

    /// Seed of the orders' content; random when absent. External ids are fresh in each run all the same.
    #[arg(long)]
    pub seed: Option<u64>,
}

impl Args {
    /// How many requests the run may make; `None` when only time bounds it.
    #[must_use]
    pub fn request_limit(&self) -> Option<u64> {
        self.orders.or_else(|| self.duration.is_none().then_some(DEFAULT_ORDERS))
    }
}

/// How many reads accompany the orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadLoad {
    /// Reads per hundred orders, made on the connections that place.
    Percent(u32),
    /// Reads per second, made on connections of their own.
    PerSecond(u32),
}

impl FromStr for ReadLoad {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        let (number, unit): (&str, fn(u32) -> Self) = match (text.strip_suffix('%'), text.strip_suffix("/s"))
        {
            (Some(number), _) => (number, Self::Percent),
            (_, Some(number)) => (number, Self::PerSecond),
            _ => bail!("write reads as a percentage of the orders (50%) or as a rate (200/s)"),
        };
        match number.trim().parse() {
            Ok(0) | Err(_) => bail!("`{number}` is not a whole number above 0"),
            Ok(number) => Ok(unit(number)),
        }
    }
}

/// What a pure read run reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadTarget {
    /// The newest thousand orders, at random.
    Recent,
    /// One order, again and again.
    Order(Uuid),
}

impl FromStr for ReadTarget {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        match text {
            "recent" => Ok(Self::Recent),
            id => Ok(Self::Order(id.parse().context("give the id of an order, or `recent`")?)),
        }
    }
}

/// Reads a server's address; an empty one, as of a variable that is set to nothing, is the usual one.
fn url(text: &str) -> Result<String, std::convert::Infallible> {
    Ok(if text.is_empty() { DEFAULT_URL } else { text }.to_owned())
}

/// Reads one `Name: value`.
fn header(text: &str) -> anyhow::Result<(HeaderName, HeaderValue)> {
    let (name, value) = text.split_once(':').context("write a header as `Name: value`")?;
    let mut value = HeaderValue::from_str(value.trim())?;
    value.set_sensitive(true);
    Ok((name.trim().parse()?, value))
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

    fn parse(flags: &[&str]) -> Result<Args, clap::Error> {
        Cli::try_parse_from([&["simulate"], flags].concat()).map(|cli| cli.args)
    }

    #[test]
    fn an_empty_address_is_the_usual_one() {
        assert_eq!(parse(&["--url", ""]).unwrap().url, DEFAULT_URL);
        assert_eq!(parse(&["--url", "http://shop"]).unwrap().url, "http://shop");
    }

    #[test]
    fn a_run_is_always_bounded() {
        assert_eq!(parse(&[]).unwrap().request_limit(), Some(1000));
        assert_eq!(parse(&["--orders", "5"]).unwrap().request_limit(), Some(5));
        assert_eq!(parse(&["--duration", "1m30s"]).unwrap().request_limit(), None);
        assert_eq!(parse(&["--duration", "1m30s"]).unwrap().duration, Some(Duration::from_secs(90)));
    }

    #[test]
    fn reads_are_a_share_or_a_rate() {
        assert_eq!("50%".parse::<ReadLoad>().unwrap(), ReadLoad::Percent(50));
        assert_eq!("200/s".parse::<ReadLoad>().unwrap(), ReadLoad::PerSecond(200));
        for wrong in ["50", "0%", "-1/s", "many"] {
            assert!(wrong.parse::<ReadLoad>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn flags_that_make_no_sense_are_refused() {
        for wrong in [
            &["--ramp", "10s"][..],
            &["--rate", "0"],
            &["--duration", "0s"],
            &["--get", "recent", "--wait"],
            &["--get", "x"],
            &["--header", "no colon"],
        ] {
            assert!(parse(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_header_is_kept_out_of_sight() {
        let args = parse(&["--header", "Authorization: Bearer secret"]).unwrap();
        assert!(!format!("{args:?}").contains("secret"));
    }
}
