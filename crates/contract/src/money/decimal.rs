//! Decimal numbers read exactly from their text, by the grammar of JSON numbers (RFC 8259, section 6).
//!
//! Reading takes time and memory in proportion to the text, never to the value: `1e999999999` costs eleven bytes.

use std::fmt::{self, Write};

use super::{AmountError, MAX_MINOR};

/// No amount has more significant digits than this: the digits of [`MAX_MINOR`].
const MAX_DIGITS: i64 = 16;

/// A decimal number: its significant digits times a power of ten.
///
/// Two texts of the same value (`10.5`, `10.50`, `105e-1`) are equal, and print the same.
#[derive(Clone, Copy, Debug)]
pub struct Decimal<'a> {
    negative: bool,
    /// Digits before the point, and after it, as they were written.
    whole: &'a [u8],
    fraction: &'a [u8],
    /// Zeros to leave out at the start and at the end of all the digits together.
    leading: usize,
    trailing: usize,
    /// The power of ten of the last significant digit; saturates far outside of any amount.
    exponent: i64,
}

impl<'a> Decimal<'a> {
    /// Reads a whole text as one JSON number. `None` if it is anything else: `+1`, `01`, `.5`, `1.`, ` 1`, `0x1`.
    pub fn parse(text: &'a str) -> Option<Self> {
        let (negative, rest) = match text.as_bytes() {
            [b'-', rest @ ..] => (true, rest),
            rest => (false, rest),
        };
        let (whole, rest) = digits(rest);
        if whole.is_empty() || (whole.len() > 1 && whole.starts_with(b"0")) {
            return None;
        }
        let (fraction, rest) = match rest {
            [b'.', rest @ ..] => match digits(rest) {
                ([], _) => return None,
                fraction => fraction,
            },
            rest => (&[][..], rest),
        };
        let exponent = match rest {
            [] => 0,
            [b'e' | b'E', rest @ ..] => exponent(rest)?,
            _ => return None,
        };
        Some(Self::new(negative, whole, fraction, exponent))
    }

    /// The value in units of `10^-decimals`, if that is a whole number from 0 to [`MAX_MINOR`].
    pub fn to_minor(self, decimals: u8) -> Result<i64, AmountError> {
        if self.is_zero() {
            return Ok(0);
        }
        if self.negative {
            return Err(AmountError::Negative);
        }
        let shift = self.exponent.saturating_add(i64::from(decimals));
        if shift < 0 {
            return Err(AmountError::TooManyDecimals { allowed: decimals });
        }
        if shift.saturating_add_unsigned(self.significant().count() as u64) > MAX_DIGITS {
            return Err(AmountError::OutOfRange);
        }
        let zeros = u32::try_from(shift).map_err(|_| AmountError::OutOfRange)?;
        let digits = self.significant().fold(0, |value: i64, digit| value * 10 + i64::from(digit - b'0'));
        Some(digits * 10_i64.pow(zeros)).filter(|minor| *minor <= MAX_MINOR).ok_or(AmountError::OutOfRange)
    }

    /// Whether the value is zero, `-0` and `0e5` too.
    pub fn is_zero(self) -> bool {
        self.leading == self.whole.len() + self.fraction.len()
    }

    fn new(negative: bool, whole: &'a [u8], fraction: &'a [u8], exponent: i64) -> Self {
        let zeros = |digit: &&u8| **digit == b'0';
        let leading = whole.iter().chain(fraction).take_while(zeros).count();
        let all = whole.len() + fraction.len();
        let trailing = match all - leading {
            0 => 0,
            _ => whole.iter().chain(fraction).rev().take_while(zeros).count(),
        };
        let exponent =
            exponent.saturating_sub_unsigned(fraction.len() as u64).saturating_add_unsigned(trailing as u64);
        Self { negative, whole, fraction, leading, trailing, exponent }
    }

    fn significant(self) -> impl Iterator<Item = u8> {
        let count = self.whole.len() + self.fraction.len() - self.leading - self.trailing;
        self.whole.iter().chain(self.fraction).skip(self.leading).take(count).copied()
    }
}

/// The normal form, `105e-1`: equal for equal values, so a digest of it does not see how a number was spelt.
impl fmt::Display for Decimal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_zero() {
            return f.write_str("0");
        }
        if self.negative {
            f.write_str("-")?;
        }
        for digit in self.significant() {
            f.write_char(char::from(digit))?;
        }
        write!(f, "e{}", self.exponent)
    }
}

impl PartialEq for Decimal<'_> {
    fn eq(&self, other: &Self) -> bool {
        match (self.is_zero(), other.is_zero()) {
            (false, false) => {
                self.negative == other.negative
                    && self.exponent == other.exponent
                    && self.significant().eq(other.significant())
            }
            (left, right) => left == right,
        }
    }
}

/// Splits the digits off the start of `text`.
fn digits(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    text.split_at(end)
}

fn exponent(text: &[u8]) -> Option<i64> {
    let (sign, text) = match text {
        [b'-', rest @ ..] => (-1, rest),
        [b'+', rest @ ..] => (1, rest),
        rest => (1, rest),
    };
    match digits(text) {
        ([], _) => None,
        (exponent, []) => Some(exponent.iter().fold(0_i64, |value, digit| {
            value.saturating_mul(10).saturating_add(sign * i64::from(digit - b'0'))
        })),
        _ => None,
    }
}
