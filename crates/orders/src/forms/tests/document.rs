//! Form 5: the full document.

use serde_json::{Value, json};

use super::{DOCUMENT, accepted, assert_refused, settings};
use crate::forms::{FormError, FormSettings, parse};
use crate::place::Pricing;

/// The document with the value at `pointer` replaced, or removed.
fn changed(pointer: &str, value: Option<Value>) -> String {
    let mut document: Value = serde_json::from_str(DOCUMENT).unwrap();
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let parent = document.pointer_mut(parent).unwrap();
    match (parent, value) {
        (Value::Object(object), Some(value)) => drop(object.insert(key.into(), value)),
        (Value::Object(object), None) => drop(object.remove(key).unwrap()),
        (parent, value) => panic!("{parent} {value:?}"),
    }
    document.to_string()
}

#[test]
fn the_example_is_kept_whole_and_mapped() {
    let order = accepted(DOCUMENT);
    assert_eq!(order.document.as_deref(), Some(DOCUMENT));
    assert_eq!(order.external_id.as_deref(), Some("c71e90d4a2f84b3e8d16demo"));
    assert_eq!(order.customer_id.as_deref(), Some("customer-1087"));
    assert_eq!(order.pricing, Pricing::Declared { total: 326_500 });
    assert_eq!(order.currency, Some("RUB".parse().unwrap()));
    assert_eq!((order.payment_method, order.customer_name, order.expected_total), (None, None, None));
    let delivery = order.delivery.unwrap();
    assert_eq!(delivery.name.as_deref(), Some("Мария Соколова"));
    assert_eq!(delivery.email.as_deref(), Some("m.sokolova@example.org"));
    assert_eq!(delivery.address.as_deref(), Some("ул. Карла Маркса, д. 61, кв. 12"));
    assert_eq!(
        json!(order.lines),
        json!([
            {"product_id": "7340021", "name": "Кофемолка ручная", "quantity": 1, "price": 190_000, "total": 161_500},
            {"product_id": "7340055", "name": "Набор чашек, 4 шт.", "quantity": 1, "price": 130_000, "total": 130_000},
        ])
    );
    assert_eq!(order.fingerprint.len(), 64);
}

#[test]
fn unknown_fields_are_kept() {
    let body = changed("/payment/extra", Some(json!({"deep": [1, {"x": null}]})));
    assert_eq!(accepted(&body).document, Some(body));
    let body = DOCUMENT.replacen(
        "\"sm_id\": 31",
        "\"sm_id\": 31, \"big\": 1e400, \"long\": 123456789012345678901234",
        1,
    );
    assert_eq!(accepted(&body).document, Some(body));
}

#[test]
fn every_field_is_required() {
    let document: Value = serde_json::from_str(DOCUMENT).unwrap();
    let pointers = |prefix: &str| -> Vec<String> {
        let object = document.pointer(prefix).unwrap().as_object().unwrap();
        object.keys().map(|key| format!("{prefix}/{key}")).filter(|pointer| pointer != "/order_uid").collect()
    };
    let all: Vec<_> = ["", "/delivery", "/payment", "/items/1"].into_iter().flat_map(pointers).collect();
    assert_eq!(all.len(), 13 + 7 + 10 + 11);
    for pointer in all {
        for value in [None, Some(Value::Null)] {
            assert_refused(&changed(&pointer, value), &[(&pointer, "required")]);
        }
        assert_refused(&changed(&pointer, Some(json!(true))), &[(&pointer, "wrong_type")]);
    }
}

#[test]
fn texts_are_not_empty_but_for_two() {
    for pointer in ["/internal_signature", "/payment/request_id"] {
        accepted(&changed(pointer, Some(json!(""))));
        assert_refused(&changed(pointer, Some(json!("x".repeat(1001)))), &[(pointer, "too_long")]);
    }
    for pointer in [
        "/order_uid",
        "/track_number",
        "/entry",
        "/locale",
        "/customer_id",
        "/delivery_service",
        "/shardkey",
        "/date_created",
        "/oof_shard",
        "/delivery/name",
        "/delivery/phone",
        "/delivery/zip",
        "/delivery/city",
        "/delivery/address",
        "/delivery/region",
        "/delivery/email",
        "/payment/transaction",
        "/payment/provider",
        "/payment/bank",
        "/items/0/track_number",
        "/items/0/rid",
        "/items/1/name",
        "/items/1/size",
        "/items/1/brand",
    ] {
        assert_refused(&changed(pointer, Some(json!(""))), &[(pointer, "empty")]);
        assert_refused(&changed(pointer, Some(json!("a\0"))), &[(pointer, "nul_character")]);
        assert_refused(&changed(pointer, Some(json!("x".repeat(1001)))), &[(pointer, "too_long")]);
    }
}

