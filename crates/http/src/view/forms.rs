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
    Document(Box<Document>),
}

/// An amount, read exactly from its text: a number, or a string with one. It has no more decimals than the currency.
#[derive(ToSchema, Deserialize)]
#[serde(untagged)]
#[schema(as = StatedAmount)]
pub(crate) enum Amount {
    Number(f64),
    Text(String),
}

/// Form 1: a name and a total. Takes the optional fields of the other forms too.
#[derive(ToSchema, Deserialize)]
#[schema(example = json!({"customer_name": "John Doe", "total_amount": 100.50}))]
pub(crate) struct AmountOrder {
    customer_name: String,
    total_amount: Amount,
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
    expected_total: Option<Amount>,
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
    price: Amount,
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
    amount: Amount,
    products: Vec<DeclaredLine>,
}

/// A line without a price.
#[derive(ToSchema, Deserialize)]
pub(crate) struct DeclaredLine {
    product_id: String,
    #[schema(minimum = 1, maximum = 1_000_000)]
    quantity: u32,
}

/// Form 5: a full document from another system, kept whole, and given back whole under its `order_uid`. Further fields are kept too.
/// Its amounts are whole units of the currency.
#[derive(ToSchema, Deserialize)]
#[schema(as = DocumentOrder)]
pub(crate) struct Document {
    /// What the other system calls it: its external id.
    order_uid: String,
    track_number: String,
    entry: String,
    delivery: DocumentDelivery,
    payment: DocumentPayment,
    #[schema(min_items = 1, max_items = 1000)]
    items: Vec<DocumentItem>,
    locale: String,
    /// May be empty.
    internal_signature: String,
    customer_id: String,
    delivery_service: String,
    shardkey: String,
    #[schema(minimum = 0)]
    sm_id: i64,
    #[schema(format = DateTime)]
    date_created: String,
    oof_shard: String,
}

/// Where a document's order goes.
#[derive(ToSchema, Deserialize)]
pub(crate) struct DocumentDelivery {
    name: String,
    phone: String,
    zip: String,
    city: String,
    address: String,
    region: String,
    email: String,
}

/// How a document's order was paid elsewhere.
#[derive(ToSchema, Deserialize)]
pub(crate) struct DocumentPayment {
    transaction: String,
    /// May be empty.
    request_id: String,
    /// ISO 4217.
    currency: String,
    provider: String,
    #[schema(minimum = 0)]
    amount: i64,
    /// When, in seconds since 1970.
    #[schema(minimum = 1)]
    payment_dt: i64,
    bank: String,
    #[schema(minimum = 0)]
    delivery_cost: i64,
    #[schema(minimum = 0)]
    goods_total: i64,
    #[schema(minimum = 0)]
    custom_fee: i64,
}

/// One piece of a document's order.
#[derive(ToSchema, Deserialize)]
pub(crate) struct DocumentItem {
    /// The product. Not 0.
    chrt_id: i64,
    track_number: String,
    #[schema(minimum = 0)]
    price: i64,
    rid: String,
    name: String,
    #[schema(minimum = 0)]
    sale: i64,
    size: String,
    #[schema(minimum = 0)]
    total_price: i64,
    /// Not 0.
    nm_id: i64,
    brand: String,
    /// Not 0.
    status: i64,
}
