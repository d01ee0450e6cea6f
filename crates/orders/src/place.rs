//! `PlaceOrder`, the one command every form of an order becomes. Plain data; [`crate::forms`] is where it is made.
//!
//! Amounts are minor units of the order's currency. Nothing here says which form the order came in.

use contract::{Currency, Delivery, Language};
use engine::Claim;
use engine::claim::ClaimKind;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// An order as it is asked for, valid in itself and not yet priced or accepted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlaceOrder {
    /// Who orders, by their id, if the form says so.
    pub customer_id: Option<String>,
    /// Who orders, by name, if the form says so.
    pub customer_name: Option<String>,
    /// Where the total comes from.
    pub pricing: Pricing,
    /// What is ordered, at most 1000 lines; empty for an order by amount alone.
    pub lines: Vec<LineRequest>,
    /// `None` only when the catalogue prices the order and the caller named no currency.
    pub currency: Option<Currency>,
    /// What the caller believes the total to be, in minor units; a drift from it is refused.
    pub expected_total: Option<i64>,
    /// Where it goes.
    pub delivery: Option<Delivery>,
    /// Makes the order payable; without it nothing is charged.
    pub payment_method: Option<String>,
    /// The id another system gave the order; the same id with the same content is the same order.
    pub external_id: Option<String>,
    /// The caller's own notes, kept and given back.
    pub metadata: Map<String, Value>,
    /// The language of whoever orders, if the form says so in a way that is understood.
    pub language: Option<Language>,
    /// A full document from another system as it came, its exact text, unknown fields too.
    pub document: Option<String>,
    /// SHA-256 of the content in lower-case hex, the same for the same content in other spacing, key order or
    /// spelling of numbers. Empty when there is no `external_id`: nothing would compare it.
    pub fingerprint: String,
}

impl PlaceOrder {
    /// What it claims besides the id of its message: the name that another system gave the order.
    pub fn claim(&self) -> Option<Claim> {
        self.external_id.as_ref().map(|external_id| Claim {
            id: format!("external/{external_id}"),
            fingerprint: self.fingerprint.clone(),
            kind: ClaimKind::External,
            expires: None,
        })
    }
}

/// Where the total of an order comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pricing {
    /// The caller declared it, and the prices of the lines do not change it.
    Declared {
        /// Minor units.
        total: i64,
    },
    /// The sum of the lines, each with its price and its total.
    Priced,
    /// The catalogue prices the lines when the order is placed.
    Catalogue,
}

/// One line of an order as it is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineRequest {
    /// The product, 1 to 255 characters.
    pub product_id: String,
    /// What the product was called, if the form says so.
    pub name: Option<String>,
    /// How many, 1 to 1 000 000.
    pub quantity: u32,
    /// Minor units for one, if the form says so.
    pub price: Option<i64>,
    /// Minor units for the line, if the form says so or has a price.
    pub total: Option<i64>,
}