#[test]
fn amounts_are_whole_units_not_below_zero() {
    for pointer in [
        "/payment/amount",
        "/payment/delivery_cost",
        "/payment/goods_total",
        "/payment/custom_fee",
        "/items/0/price",
        "/items/1/total_price",
    ] {
        accepted(&changed(pointer, Some(json!(0))));
        assert_refused(&changed(pointer, Some(json!(-1))), &[(pointer, "negative")]);
        assert_refused(&changed(pointer, Some(json!(1.5))), &[(pointer, "not_whole")]);
        assert_refused(&changed(pointer, Some(json!("100"))), &[(pointer, "wrong_type")]);
        assert_refused(&changed(pointer, Some(json!(90_071_992_547_410_i64))), &[(pointer, "out_of_range")]);
        assert_refused(&changed(pointer, Some(json!(u64::MAX))), &[(pointer, "out_of_range")]);
    }
}

#[test]
fn other_numbers() {
    for (pointer, fine, bad, code) in [
        ("/sm_id", 0, -1, "negative"),
        ("/items/0/sale", 0, -1, "negative"),
        ("/payment/payment_dt", 1, 0, "out_of_range"),
        ("/payment/payment_dt", 1, -1, "negative"),
        ("/items/0/chrt_id", -1, 0, "out_of_range"),
        ("/items/0/nm_id", -1, 0, "out_of_range"),
        ("/items/1/status", -1, 0, "out_of_range"),
    ] {
        accepted(&changed(pointer, Some(json!(fine))));
        assert_refused(&changed(pointer, Some(json!(bad))), &[(pointer, code)]);
    }
}

#[test]
fn shaped_fields() {
    for (pointer, value, code) in [
        ("/delivery/email", "not an address", "invalid_email"),
        ("/date_created", "yesterday", "invalid_time"),
        ("/payment/currency", "rub", "unknown_currency"),
    ] {
        assert_refused(&changed(pointer, Some(json!(value))), &[(pointer, code)]);
    }
    for currency in ["USD", "EUR", "RUB", "JPY"] {
        accepted(&changed("/payment/currency", Some(json!(currency))));
    }
    assert_refused(&changed("/items", Some(json!([]))), &[("/items", "empty")]);
    assert_refused(&changed("/items", Some(json!(vec![json!({}); 1001]))), &[("/items", "too_many")]);
}

#[test]
fn what_is_refused_anywhere_is_refused_in_unknown_fields() {
    let with =
        |member: &str| DOCUMENT.replacen("\"sm_id\": 31", &format!("\"sm_id\": 31, \"extra\": {member}"), 1);
    assert_refused(&with(r#"[{"a": 1, "a": 1}]"#), &[("/extra/0/a", "duplicate_key")]);
    assert_refused(&with(r#"{"a": "\u0000"}"#), &[("/extra/a", "nul_character")]);
    assert_refused(&with(r#"{"\u0000": 1}"#), &[("/extra/\u{fffd}", "nul_character")]);
    assert_refused(&with(r#"1, "extra": 1"#), &[("/extra", "duplicate_key")]);
    let too_deep = with(&format!("{}{}", "[".repeat(32), "]".repeat(32)));
    assert!(matches!(parse(too_deep.as_bytes(), &settings()), Err(FormError::NotJson { .. })));
    accepted(&with(&format!("{}{}", "[".repeat(31), "]".repeat(31))));
}

#[test]
fn sums_are_checked_only_if_a_setting_says_so() {
    let strict = FormSettings { check_document_sums: true, ..settings() };
    assert!(parse(DOCUMENT.as_bytes(), &strict).is_ok());
    for (pointer, value, expected) in [
        ("/payment/amount", 3264, &["/payment/amount"][..]),
        ("/payment/custom_fee", 1, &["/payment/amount"]),
        ("/payment/goods_total", 2914, &["/payment/goods_total", "/payment/amount"]),
        ("/items/0/total_price", 1616, &["/payment/goods_total"]),
    ] {
        let body = changed(pointer, Some(json!(value)));
        accepted(&body);
        let Err(FormError::Invalid { errors }) = parse(body.as_bytes(), &strict) else { panic!("{pointer}") };
        assert!(errors.iter().all(|error| error.code == "sum_mismatch"));
        assert_eq!(errors.iter().map(|error| error.path.as_str()).collect::<Vec<_>>(), expected);
    }
}
