//! Logs: coloured text for people, JSON for machines.

use std::io::IsTerminal;

use settings::{LogFormat, Settings};
use tracing_subscriber::filter::LevelFilter;

/// Begins to log to standard error.
pub fn start(settings: &Settings) {
    let level = settings.log.level.name().parse().unwrap_or(LevelFilter::INFO);
    let terminal = std::io::stderr().is_terminal();
    let logs =
        tracing_subscriber::fmt().with_max_level(level).with_writer(std::io::stderr).with_ansi(terminal);
    match settings.log.format {
        LogFormat::Json => logs.json().init(),
        LogFormat::Text => logs.init(),
        LogFormat::Auto if terminal => logs.init(),
        LogFormat::Auto => logs.json().init(),
    }
}
