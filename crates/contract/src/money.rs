//! Money as whole minor units of one currency, read and written exactly.
//!
//! An amount enters as text, becomes an `i64` of minor units, and leaves as a JSON number with exactly the decimals
//! of its currency. Nothing here is ever a binary float. No amount passes [`MAX_MINOR`], so every JSON client reads
//! what was written. There is no conversion between currencies.
//!
//! `10.500` in a currency with two decimals is accepted: its value fits exactly, and the zeros add nothing. So do
//! `1e2` and `1.00` in a currency without decimals. What has a value between two minor units is refused.

use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;
use thiserror::Error;

pub mod currency;
pub mod decimal;
#[cfg(test)]
mod tests;

pub use currency::{Currency, UnknownCurrency};
pub use decimal::Decimal;

/// The greatest amount in minor units, 2^53 - 1: the greatest integer that every JSON reader keeps exact (RFC 8259,
/// section 6).
pub const MAX_MINOR: i64 = 9_007_199_254_740_991;

/// Why a text is not an amount in a currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum AmountError {
    /// It does not follow the grammar of a JSON number.
    #[error("write the amount as a decimal number, for example 100.50")]
    NotANumber,
    /// Its value lies between two minor units.
    #[error("the currency has {allowed} decimals, the amount has more")]
    TooManyDecimals {
        /// The decimals of the currency.
        allowed: u8,
    },
    /// It is greater than [`MAX_MINOR`] minor units.
    #[error("the amount is greater than this system counts")]
    OutOfRange,
    /// It is below zero.
    #[error("the amount must not be negative")]
    Negative,
}

/// Why two amounts do not combine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum MoneyError {
    /// The amounts are of different currencies.
    #[error("amounts in {left} and {right} do not combine")]
    CurrencyMismatch {
        /// Currency of the first amount.
        left: Currency,
        /// Currency of the second amount.
        right: Currency,
    },
    /// The result lies outside of -[`MAX_MINOR`] to [`MAX_MINOR`].
    #[error("the result is greater than this system counts")]
    OutOfRange,
}

/// An amount of one currency, in its minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// Minor units, such as cents; a difference may be below zero.
    pub minor: i64,
    /// The currency the minor units belong to.
    pub currency: Currency,
}

impl Money {
    /// Nothing, in `currency`.
    pub const fn zero(currency: Currency) -> Self {
        Self { minor: 0, currency }
    }

    /// Reads a decimal text such as `140`, `100.50` or `1e2`, exactly.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, AmountError> {
        let minor = Decimal::parse(text).ok_or(AmountError::NotANumber)?.to_minor(currency.decimals())?;
        Ok(Self { minor, currency })
    }

    /// Reads an amount from JSON: a number, or a string that holds a decimal number.
    pub fn from_json(value: &RawValue, currency: Currency) -> Result<Self, AmountError> {
        let text = value.get();
        if !text.starts_with('"') {
            return Self::parse(text, currency);
        }
        match text.get(1..text.len().saturating_sub(1)) {
            Some(inner) if !inner.contains('\\') => Self::parse(inner, currency),
            _ => {
                let inner: String = serde_json::from_str(text).map_err(|_| AmountError::NotANumber)?;
                Self::parse(&inner, currency)
            }
        }
    }

    /// `units` whole units of `currency`: 140 in USD is 14 000 cents.
    pub fn from_whole_units(units: i64, currency: Currency) -> Result<Self, AmountError> {
        if units < 0 {
            return Err(AmountError::Negative);
        }
        let minor = i128::from(units) * i128::from(currency.minor_per_unit());
        let minor = within_range(minor).ok_or(AmountError::OutOfRange)?;
        Ok(Self { minor, currency })
    }

    /// The sum of two amounts of one currency.
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        self.combine(other, i128::from(self.minor) + i128::from(other.minor))
    }

    /// The difference of two amounts of one currency; it may be below zero.
    pub fn checked_sub(self, other: Self) -> Result<Self, MoneyError> {
        self.combine(other, i128::from(self.minor) - i128::from(other.minor))
    }

    /// `quantity` times this amount.
    pub fn checked_mul(self, quantity: u32) -> Result<Self, MoneyError> {
        self.combine(self, i128::from(self.minor) * i128::from(quantity))
    }

    /// The amount as decimal text with exactly the decimals of its currency: `100.50`, `140`.
    pub fn to_decimal_string(self) -> String {
        let per_unit = self.currency.minor_per_unit();
        let sign = if self.minor < 0 { "-" } else { "" };
        let minor = self.minor.unsigned_abs();
        match usize::from(self.currency.decimals()) {
            0 => format!("{sign}{minor}"),
            decimals => format!("{sign}{}.{:0decimals$}", minor / per_unit, minor % per_unit),
        }
    }

    fn combine(self, other: Self, minor: i128) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::CurrencyMismatch { left: self.currency, right: other.currency });
        }
        let minor = within_range(minor).ok_or(MoneyError::OutOfRange)?;
        Ok(Self { minor, currency: self.currency })
    }
}

fn within_range(minor: i128) -> Option<i64> {
    i64::try_from(minor).ok().filter(|minor| minor.unsigned_abs() <= MAX_MINOR.unsigned_abs())
}

/// Writes an amount as a JSON number with exactly the decimals of its currency, `100.50`.
///
/// The text goes out through [`RawValue`], so only `serde_json` writes it as a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecimalNumber(pub Money);

impl Serialize for DecimalNumber {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let raw = RawValue::from_string(self.0.to_decimal_string()).map_err(serde::ser::Error::custom)?;
        raw.serialize(serializer)
    }
}
