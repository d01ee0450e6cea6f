//! What a run found out.

use std::{
    collections::BTreeMap,
    io::{self, Write},
    time::Duration,
};

use serde::Serialize;

use crate::{
    latency::{Percentiles, per_second},
    settle::Settled,
    tally::Tally,
};

/// The figures of a run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// The server.
    pub url: String,
    /// Connections that placed orders, or read with `--get`.
    pub connections: u32,
    /// The rate asked for, per second; `null` for full speed.
    pub rate: Option<u32>,
    /// The mix of forms; `null` when nothing was placed.
    pub mix: Option<String>,
    /// The seed, to send the same orders again.
    pub seed: u64,
    /// From the start to the last answer.
    pub elapsed_ms: u128,
    /// Whether Ctrl-C ended it.
    pub interrupted: bool,
    /// Requests that should have been made within the run's bounds and were not.
    pub unsent: u64,
    /// How often a connection had to be made again.
    pub reconnects: u64,
    /// One row per operation: `place` and `read`, or `get`.
    pub operations: Vec<Operation>,
    /// `place` again, by form.
    pub place_by_form: Vec<Operation>,
    /// How the orders ended; `null` without `--wait`.
    pub settled: Option<Settled>,
}

/// The figures of one operation.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Operation {
    /// What was done.
    pub name: String,
    /// How often.
    pub requests: u64,
    /// Answered 2xx.
    pub ok: u64,
    /// Answered 429 or 503.
    pub refused: u64,
    /// Neither.
    pub failed: u64,
    /// The failed ones by status, or as `timeout`, `broken`, `unreachable`, `no_location`.
    pub failed_by: BTreeMap<String, u64>,
    /// Answered 2xx per second.
    pub ok_per_s: f64,
    /// Latencies of those answered 2xx. At a given rate they count from the intended send time.
    pub latency: Percentiles,
}

impl Operation {
    /// The figures of a tally.
    pub(crate) fn of(name: &str, tally: &Tally, elapsed: Duration) -> Self {
        Self {
            name: name.to_owned(),
            requests: tally.requests(),
            ok: tally.ok,
            refused: tally.refused,
            failed: tally.failed.values().sum(),
            failed_by: tally.failed.iter().map(|(failure, count)| (failure.to_string(), *count)).collect(),
            ok_per_s: per_second(tally.ok, elapsed),
            latency: tally.latencies.percentiles(),
        }
    }
}

impl Report {
    /// The operation of that name.
    #[must_use]
    pub fn operation(&self, name: &str) -> Option<&Operation> {
        self.operations.iter().find(|operation| operation.name == name)
    }

    /// Whether every request succeeded or was refused for a while, none was left out, and all awaited orders ended.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        let answered = self.operations.iter().all(|operation| operation.failed == 0);
        answered && self.unsent == 0 && self.settled.as_ref().is_none_or(|settled| settled.all_ended)
    }

    /// The figures as one JSON object.
    ///
    /// # Errors
    /// Only if serialization fails, which no figure can cause.
    pub fn json(&self) -> serde_json::Result<String> {
        serde_json::to_string_pretty(self)
    }

    /// Prints [`Self::json`] on stdout.
    ///
    /// # Errors
    /// When stdout cannot be written.
    pub fn print_json(&self) -> io::Result<()> {
        writeln!(io::stdout().lock(), "{}", self.json()?)
    }
}
