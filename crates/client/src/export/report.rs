//! What is told of an export, on standard error: how far it is while it lasts, and a line at the end.

use std::io::{IsTerminal, Write, stderr};
use std::time::Instant;

use indicatif::{HumanBytes, HumanCount, ProgressBar};

use super::rows::Rows;

/// A report.
pub struct Report {
    begun: Instant,
    bar: ProgressBar,
}

impl Report {
    /// An export begins. The line that moves is for people who look.
    pub fn new() -> Self {
        let bar = if stderr().is_terminal() { ProgressBar::new_spinner() } else { ProgressBar::hidden() };
        Self { begun: Instant::now(), bar }
    }

    /// Shows how far it is.
    pub fn show(&self, rows: &Rows) {
        self.bar.set_message(self.told(rows));
        self.bar.tick();
    }

    /// Tells how it ended. Nobody has to read it.
    pub fn finish(&self, rows: &Rows) {
        self.bar.finish_and_clear();
        let _ = writeln!(stderr().lock(), "{}", self.told(rows));
    }

    fn told(&self, rows: &Rows) -> String {
        let ms = self.begun.elapsed().as_millis().max(1);
        let rate = u128::from(rows.count()) * 1_000 / ms;
        let (count, bytes) = (HumanCount(rows.count()), HumanBytes(rows.bytes()));
        format!("{count} orders exported, {bytes}, {rate}/s")
    }
}
