//! A product as somebody writes it.

use contract::{Currency, Money, Product};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::problem::Problem;
use crate::problems::INVALID_CONTENT;

/// The longest id and name, in characters.
const MAX_NAME: usize = 255;
/// The longest description, picture and ingredient, in characters.
const MAX_TEXT: usize = 4_000;
/// The most ingredients.
const MAX_INGREDIENTS: usize = 100;
/// The largest stock.
const MAX_STOCK: u32 = 1_000_000_000;

/// A product of the menu.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewProduct)]
pub(crate) struct ProductBody {
    /// The id to order it by, 1 to 255 characters. Where the path has it, it may be left out here.
    #[schema(example = "tiramisu")]
    pub id: Option<String>,
    /// What it is called, 1 to 255 characters.
    #[schema(example = "Tiramisù")]
    pub name: String,
    /// What it is.
    #[serde(default)]
    pub description: String,
    /// What one costs: a number or a decimal string.
    #[schema(value_type = f64, example = 6.50)]
    pub price: Box<RawValue>,
    /// ISO 4217. The default currency if left out.
    #[schema(value_type = Option<String>, example = "USD")]
    pub currency: Option<Currency>,
    /// A picture: a path or URL.
    #[serde(default)]
    pub image: Option<String>,
    /// What it is made of, at most 100.
    #[serde(default)]
    pub ingredients: Vec<String>,
    /// Whether it can be ordered.
    #[serde(default = "yes")]
    pub available: bool,
    /// How many can be ordered, at most 1 000 000 000. Null: not tracked. Left out of a replacement: as it was.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<u32>, example = 24)]
    pub stock: Option<Option<u32>>,
}

const fn yes() -> bool {
    true
}

/// What is there, be it null.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<u32>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

impl ProductBody {
    /// The product, under the id of the path if that has one.
    pub fn product(self, of_path: Option<&str>, default_currency: Currency) -> Result<Product, Problem> {
        let id = match (of_path, self.id) {
            (Some(path), Some(id)) if path != id => return Err(invalid("/id", "the id is not the path's")),
            (Some(path), _) => path.to_owned(),
            (None, Some(id)) => id,
            (None, None) => return Err(invalid("/id", "name the id to order it by")),
        };
        let currency = self.currency.unwrap_or(default_currency);
        let price = Money::from_json(&self.price, currency);
        let price = price.map_err(|error| invalid("/price", &error.to_string()))?.minor;
        fit("/id", &id, 1, MAX_NAME)?;
        fit("/name", &self.name, 1, MAX_NAME)?;
        fit("/description", &self.description, 0, MAX_TEXT)?;
        fit("/image", self.image.as_deref().unwrap_or_default(), 0, MAX_TEXT)?;
        self.ingredients.iter().try_for_each(|text| fit("/ingredients", text, 1, MAX_TEXT))?;
        if self.ingredients.len() > MAX_INGREDIENTS {
            return Err(invalid("/ingredients", "name at most 100 ingredients"));
        }
        let stock = self.stock.flatten();
        if stock.is_some_and(|stock| stock > MAX_STOCK) {
            return Err(invalid("/stock", "a stock is at most 1000000000"));
        }
        Ok(Product {
            id,
            name: self.name,
            description: self.description,
            price,
            currency,
            image: self.image,
            ingredients: self.ingredients,
            available: self.available,
            stock,
            deleted: false,
        })
    }
}

fn fit(path: &'static str, text: &str, least: usize, most: usize) -> Result<(), Problem> {
    let is_fit = (least..=most).contains(&text.chars().count()) && !text.contains('\0');
    match is_fit {
        true => Ok(()),
        false => Err(invalid(path, &format!("write {least} to {most} characters, without U+0000"))),
    }
}

fn invalid(path: &'static str, detail: &str) -> Problem {
    Problem::new(INVALID_CONTENT, detail.to_owned()).at(path, "invalid")
}
