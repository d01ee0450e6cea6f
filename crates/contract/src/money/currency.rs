//! Currencies that amounts can be counted in: the ISO 4217 codes whose number of decimals is known.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use thiserror::Error;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// A currency of ISO 4217 with a known number of decimals; gold (XAU) or "no currency" (XXX) are not among them.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency {
    iso: iso_currency::Currency,
    decimals: u8,
}

/// The text is not the upper-case code of a currency that amounts can be counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("write the currency as its upper-case ISO 4217 code, for example USD, EUR or RUB")]
pub struct UnknownCurrency;

impl Currency {
    /// The three letters, `USD`.
    pub fn code(self) -> &'static str {
        self.iso.code()
    }

    /// How many decimals amounts have: 2 for USD, 0 for JPY, 3 for KWD.
    pub const fn decimals(self) -> u8 {
        self.decimals
    }

    /// How many minor units make one unit: 100 for USD.
    pub const fn minor_per_unit(self) -> u64 {
        10_u64.pow(self.decimals as u32)
    }
}

impl FromStr for Currency {
    type Err = UnknownCurrency;

    fn from_str(code: &str) -> Result<Self, UnknownCurrency> {
        let iso = iso_currency::Currency::from_code(code).ok_or(UnknownCurrency)?;
        let decimals = iso.exponent().and_then(|exponent| u8::try_from(exponent).ok());
        Ok(Self { iso, decimals: decimals.ok_or(UnknownCurrency)? })
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl PartialSchema for Currency {
    fn schema() -> RefOr<Schema> {
        let code = ObjectBuilder::new().schema_type(Type::String).pattern(Some("^[A-Z]{3}$"));
        code.description(Some("A currency: its code in ISO 4217.")).into()
    }
}

impl ToSchema for Currency {}

impl Ord for Currency {
    fn cmp(&self, other: &Self) -> Ordering {
        self.code().cmp(other.code())
    }
}

impl PartialOrd for Currency {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(CodeVisitor)
    }
}

struct CodeVisitor;

impl de::Visitor<'_> for CodeVisitor {
    type Value = Currency;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an upper-case ISO 4217 currency code")
    }

    fn visit_str<E: de::Error>(self, code: &str) -> Result<Currency, E> {
        code.parse().map_err(E::custom)
    }
}
