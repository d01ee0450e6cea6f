//! A product of the menu.

use contract::{Currency, Product};
use serde::Serialize;
use utoipa::ToSchema;

use super::money::Amount;

/// A product.
#[derive(Serialize, ToSchema)]
#[schema(as = Product, description = "A product of the menu.")]
pub(crate) struct ProductView<'a> {
    /// The id to order it by.
    #[schema(example = "margherita")]
    id: &'a str,
    /// What it is called.
    name: &'a str,
    /// What it is.
    description: &'a str,
    /// What one costs, with the currency's decimals.
    #[schema(value_type = f64, example = 9.50)]
    price: Amount,
    /// ISO 4217.
    #[schema(value_type = String, example = "USD")]
    currency: Currency,
    /// A picture: a path or URL.
    #[schema(required)]
    image: Option<&'a str>,
    /// What it is made of.
    ingredients: &'a [String],
    /// Whether it can be ordered.
    available: bool,
    /// How many there are. Null: not tracked.
    #[schema(required)]
    stock: Option<u32>,
}

impl<'a> From<&'a Product> for ProductView<'a> {
    fn from(product: &'a Product) -> Self {
        Self {
            id: &product.id,
            name: &product.name,
            description: &product.description,
            price: Amount::new(product.price, product.currency),
            currency: product.currency,
            image: product.image.as_deref(),
            ingredients: &product.ingredients,
            available: product.available,
            stock: product.stock,
        }
    }
}
