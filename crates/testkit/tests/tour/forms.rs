//! The five forms of an order, and what each comes to.

use serde_json::{Value, json};

/// A full document from another system.
pub const DOCUMENT: &str = include_str!("../../../../docs/examples/full-document.json");

/// One order of each form.
pub const FORMS: [&str; 5] = [
    r#"{"customer_name": "John Doe", "total_amount": 100.50}"#,
    r#"{"customer_id": "customer-123", "items": [{"product_id": "product-1", "quantity": 2, "price": 10.50},
        {"product_id": "product-2", "quantity": 1, "price": 25.00}]}"#,
    r#"{"items": [{"pizzaId": "margherita", "quantity": 1}], "deliveryAddress": "Test Street 123",
        "paymentMethod": "card"}"#,
    r#"{"user_id": "user_1", "amount": "140", "products": [{"product_id": "product_001", "quantity": 1},
        {"product_id": "product_002", "quantity": 19}]}"#,
    DOCUMENT,
];

/// Their totals.
pub fn totals() -> [Value; 5] {
    [json!(100.5), json!(46.0), json!(12.0), json!(140.0), json!(3265.0)]
}
