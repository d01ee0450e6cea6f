//! The report as a table for people.

use std::{
    collections::BTreeMap,
    fmt::Display,
    io::{self, Write},
};

use crate::{
    latency::Percentiles,
    report::{Operation, Report},
    settle::Settled,
};

/// Heads of the columns.
const COUNTS: [&str; 5] = ["requests", "ok", "refused", "failed", "ok/s"];
const LATENCIES: [&str; 7] = ["mean", "p50", "p90", "p95", "p99", "p99.9", "max"];

impl Report {
    /// The figures as a table for people, ending in a line break.
    #[must_use]
    pub fn table(&self) -> String {
        let mut lines = vec![headline(self), String::new()];
        lines.push(row("", &COUNTS, &LATENCIES) + "  ms");
        lines.extend(self.operations.iter().map(operation));
        lines.extend(self.settled.iter().map(|settled| {
            let none = [""; COUNTS.len()];
            row("accepted to ended", &none, &figures(&settled.accepted_to_completed))
        }));
        lines.push(String::new());
        lines.extend(self.operations.iter().filter_map(failures));
        lines.extend(self.settled.iter().map(ending));
        lines.extend(remarks(self));
        lines.join("\n").trim_end().to_owned() + "\n"
    }

    /// Prints [`Self::table`] on stdout.
    ///
    /// # Errors
    /// When stdout cannot be written.
    pub fn print_table(&self) -> io::Result<()> {
        io::stdout().lock().write_all(self.table().as_bytes())
    }
}

fn headline(report: &Report) -> String {
    let pace = report.rate.map_or_else(|| "full speed".to_owned(), |rate| format!("{rate}/s"));
    let mix = report.mix.as_ref().map_or_else(String::new, |mix| format!(", {mix}"));
    let (seconds, millis) = (report.elapsed_ms / 1000, report.elapsed_ms % 1000);
    let (url, connections) = (&report.url, report.connections);
    format!("{url}: {pace} over {connections} connections for {seconds}.{millis:03} s{mix}")
}

fn operation(operation: &Operation) -> String {
    let counts = [operation.requests, operation.ok, operation.refused, operation.failed];
    let mut counts = counts.map(|count| count.to_string()).to_vec();
    counts.push(format!("{:.1}", operation.ok_per_s));
    row(&operation.name, &counts, &figures(&operation.latency))
}

fn figures(latency: &Percentiles) -> [String; LATENCIES.len()] {
    let Percentiles { count: _, mean_ms, p50_ms, p90_ms, p95_ms, p99_ms, p99_9_ms, max_ms } = latency;
    [mean_ms, p50_ms, p90_ms, p95_ms, p99_ms, p99_9_ms, max_ms].map(|ms| format!("{ms:.2}"))
}

fn row(name: &str, counts: &[impl Display], latencies: &[impl Display]) -> String {
    let mut line = format!("{name:<17}");
    counts.iter().for_each(|cell| line += &format!(" {cell:>9}"));
    latencies.iter().for_each(|cell| line += &format!(" {cell:>8}"));
    line
}

fn failures(operation: &Operation) -> Option<String> {
    let failed = (operation.failed > 0).then(|| counted(&operation.failed_by))?;
    Some(format!("{} failed: {failed}", operation.name))
}

fn ending(settled: &Settled) -> String {
    let Settled { placed, checked, pending, waited_ms, ended_per_s, by_status, .. } = settled;
    let statuses = counted(by_status);
    let sampled = format!("of {checked} read: {statuses}");
    if settled.all_ended {
        format!(
            "all {placed} orders ended, {ended_per_s:.1}/s, {waited_ms} ms after the last answer; {sampled}"
        )
    } else {
        format!("after {waited_ms} ms not all {placed} orders have ended; {sampled}, still moving {pending}")
    }
}

fn remarks(report: &Report) -> Vec<String> {
    let mut remarks = Vec::new();
    if report.interrupted {
        remarks.push("interrupted; requests under way are not counted".to_owned());
    }
    if report.unsent > 0 {
        remarks.push(format!("{} requests were due and could not be made in time", report.unsent));
    }
    if report.reconnects > 0 {
        remarks.push(format!("{} connections had to be made again", report.reconnects));
    }
    remarks
}

fn counted(counts: &BTreeMap<String, u64>) -> String {
    let parts: Vec<_> = counts.iter().map(|(what, count)| format!("{what} {count}")).collect();
    if parts.is_empty() { "none".to_owned() } else { parts.join(", ") }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{
        outcome::{Failure, Outcome},
        tally::Tally,
    };

    fn report() -> Report {
        let mut tally = Tally::default();
        tally.count(Outcome::Ok, Duration::from_millis(2));
        tally.count(Outcome::Refused(Duration::ZERO), Duration::ZERO);
        tally.count(Outcome::Failed(Failure::Status(409)), Duration::ZERO);
        Report {
            url: "http://127.0.0.1:8000".to_owned(),
            connections: 4,
            rate: Some(100),
            mix: Some("priced=1".to_owned()),
            seed: 1,
            elapsed_ms: 2050,
            interrupted: false,
            unsent: 3,
            reconnects: 0,
            operations: vec![Operation::of("place", &tally, Duration::from_secs(2))],
            place_by_form: vec![],
            settled: None,
        }
    }

    #[test]
    fn the_table_reads_like_this() {
        let wanted = "\
http://127.0.0.1:8000: 100/s over 4 connections for 2.050 s, priced=1

                   requests        ok   refused    failed      ok/s     mean      p50      p90      p95      p99    p99.9      max  ms
place                     3         1         1         1       0.5     2.00     2.00     2.00     2.00     2.00     2.00     2.00

place failed: 409 1
3 requests were due and could not be made in time
";
        assert_eq!(report().table(), wanted);
    }

    #[test]
    fn the_json_has_every_figure() {
        let json: serde_json::Value = serde_json::from_str(&report().json().unwrap()).unwrap();
        assert_eq!(json["operations"][0]["failed_by"]["409"], 1);
        assert_eq!(json["operations"][0]["latency"]["p99_9_ms"], 2.0);
        assert_eq!(json["settled"], serde_json::Value::Null);
    }

    #[test]
    fn failures_and_gaps_are_not_clean() {
        assert!(!report().is_clean());
        let clean = Report { unsent: 0, operations: vec![], ..report() };
        assert!(clean.is_clean());
    }
}
