//! What valid forms become.

use contract::{Delivery, Language};
use serde_json::json;

use super::{AMOUNT, CATALOGUE, DECLARED, DOCUMENT, FORMS, PRICED, accepted, settings, with};
use crate::forms::{FormSettings, parse};
use crate::place::{LineRequest, PlaceOrder, Pricing};

fn line(product_id: &str, quantity: u32, price: Option<i64>, total: Option<i64>) -> LineRequest {
    LineRequest { product_id: product_id.into(), name: None, quantity, price, total }
}

fn bare(pricing: Pricing) -> PlaceOrder {
    PlaceOrder {
        customer_id: None,
        customer_name: None,
        pricing,
        lines: vec![],
        currency: Some("USD".parse().unwrap()),
        expected_total: None,
        delivery: None,
        payment_method: None,
        external_id: None,
        metadata: serde_json::Map::new(),
        language: None,
        document: None,
        fingerprint: String::new(),
    }
}

#[test]
fn form_1_is_a_name_and_a_total() {
    let order = bare(Pricing::Declared { total: 10_050 });
    assert_eq!(accepted(AMOUNT), PlaceOrder { customer_name: Some("John Doe".into()), ..order });
}

#[test]
fn form_2_prices_its_lines() {
    let lines =
        vec![line("product-1", 2, Some(1_050), Some(2_100)), line("product-2", 1, Some(2_500), Some(2_500))];
    let order = bare(Pricing::Priced);
    assert_eq!(accepted(PRICED), PlaceOrder { customer_id: Some("customer-123".into()), lines, ..order });
}

#[test]
fn form_3_leaves_prices_and_currency_to_the_catalogue() {
    let delivery = Delivery { address: Some("Test Street 123".into()), ..Delivery::default() };
    let order = PlaceOrder {
        lines: vec![line("margherita", 1, None, None)],
        currency: None,
        delivery: Some(delivery),
        payment_method: Some("card".into()),
        ..bare(Pricing::Catalogue)
    };
    assert_eq!(accepted(CATALOGUE), order);
}

#[test]
fn form_3_takes_either_name_of_a_field_and_a_named_currency() {
    let order = accepted(
        r#"{"userId": "u", "items": [{"product_id": "a", "quantity": 1}, {"pizzaId": "b", "quantity": 2}],
            "currency": "JPY", "expected_total": "700"}"#,
    );
    assert_eq!(order.customer_id.as_deref(), Some("u"));
    assert_eq!(order.lines, [line("a", 1, None, None), line("b", 2, None, None)]);
    assert_eq!(order.currency, Some("JPY".parse().unwrap()));
    assert_eq!(order.expected_total, Some(700));
    let order = accepted(
        r#"{"customer_id": "c", "items": [{"product_id": "a", "quantity": 1}], "expected_total": 7}"#,
    );
    assert_eq!((order.customer_id.as_deref(), order.currency), (Some("c"), None));
    assert_eq!(order.expected_total, Some(700), "read in the default currency");
}

#[test]
fn form_4_declares_a_total_over_its_lines() {
    let lines = vec![line("product_001", 1, None, None), line("product_002", 19, None, None)];
    let order = bare(Pricing::Declared { total: 14_000 });
    assert_eq!(accepted(DECLARED), PlaceOrder { customer_id: Some("user_1".into()), lines, ..order });
}

#[test]
fn optional_fields_of_forms_1_to_4_are_read() {
    let order = accepted(&with(
        r#""currency": "KWD", "external_id": "e-1", "metadata": {"a": [1, -2.5, {"b": null}], "c": 18446744073709551615},
        "expected_total": "100.500", "payment_method": "card",
        "delivery": {"name": "n", "phone": "p", "zip": "z", "city": "c", "address": "a", "region": "r", "email": "a@b.c"}"#,
    ));
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(order.pricing, Pricing::Declared { total: 100_500 });
    assert_eq!(order.currency, Some("KWD".parse().unwrap()));
    assert_eq!(order.external_id, some("e-1"));
    assert_eq!(order.expected_total, Some(100_500));
    assert_eq!(order.payment_method, some("card"));
    assert_eq!(json!(order.metadata), json!({"a": [1, -2.5, {"b": null}], "c": u64::MAX}));
    let delivery = Delivery {
        name: some("n"),
        phone: some("p"),
        zip: some("z"),
        city: some("c"),
        address: some("a"),
        region: some("r"),
        email: some("a@b.c"),
    };
    assert_eq!(order.delivery, Some(delivery));
}

#[test]
fn null_is_absent_for_an_optional_field() {
    let order = accepted(&with(
        r#""currency": null, "external_id": null, "metadata": null, "expected_total": null, "delivery": null,
        "payment_method": null"#,
    ));
    assert_eq!(order, accepted(AMOUNT));
}

#[test]
fn amounts_are_read_exactly_from_number_or_text() {
    for (amount, total) in [
        ("100.50", 10_050),
        ("\"100.50\"", 10_050),
        ("1.005e2", 10_050),
        ("\"10\\u0030\"", 10_000),
        ("0", 0),
        ("-0", 0),
        ("100.500", 10_050),
        ("0.29", 29),
        ("90071992547409.91", contract::MAX_MINOR),
    ] {
        let body = format!(r#"{{"customer_name": "n", "total_amount": {amount}}}"#);
        assert_eq!(accepted(&body).pricing, Pricing::Declared { total }, "{amount}");
    }
}

#[test]
fn the_default_currency_is_a_setting() {
    let settings = FormSettings { default_currency: "JPY".parse().unwrap(), ..settings() };
    let order = parse(DECLARED.as_bytes(), &settings).unwrap();
    assert_eq!(order.pricing, Pricing::Declared { total: 140 });
    assert_eq!(order.currency, Some("JPY".parse().unwrap()));
}

#[test]
fn limits_are_inclusive() {
    let name = "я".repeat(255);
    assert_eq!(
        accepted(&format!(r#"{{"customer_name": "{name}", "total_amount": 1}}"#)).customer_name,
        Some(name)
    );
    let item = r#"{"product_id": "p", "quantity": 1000000}"#;
    let items = vec![item; 1000].join(",");
    let order = accepted(&format!(r#"{{"items": [{items}]}}"#));
    assert_eq!((order.lines.len(), order.lines.last().unwrap().quantity), (1000, 1_000_000));
    let nested = format!(r#""metadata": {{"a": {}1{}}}"#, "[".repeat(30), "]".repeat(30));
    assert!(accepted(&with(&nested)).metadata.contains_key("a"));
    let largest = format!(r#"{{"a":"{}"}}"#, "x".repeat(16 * 1024 - 8));
    assert_eq!(accepted(&with(&format!(r#""metadata": {largest}"#))).metadata.len(), 1);
}

#[test]
fn the_command_survives_its_own_serialization() {
    for form in FORMS {
        let order = accepted(form);
        let text = serde_json::to_string(&order).unwrap();
        assert_eq!(serde_json::from_str::<PlaceOrder>(&text).unwrap(), order);
    }
}

#[test]
fn a_language_is_taken_from_the_metadata_or_the_documents_locale() {
    let told = |tag: &str| {
        accepted(&format!(
            r#"{{"customer_name": "Ann", "total_amount": 1, "metadata": {{"language": {tag}}}}}"#
        ))
        .language
    };
    assert_eq!(told(r#""ru-RU""#), Some(Language::Russian));
    for none in [r#""tlh""#, "7", "null"] {
        assert_eq!(told(none), None, "{none}");
    }
    assert_eq!(accepted(AMOUNT).language, None);
    assert_eq!(accepted(DOCUMENT).language, Some(Language::Russian));
}
