//! The bar that shows how many bytes are copied, for people who look.

use std::io::{IsTerminal, stderr};

use indicatif::{HumanBytes, ProgressBar, ProgressStyle};

/// A bar that is not shown where standard error is not a terminal.
pub fn of_bytes() -> ProgressBar {
    let bar = if stderr().is_terminal() { ProgressBar::new(0) } else { ProgressBar::hidden() };
    if let Ok(style) = ProgressStyle::with_template("[{elapsed_precise}] {wide_bar} {bytes}/{total_bytes}") {
        bar.set_style(style);
    }
    bar
}

/// Shows that so many bytes of so many are copied.
pub fn show(bar: &ProgressBar, done: u64, total: u64) {
    bar.set_length(total);
    bar.set_position(done);
}

/// So many bytes, for people.
pub fn size(bytes: u64) -> HumanBytes {
    HumanBytes(bytes)
}
