//! Every rule of the five forms by table, and properties over damaged and arbitrary bodies.

use super::{FormError, FormSettings, parse};
use crate::place::PlaceOrder;

mod accepted;
mod document;
mod fingerprint;
mod properties;
mod refused;
mod unreadable;

const AMOUNT: &str = r#"{"customer_name": "John Doe", "total_amount": 100.50}"#;
const PRICED: &str = r#"{"customer_id": "customer-123", "items": [
    {"product_id": "product-1", "quantity": 2, "price": 10.50},
    {"product_id": "product-2", "quantity": 1, "price": 25.00}]}"#;
const CATALOGUE: &str = r#"{"items": [{"pizzaId": "margherita", "quantity": 1}],
    "deliveryAddress": "Test Street 123", "paymentMethod": "card"}"#;
const DECLARED: &str = r#"{"user_id": "user_1", "amount": "140", "products": [
    {"product_id": "product_001", "quantity": 1}, {"product_id": "product_002", "quantity": 19}]}"#;
const DOCUMENT: &str = include_str!("full-document.json");
const FORMS: [&str; 5] = [AMOUNT, PRICED, CATALOGUE, DECLARED, DOCUMENT];

fn settings() -> FormSettings {
    FormSettings { default_currency: "USD".parse().unwrap(), check_document_sums: false }
}

fn accepted(body: &str) -> PlaceOrder {
    parse(body.as_bytes(), &settings()).unwrap_or_else(|error| panic!("{error:?}: {body}"))
}

/// The pointer and code of every error, in their order.
fn refused(body: &str) -> Vec<(String, &'static str)> {
    match parse(body.as_bytes(), &settings()) {
        Err(FormError::Invalid { errors }) => {
            errors.into_iter().map(|error| (error.path, error.code)).collect()
        }
        other => panic!("expected field errors, got {other:?}"),
    }
}

fn assert_refused(body: &str, expected: &[(&str, &str)]) {
    let errors = refused(body);
    let errors: Vec<_> = errors.iter().map(|(path, code)| (path.as_str(), *code)).collect();
    assert_eq!(errors, expected, "{}", body.chars().take(400).collect::<String>());
}

/// `AMOUNT` with more members.
fn with(members: &str) -> String {
    format!(r#"{{"customer_name": "John Doe", "total_amount": 100.50, {members}}}"#)
}
