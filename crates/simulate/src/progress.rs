//! The progress bar: on stderr, and only when a person looks at it.

use std::{
    io::{IsTerminal, stderr},
    sync::Arc,
    time::Duration,
};

use indicatif::{ProgressBar, ProgressStyle};

use crate::{
    latency::{millis, per_second},
    live::Live,
};

/// How often the bar is drawn anew.
pub const REFRESH: Duration = Duration::from_millis(250);

/// A bar that fills by requests or, when only time bounds the run, by time.
pub struct Progress {
    bar: ProgressBar,
    live: Arc<Live>,
    by_time: bool,
    shown: bool,
}

impl Progress {
    /// A bar for a run with these bounds; invisible when `quiet` or when stderr is no terminal.
    pub fn new(live: Arc<Live>, limit: Option<u64>, duration: Option<Duration>, quiet: bool) -> Self {
        let shown = !quiet && stderr().is_terminal();
        let length = limit.or(duration.map(in_millis));
        let bar = if shown { ProgressBar::new(length.unwrap_or(0)) } else { ProgressBar::hidden() };
        let counts = if limit.is_some() { " {human_pos}/{human_len}" } else { "" };
        let template = format!("[{{elapsed_precise}}] {{wide_bar}}{counts} {{msg}}");
        if let Ok(style) = ProgressStyle::with_template(&template) {
            bar.set_style(style);
        }
        Self { bar, live, by_time: limit.is_none(), shown }
    }

    /// Draws the figures so far.
    pub fn show(&self, elapsed: Duration) {
        if !self.shown {
            return;
        }
        let (done, refused, failed) = (self.live.done(), self.live.refused(), self.live.failed());
        let (rate, p99) = (per_second(done, elapsed), millis(self.live.p99_us()));
        self.bar.set_position(if self.by_time { in_millis(elapsed) } else { done });
        self.bar.set_message(format!("{rate:.0}/s, p99 {p99:.1} ms, {refused} refused, {failed} failed"));
    }

    /// Says what else is being waited for.
    pub fn say(&self, message: &'static str) {
        self.bar.set_message(message);
        self.bar.tick();
    }

    /// Takes the bar off the screen.
    pub fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

fn in_millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
