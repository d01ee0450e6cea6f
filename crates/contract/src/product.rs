//! A product of the menu, as the catalogue announces it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::money::Currency;

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
    /// How many there are. None: not tracked.
    #[serde(default)]
    pub stock: Option<u32>,
}
