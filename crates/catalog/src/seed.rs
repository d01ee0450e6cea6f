//! The menu that ships with ordo, an example to be replaced.

use contract::{Currency, Money, Product};
use serde::Deserialize;
use serde_json::value::RawValue;
use thiserror::Error;

/// The seed file in the binary.
pub const SEED: &str = include_str!("../seed.json");

/// Why a seed file cannot be used.
#[derive(Debug, Error)]
pub enum SeedError {
    /// It is not a JSON array of products.
    #[error("the menu is not an array of products: {0}")]
    Malformed(#[from] serde_json::Error),
    /// A price is not an amount of its currency.
    #[error("the price of '{id}' is no amount: {error}")]
    Price {
        /// The product.
        id: String,
        /// Why.
        error: contract::AmountError,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Seed {
    id: String,
    name: String,
    #[serde(default)]
    description: String,
    price: Box<RawValue>,
    currency: Currency,
    #[serde(default)]
    image: Option<String>,
    #[serde(default)]
    ingredients: Vec<String>,
    #[serde(default = "yes")]
    available: bool,
    #[serde(default)]
    stock: Option<u32>,
}

const fn yes() -> bool {
    true
}

/// Reads a seed file: an array of products as the menu's API writes them.
///
/// # Errors
/// [`SeedError`] where it is anything else.
pub fn parse(text: &str) -> Result<Vec<Product>, SeedError> {
    let seeds: Vec<Seed> = serde_json::from_str(text)?;
    seeds.into_iter().map(product).collect()
}

fn product(seed: Seed) -> Result<Product, SeedError> {
    let price = Money::from_json(&seed.price, seed.currency)
        .map_err(|error| SeedError::Price { id: seed.id.clone(), error })?;
    Ok(Product {
        id: seed.id,
        name: seed.name,
        description: seed.description,
        price: price.minor,
        currency: seed.currency,
        image: seed.image,
        ingredients: seed.ingredients,
        available: seed.available,
        stock: seed.stock,
        deleted: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_menu_can_be_read() {
        let menu = parse(SEED).unwrap();
        assert!(menu.iter().any(|product| product.id == "margherita" && product.price == 1_200));
        assert!(menu.iter().any(|product| !product.available));
        assert!(menu.iter().any(|product| product.stock.is_some()));
    }

    #[test]
    fn a_price_with_too_many_decimals_is_named() {
        let text = r#"[{"id": "a", "name": "A", "price": 1.005, "currency": "USD"}]"#;
        assert!(matches!(parse(text), Err(SeedError::Price { id, .. }) if id == "a"));
    }
}
