//! Latencies: recorded in microseconds with three significant digits, told in milliseconds.
#![expect(clippy::float_arithmetic, reason = "figures are divided once, here, to be printed")]

use std::time::Duration;

use hdrhistogram::Histogram;
use serde::Serialize;

/// Significant digits kept.
const DIGITS: u8 = 3;
/// The longest latency told apart; anything longer counts as this. One hour.
const LONGEST_US: u64 = 3_600_000_000;

/// A histogram that takes no memory until something is recorded.
#[derive(Default)]
pub struct Latencies(Option<Histogram<u32>>);

impl Latencies {
    /// Counts one latency.
    pub fn record(&mut self, took: Duration) {
        let took_us = u64::try_from(took.as_micros()).unwrap_or(LONGEST_US).clamp(1, LONGEST_US);
        if self.0.is_none() {
            self.0 = Histogram::new(DIGITS).ok();
        }
        if let Some(histogram) = &mut self.0 {
            // It resizes itself, so no value within the bound can be refused.
            let _ = histogram.record(took_us);
        }
    }

    /// Adds all that another one counted.
    pub fn absorb(&mut self, other: Self) {
        match (&mut self.0, other.0) {
            (Some(ours), Some(theirs)) => {
                // As above.
                let _ = ours.add(theirs);
            }
            (ours @ None, theirs) => *ours = theirs,
            (Some(_), None) => {}
        }
    }

    /// The figures to print; all zero when nothing was recorded.
    pub fn percentiles(&self) -> Percentiles {
        let Some(histogram) = &self.0 else { return Percentiles::default() };
        let at = |quantile| millis(histogram.value_at_quantile(quantile).min(histogram.max()));
        Percentiles {
            count: histogram.len(),
            mean_ms: rounded(histogram.mean() / 1000.0),
            p50_ms: at(0.5),
            p90_ms: at(0.9),
            p95_ms: at(0.95),
            p99_ms: at(0.99),
            p99_9_ms: at(0.999),
            max_ms: millis(histogram.max()),
        }
    }
}

/// How latencies are distributed, in milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Percentiles {
    /// How many latencies were recorded.
    pub count: u64,
    /// Their mean.
    pub mean_ms: f64,
    /// The median.
    pub p50_ms: f64,
    /// Nine in ten were at most this long.
    pub p90_ms: f64,
    /// Nineteen in twenty were at most this long.
    pub p95_ms: f64,
    /// All but one in a hundred were at most this long.
    pub p99_ms: f64,
    /// All but one in a thousand were at most this long.
    pub p99_9_ms: f64,
    /// The longest.
    pub max_ms: f64,
}

/// Microseconds as milliseconds.
#[expect(clippy::cast_precision_loss, reason = "an hour of microseconds fits an f64 exactly")]
pub fn millis(us: u64) -> f64 {
    us as f64 / 1000.0
}

/// How many per second, to a tenth; 0 over no time.
#[expect(clippy::cast_precision_loss, reason = "a printed figure")]
pub fn per_second(count: u64, over: Duration) -> f64 {
    if over.is_zero() { 0.0 } else { (count as f64 / over.as_secs_f64() * 10.0).round() / 10.0 }
}

/// To three decimals.
fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recorded(millis: impl Iterator<Item = u64>) -> Latencies {
        let mut latencies = Latencies::default();
        millis.for_each(|ms| latencies.record(Duration::from_millis(ms)));
        latencies
    }

    fn near(found: f64, wanted: f64) -> bool {
        (found - wanted).abs() <= wanted / 1000.0
    }

    #[test]
    fn percentiles_of_a_known_row() {
        let told = recorded(1..=1000).percentiles();
        assert_eq!(told.count, 1000);
        for (found, wanted) in [
            (told.mean_ms, 500.5),
            (told.p50_ms, 500.0),
            (told.p90_ms, 900.0),
            (told.p95_ms, 950.0),
            (told.p99_ms, 990.0),
            (told.p99_9_ms, 999.0),
            (told.max_ms, 1000.0),
        ] {
            assert!(near(found, wanted), "{found} is not {wanted}");
        }
    }

    #[test]
    fn merged_halves_tell_what_the_whole_tells() {
        let mut halves = Latencies::default();
        halves.absorb(recorded((1..=1000).step_by(2)));
        halves.absorb(Latencies::default());
        halves.absorb(recorded((2..=1000).step_by(2)));
        assert_eq!(halves.percentiles(), recorded(1..=1000).percentiles());
    }

    #[test]
    fn nothing_recorded_is_zero_and_forever_is_an_hour() {
        assert_eq!(Latencies::default().percentiles(), Percentiles::default());
        let mut latencies = Latencies::default();
        latencies.record(Duration::MAX);
        assert!(near(latencies.percentiles().max_ms, 3_600_000.0));
    }

    #[test]
    fn a_rate_over_no_time_is_none() {
        assert!(near(per_second(300, Duration::from_secs(2)), 150.0));
        assert!(per_second(300, Duration::ZERO) == 0.0);
    }
}
