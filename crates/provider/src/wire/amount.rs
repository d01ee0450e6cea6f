//! Amounts on the wire: written as JSON numbers with the decimals of the currency, read from a number or a decimal
//! string once the currency is known.

use contract::money::AmountError;
use contract::{Currency, DecimalNumber, Money};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

/// An amount on the wire.
#[derive(Clone, Debug)]
pub enum Amount {
    /// To be written.
    Exact(Money),
    /// As it was read; it means nothing without its currency.
    Read(Box<RawValue>),
}

impl Amount {
    /// The amount in `currency`.
    ///
    /// # Errors
    /// [`AmountError`] if it is not an amount in that currency.
    pub fn money(&self, currency: Currency) -> Result<Money, AmountError> {
        match self {
            Self::Exact(money) if money.currency == currency => Ok(*money),
            Self::Exact(money) => Money::parse(&money.to_decimal_string(), currency),
            Self::Read(raw) => Money::from_json(raw, currency),
        }
    }
}

impl From<Money> for Amount {
    fn from(money: Money) -> Self {
        Self::Exact(money)
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Exact(money) => DecimalNumber(*money).serialize(serializer),
            Self::Read(raw) => raw.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Box::<RawValue>::deserialize(deserializer).map(Self::Read)
    }
}
