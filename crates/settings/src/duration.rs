//! Durations as people write them, in files, variables and flags alike: the one place that reads them.

use std::time::Duration;

use thiserror::Error;

/// The units of a duration, largest first, each in milliseconds.
pub(crate) const UNITS: [(&str, u64); 4] = [("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

/// The text is no duration, or none that takes any time.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("write a time that is longer than nothing, such as 250ms, 90s, 10m or 1m30s")]
pub struct NoDuration;

/// Reads a duration for a flag. Nothing takes no time there.
///
/// # Errors
/// [`NoDuration`].
pub fn duration(text: &str) -> Result<Duration, NoDuration> {
    read(text).filter(|duration| !duration.is_zero()).ok_or(NoDuration)
}

/// Reads `0`, `250ms`, or several units from the largest down, as in `1m30s`. None for anything else.
pub(crate) fn read(text: &str) -> Option<Duration> {
    if text == "0" {
        return Some(Duration::ZERO);
    }
    let (mut rest, mut units, mut millis) = (text, &UNITS[..], 0_u64);
    loop {
        let (number, behind) = split_unit(rest)?;
        let end = behind.find(|char: char| char.is_ascii_digit()).unwrap_or(behind.len());
        let (unit, next) = behind.split_at(end);
        let at = units.iter().position(|(name, _)| *name == unit)?;
        millis = millis.checked_add(number.checked_mul(units[at].1)?)?;
        (rest, units) = (next, &units[at + 1..]);
        if rest.is_empty() {
            return Some(Duration::from_millis(millis));
        }
    }
}

/// Splits `250ms` into its number and its unit; the unit may be empty, the number may not.
pub(crate) fn split_unit(text: &str) -> Option<(u64, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, unit) = text.split_at(end);
    Some((digits.parse().ok()?, unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_may_follow_each_other_from_the_largest_down() {
        for (text, millis) in
            [("1m30s", 90_000), ("1h1ms", 3_600_001), ("90s", 90_000), ("250ms", 250), ("0s", 0)]
        {
            assert_eq!(read(text), Some(Duration::from_millis(millis)), "{text}");
        }
        for text in [
            "",
            "90",
            "s",
            "30s1m",
            "1s1s",
            "1m30",
            "1d",
            "-1s",
            "1.5s",
            "2 s",
            "2S",
            "18446744073709551615h",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn a_flag_takes_some_time() {
        assert_eq!(duration("10m"), Ok(Duration::from_secs(600)));
        for text in ["0", "0s", "soon"] {
            assert_eq!(duration(text), Err(NoDuration), "{text}");
        }
    }
}
