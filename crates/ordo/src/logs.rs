//! Logs: coloured text for people, JSON for machines.

use std::io::{IsTerminal, stderr};

use settings::{LogFormat, Settings};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::layer;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Libraries that repeat what the house says of them, at every attempt and with what messages hold.
const MUTED: [&str; 2] = ["lapin", "rdkafka"];

/// Begins to log to standard error.
pub fn start(settings: &Settings) {
    let level = settings.log.level.name().parse().unwrap_or(LevelFilter::INFO);
    let terminal = stderr().is_terminal();
    let muted = MUTED.into_iter().map(|target| (target, LevelFilter::OFF));
    let logs = tracing_subscriber::registry().with(Targets::new().with_default(level).with_targets(muted));
    let text = layer().with_writer(stderr).with_ansi(terminal);
    match settings.log.format {
        LogFormat::Text => logs.with(text).init(),
        LogFormat::Auto if terminal => logs.with(text).init(),
        LogFormat::Json | LogFormat::Auto => logs.with(text.json()).init(),
    }
}
