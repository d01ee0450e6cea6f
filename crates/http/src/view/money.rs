//! Amounts as JSON numbers with exactly the currency's decimals.

use std::fmt;
use std::io::Write;

use contract::{Currency, Money};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

/// The longest amount: a sign, 16 digits, a point, and zeros for up to four decimals.
const MAX_BYTES: usize = 32;

/// An amount. Unlike [`contract::DecimalNumber`] it is written without an allocation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Amount {
    minor: i64,
    currency: Currency,
}

impl Amount {
    /// `minor` minor units of the currency.
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }
}

impl From<Money> for Amount {
    fn from(money: Money) -> Self {
        Self::new(money.minor, money.currency)
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let per_unit = self.currency.minor_per_unit();
        let sign = if self.minor < 0 { "-" } else { "" };
        let (units, minor) = (self.minor.unsigned_abs() / per_unit, self.minor.unsigned_abs() % per_unit);
        match usize::from(self.currency.decimals()) {
            0 => write!(out, "{sign}{units}"),
            decimals => write!(out, "{sign}{units}.{minor:0decimals$}"),
        }
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut buffer = [0; MAX_BYTES];
        let mut rest = buffer.as_mut_slice();
        write!(rest, "{self}").map_err(serde::ser::Error::custom)?;
        let length = MAX_BYTES - rest.len();
        let raw: &RawValue = serde_json::from_slice(&buffer[..length]).map_err(serde::ser::Error::custom)?;
        raw.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use contract::DecimalNumber;

    use super::*;

    #[test]
    fn amounts_are_written_as_the_contract_writes_them() {
        for code in ["USD", "JPY", "KWD"] {
            for minor in [0, 1, 99, 100, 10_050, -5, contract::MAX_MINOR, -contract::MAX_MINOR] {
                let money = Money { minor, currency: code.parse().unwrap() };
                let text = serde_json::to_string(&Amount::from(money)).unwrap();
                assert_eq!(text, serde_json::to_string(&DecimalNumber(money)).unwrap());
            }
        }
    }
}
