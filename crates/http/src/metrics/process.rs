//! What the process takes, read from `/proc/self` at each scrape (Linux; elsewhere these metrics are absent).

use std::fmt;
use std::fs;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;

/// The kernel counts processor time in hundredths of a second, whatever its own tick (USER_HZ, proc(5)).
const TICKS_PER_SECOND: f64 = 100.0;

/// Reads what the process takes.
#[derive(Debug)]
pub(super) struct ProcessCollector;

impl Collector for ProcessCollector {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        if let Some(seconds) = cpu_seconds() {
            let counter = ConstCounter::new(seconds);
            let help = "Processor time, user and system, in seconds";
            counter.encode(encoder.encode_descriptor(
                "process_cpu_seconds",
                help,
                None,
                counter.metric_type(),
            )?)?;
        }
        gauge(&mut encoder, "process_resident_memory_bytes", "Memory in use", status("VmRSS:", 1024))?;
        gauge(&mut encoder, "process_virtual_memory_bytes", "Memory mapped", status("VmSize:", 1024))?;
        gauge(&mut encoder, "process_threads", "Threads", status("Threads:", 1))?;
        let files = fs::read_dir("/proc/self/fd").ok().map(|files| files.count() as u64);
        gauge(&mut encoder, "process_open_fds", "Open file descriptors", files)
    }
}

fn gauge(encoder: &mut DescriptorEncoder<'_>, name: &str, help: &str, value: Option<u64>) -> fmt::Result {
    let Some(value) = value else { return Ok(()) };
    let gauge = ConstGauge::new(value);
    gauge.encode(encoder.encode_descriptor(name, help, None, gauge.metric_type())?)
}

/// A number of `/proc/self/status`, in units of `unit`.
fn status(field: &str, unit: u64) -> Option<u64> {
    let text = fs::read_to_string("/proc/self/status").ok()?;
    let value = text.lines().find_map(|line| line.strip_prefix(field))?;
    value.split_whitespace().next()?.parse::<u64>().ok()?.checked_mul(unit)
}

/// Fields 14 and 15 of `/proc/self/stat`, counted behind the command's closing parenthesis.
#[expect(clippy::float_arithmetic, reason = "Prometheus counts seconds in floats")]
fn cpu_seconds() -> Option<f64> {
    let text = fs::read_to_string("/proc/self/stat").ok()?;
    let mut fields = text.rsplit_once(')')?.1.split_whitespace().skip(11);
    let user: u32 = fields.next()?.parse().ok()?;
    let system: u32 = fields.next()?.parse().ok()?;
    Some((f64::from(user) + f64::from(system)) / TICKS_PER_SECOND)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn the_process_takes_something() {
        assert!(status("VmRSS:", 1024).unwrap() > 100_000);
        assert!(status("Threads:", 1).unwrap() >= 1);
        assert!(cpu_seconds().is_some());
    }
}
