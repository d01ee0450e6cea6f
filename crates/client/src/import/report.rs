//! What is told of an import: a bar while it lasts, a line for each refused row, and a line at the end.

use std::io::{IsTerminal, Write, stderr};
use std::time::Instant;

use anyhow::Result;
use indicatif::{ProgressBar, ProgressStyle};

use crate::output::print;

/// How an import stands.
pub struct Report {
    /// Rows that are placed, now or before.
    pub placed: u64,
    /// Rows that will not do.
    pub refused: u64,
    /// How often something was sent again.
    pub retries: u64,
    /// Where the file goes on behind what is answered, in bytes.
    pub end: u64,
    begun: Instant,
    bar: ProgressBar,
}

impl Report {
    /// A report on a file of so many bytes. The bar is for people who look.
    pub fn new(length: u64, json: bool) -> Self {
        let shown = !json && stderr().is_terminal();
        let bar = if shown { ProgressBar::new(length) } else { ProgressBar::hidden() };
        let style =
            ProgressStyle::with_template("[{elapsed_precise}] {wide_bar} {bytes}/{total_bytes} {msg}");
        if let Ok(style) = style {
            bar.set_style(style);
        }
        Self { placed: 0, refused: 0, retries: 0, end: 0, begun: Instant::now(), bar }
    }

    /// Rows that are done with.
    pub fn answered(&self) -> u64 {
        self.placed + self.refused
    }

    /// Tells of a row that will not do.
    pub fn refuse(&mut self, line: u64, why: &str) {
        self.refused += 1;
        self.line(&format!("line {line}: {why}"));
    }

    /// Tells why nothing moves.
    pub fn say(&self, why: &str) {
        self.line(&format!("trying again: {why}"));
    }

    /// Draws the bar.
    pub fn show(&self) {
        self.bar.set_position(self.end);
        self.bar.set_message(format!("{} placed, {} refused, {}/s", self.placed, self.refused, self.rate()));
    }

    /// Tells how it ended, on standard output.
    ///
    /// # Errors
    /// If nobody reads it.
    pub fn finish(&self, json: bool) -> Result<()> {
        self.bar.finish_and_clear();
        let elapsed = self.begun.elapsed();
        let Self { placed, refused, retries, .. } = self;
        if json {
            let elapsed_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
            let report = serde_json::json!({
                "lines": self.answered(),
                "placed": placed,
                "refused": refused,
                "retries": retries,
                "elapsed_ms": elapsed_ms,
            });
            return print(report.to_string().as_bytes());
        }
        let (seconds, rate) = (elapsed.as_secs_f64(), self.rate());
        print(
            format!("{placed} orders placed, {refused} lines refused, in {seconds:.1} s ({rate}/s)")
                .as_bytes(),
        )
    }

    /// Rows per second.
    fn rate(&self) -> u128 {
        u128::from(self.answered()) * 1000 / self.begun.elapsed().as_millis().max(1)
    }

    /// A line on standard error, above the bar. Nobody has to read it.
    fn line(&self, text: &str) {
        self.bar.suspend(|| {
            let _ = writeln!(stderr().lock(), "{text}");
        });
    }
}
