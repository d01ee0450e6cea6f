//! Amounts in events and answers: a JSON number with exactly the currency's decimals, which stands beside it.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::money::{AmountError, Currency, Money};

/// An amount as it stands in JSON. The exact text is kept; only with its currency is it money.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Amount(Box<RawValue>);

impl Amount {
    /// The money it is in `currency`.
    ///
    /// # Errors
    /// [`AmountError`] where it is no amount of that currency.
    pub fn money(&self, currency: Currency) -> Result<Money, AmountError> {
        Money::from_json(&self.0, currency)
    }

    /// The minor units it counts, where whoever wrote it wrote those.
    pub(crate) fn minor_units(&self) -> Result<i64, AmountError> {
        self.0.get().parse().map_err(|_| AmountError::NotANumber)
    }
}

impl From<Money> for Amount {
    fn from(money: Money) -> Self {
        let text = RawValue::from_string(money.to_decimal_string());
        Self(text.unwrap_or_else(|_| RawValue::NULL.to_owned()))
    }
}

impl PartialSchema for Amount {
    fn schema() -> RefOr<Schema> {
        let amount = ObjectBuilder::new().schema_type(Type::Number);
        amount.description(Some("An amount, with exactly the decimals of the currency beside it.")).into()
    }
}

impl ToSchema for Amount {}

impl PartialEq for Amount {
    fn eq(&self, other: &Self) -> bool {
        self.0.get() == other.0.get()
    }
}

impl Eq for Amount {}
