//! Quantities with units of their own: sizes in bytes, and rates in parts per million.

use crate::duration::split_unit;
use crate::value::{Scope, Shape, Value};

/// A size in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bytes(u64);

impl Bytes {
    /// The size in bytes.
    pub fn get(self) -> u64 {
        self.0
    }

    /// The size in bytes as an index type, at most `usize::MAX`.
    pub fn as_usize(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

/// The units of a size, largest first, each in bytes.
const UNITS: [(&str, u64); 5] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1), ("", 1)];

impl Value for Bytes {
    const SHAPE: Shape = Shape::Size;
    const PATTERN: Option<&'static str> = Some("^[0-9]+(B|KiB|MiB|GiB)?$");

    fn accepted() -> String {
        "a size in bytes such as 65536, 64KiB or 1MiB".to_owned()
    }

    fn parse(text: &str, _: &Scope) -> Option<Self> {
        let (number, unit) = split_unit(text)?;
        let (_, scale) = UNITS.into_iter().find(|(name, _)| *name == unit)?;
        number.checked_mul(scale).map(Self)
    }

    fn show(&self) -> String {
        let whole = UNITS.into_iter().find(|(_, scale)| self.0.is_multiple_of(*scale));
        match whole {
            Some((unit, scale)) if self.0 > 0 => format!("{}{unit}", self.0 / scale),
            _ => "0B".to_owned(),
        }
    }

    fn magnitude(&self) -> Option<u128> {
        Some(u128::from(self.0))
    }
}

/// A rate from 0 to 1, kept exactly in parts per million.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rate(u32);

impl Rate {
    /// The rate 1, in parts per million.
    pub const ONE_PPM: u32 = 1_000_000;

    /// The rate in parts per million, from 0 to [`Rate::ONE_PPM`].
    pub fn ppm(self) -> u32 {
        self.0
    }
}

impl Value for Rate {
    const SHAPE: Shape = Shape::Decimal;
    const PATTERN: Option<&'static str> = Some("^[0-9]+(\\.[0-9]+)?%?$");

    fn accepted() -> String {
        "a rate from 0 to 1 with at most six decimals such as 0.02, or a percentage such as 2%".to_owned()
    }

    fn parse(text: &str, _: &Scope) -> Option<Self> {
        let ppm = match text.strip_suffix('%') {
            Some(percent) => scaled(percent, 4)?,
            None => scaled(text, 6)?,
        };
        (ppm <= Self::ONE_PPM).then_some(Self(ppm))
    }

    fn show(&self) -> String {
        let decimals = format!("{:06}", self.0 % Self::ONE_PPM);
        match decimals.trim_end_matches('0') {
            "" => (self.0 / Self::ONE_PPM).to_string(),
            decimals => format!("{}.{decimals}", self.0 / Self::ONE_PPM),
        }
    }

    fn magnitude(&self) -> Option<u128> {
        Some(u128::from(self.0))
    }
}

/// Reads decimal text as an integer scaled by ten to the power of `places`, exactly or not at all.
fn scaled(text: &str, places: usize) -> Option<u32> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(decimals) {
        return None;
    }
    let decimals = decimals.trim_end_matches('0');
    if decimals.len() > places {
        return None;
    }
    format!("{whole}{decimals:0<places$}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{Bytes, Rate};
    use crate::value::{Scope, Value};

    fn scope() -> Scope {
        Scope { data_dir: "data".into(), home: None }
    }

    #[test]
    fn rates_are_read_exactly() {
        let table = [
            ("0", 0, "0"),
            ("1", 1_000_000, "1"),
            ("1.0", 1_000_000, "1"),
            ("0.1", 100_000, "0.1"),
            ("0.000001", 1, "0.000001"),
            ("0.0200000000", 20_000, "0.02"),
            ("2%", 20_000, "0.02"),
            ("0.0001%", 1, "0.000001"),
            ("100%", 1_000_000, "1"),
        ];
        for (text, ppm, shown) in table {
            let rate = Rate::parse(text, &scope()).expect(text);
            assert_eq!((rate.ppm(), rate.show().as_str()), (ppm, shown), "{text}");
        }
    }

    #[test]
    fn what_is_not_a_rate_is_refused() {
        for text in [
            "",
            ".5",
            "1.",
            "1.000001",
            "-0.1",
            "+0.1",
            "5e-1",
            "0.0000001",
            "101%",
            "%",
            "inf",
            "0,5",
            "99999999999",
        ] {
            assert_eq!(Rate::parse(text, &scope()), None, "{text}");
        }
    }

    #[test]
    fn sizes_read_and_show_the_same() {
        let table = [("1MiB", 1 << 20), ("64KiB", 65_536), ("2GiB", 2 << 30), ("1000B", 1_000), ("0B", 0)];
        for (text, bytes) in table {
            let size = Bytes::parse(text, &scope()).expect(text);
            assert_eq!((size.get(), size.show().as_str()), (bytes, text));
        }
        assert_eq!(Bytes::parse("1024", &scope()).map(Bytes::get), Some(1024));
        for text in ["", "1MB", "1 MiB", "-1", "1.5MiB", "99999999999GiB"] {
            assert_eq!(Bytes::parse(text, &scope()), None, "{text}");
        }
    }
}
