//! The five forms of an order, for the description only: [`orders::forms`] is what reads them.
#![expect(dead_code, reason = "these describe what is read elsewhere and are never made")]

use serde::Deserialize;
use utoipa::ToSchema;

use super::states;

/// An order, in one of five forms. The form is told from the top-level keys.
#[derive(ToSchema, Deserialize)]
#[serde(untagged)]
pub(crate) enum PlaceOrder {
    Amount(AmountOrder),
    Priced(PricedOrder),
    Catalogue(CatalogueOrder),
    Declared(DeclaredOrder),
    Document(serde_json::Value),
}

/// Form 1: a name and a total. Takes the optional fields of the other forms too.
#[derive(ToSchema, Deserialize)]
#[schema(example = json!({"customer_name": "John Doe", "total_amount": 100.50}))]
pub(crate) struct AmountOrder {
    customer_name: String,
    /// A number or a decimal string.
    total_amount: f64,
}

/// Form 2: lines with prices. The total is their sum.
#[derive(ToSchema, Deserialize)]
#[schema(example = json!({"customer_id": "customer-123", "items": [
    {"product_id": "product-1", "quantity": 2, "price": 10.50},
    {"product_id": "product-2", "quantity": 1, "price": 25.00}
]}))]
pub(crate) struct PricedOrder {
    customer_id: String,
    items: Vec<PricedLine>,
    /// ISO 4217; a setting says which one if left out.
    currency: Option<String>,
    /// What another system calls the order. The same content under it is the same order.
    external_id: Option<String>,
    /// Your own notes.
    #[schema(value_type = Option<Object>)]
    metadata: Option<serde_json::Value>,
    /// What you believe the total to be; a drift from it is 409.
    expected_total: Option<f64>,
    #[schema(value_type = Option<states::Delivery>)]
    delivery: Option<serde_json::Value>,
    /// Makes the order payable, for example `card`; without it nothing is charged. `paymentMethod` too.
    payment_method: Option<String>,
}

/// A line with its price.
#[derive(ToSchema, Deserialize)]
pub(crate) struct PricedLine {
    product_id: String,
    #[schema(minimum = 1, maximum = 1_000_000)]
    quantity: u32,
    price: f64,
}

/// Form 3: lines that the menu prices. Takes the optional fields of form 2.
#[derive(ToSchema, Deserialize)]
#[schema(example = json!({"items": [{"pizzaId": "margherita", "quantity": 1}], "deliveryAddress": "Test Street 123", "paymentMethod": "card"}))]
pub(crate) struct CatalogueOrder {
    /// `userId` too.
    customer_id: Option<String>,
    items: Vec<CatalogueLine>,
    /// The address of `delivery`.
    #[serde(rename = "deliveryAddress")]
    delivery_address: Option<String>,
    #[serde(rename = "paymentMethod")]
    payment_method: Option<String>,
}

/// A line that the menu prices. `product_id` instead of `pizzaId` too.
#[derive(ToSchema, Deserialize)]
pub(crate) struct CatalogueLine {
    #[serde(rename = "pizzaId")]
    pizza_id: String,
    #[schema(minimum = 1, maximum = 1_000_000)]
    quantity: u32,
}

/// Form 4: lines, and a total for all of them. Takes the optional fields of form 2.
#[derive(ToSchema, Deserialize)]
#[schema(example = json!({"user_id": "user_1", "amount": "140", "products": [{"product_id": "product_001", "quantity": 1}]}))]
pub(crate) struct DeclaredOrder {
    user_id: String,
    /// A decimal string or a number.
    amount: String,
    products: Vec<DeclaredLine>,
}

/// A line without a price.
#[derive(ToSchema, Deserialize)]
pub(crate) struct DeclaredLine {
    product_id: String,
    #[schema(minimum = 1, maximum = 1_000_000)]
    quantity: u32,
}
