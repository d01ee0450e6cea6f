//! A product of the menu, as the catalogue announces it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::amount::Amount;
use crate::money::{AmountError, Currency, Money};

/// A product. The price is in minor units here; on the wire it is an amount.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Product {
    /// The id its buyers use, 1 to 255 characters.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// What it is.
    #[serde(default)]
    pub description: String,
    /// Minor units of the currency for one, not negative.
    pub price: i64,
    /// The currency of the price.
    pub currency: Currency,
    /// A picture: a path or URL, or nothing.
    #[serde(default)]
    pub image: Option<String>,
    /// What it is made of.
    #[serde(default)]
    pub ingredients: Vec<String>,
    /// Whether it can be ordered.
    pub available: bool,
    /// How many can be ordered: those that are there and are kept for nobody. None: not tracked.
    #[serde(default)]
    pub stock: Option<u32>,
    /// Whether it was taken off the menu for good. It is remembered, because orders of it may be under way.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deleted: bool,
}

/// A product as events carry it: the price is an amount.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Listed {
    /// As in [`Product`].
    pub id: String,
    /// As in [`Product`].
    pub name: String,
    /// As in [`Product`].
    #[serde(default)]
    pub description: String,
    /// What one costs.
    pub price: Amount,
    /// The currency of the price.
    pub currency: Currency,
    /// As in [`Product`].
    #[serde(default)]
    pub image: Option<String>,
    /// As in [`Product`].
    #[serde(default)]
    pub ingredients: Vec<String>,
    /// As in [`Product`].
    pub available: bool,
    /// As in [`Product`].
    #[serde(default)]
    pub stock: Option<u32>,
    /// As in [`Product`]. Events from before the first release do not have it; their price is in minor units.
    #[serde(default)]
    pub deleted: Option<bool>,
}

impl From<&Product> for Listed {
    fn from(product: &Product) -> Self {
        Self {
            id: product.id.clone(),
            name: product.name.clone(),
            description: product.description.clone(),
            price: Amount::from(Money { minor: product.price, currency: product.currency }),
            currency: product.currency,
            image: product.image.clone(),
            ingredients: product.ingredients.clone(),
            available: product.available,
            stock: product.stock,
            deleted: Some(product.deleted),
        }
    }
}

impl TryFrom<Listed> for Product {
    type Error = AmountError;

    /// # Errors
    /// If the price is no amount of its currency.
    fn try_from(listed: Listed) -> Result<Self, AmountError> {
        let price = match listed.deleted {
            Some(_) => listed.price.money(listed.currency)?.minor,
            None => listed.price.minor_units()?,
        };
        Ok(Self {
            id: listed.id,
            name: listed.name,
            description: listed.description,
            price,
            currency: listed.currency,
            image: listed.image,
            ingredients: listed.ingredients,
            available: listed.available,
            stock: listed.stock,
            deleted: listed.deleted.unwrap_or(false),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_product_comes_out_of_an_event_as_it_went_in() {
        let text =
            r#"{"id": "a", "name": "A", "price": 1250, "currency": "USD", "available": true, "stock": 3}"#;
        let product: Product = serde_json::from_str(text).unwrap();
        let event = serde_json::to_string(&Listed::from(&product)).unwrap();
        assert!(event.contains(r#""price":12.50"#), "{event}");
        let listed: Listed = serde_json::from_str(&event).unwrap();
        assert_eq!(Product::try_from(listed), Ok(product.clone()));
        let earlier: Listed = serde_json::from_str(text).unwrap();
        assert_eq!(Product::try_from(earlier), Ok(product));
    }
}
