//! Logs: coloured text for people, JSON for machines.

use std::io::IsTerminal;

use settings::{LogFormat, Settings};
use tracing_subscriber::EnvFilter;

/// Begins to log to standard error.
pub fn start(settings: &Settings) {
    let filter = EnvFilter::try_new(settings.log.level.name()).unwrap_or_else(|_| EnvFilter::new("info"));
    let terminal = std::io::stderr().is_terminal();
    let logs =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(terminal);
    match settings.log.format {
        LogFormat::Json => logs.json().init(),
        LogFormat::Text => logs.init(),
        LogFormat::Auto if terminal => logs.init(),
        LogFormat::Auto => logs.json().init(),
    }
}
