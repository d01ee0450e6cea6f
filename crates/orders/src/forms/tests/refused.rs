//! What is refused, at which place, with which code.

use super::{AMOUNT, assert_refused, refused, with};
use crate::forms::{FormError, parse};

#[test]
fn a_document_in_no_form_is_told_the_forms() {
    for body in ["{}", r#"{"customer_name": "x"}"#, r#"{"Total_amount": 1}"#] {
        let Err(FormError::Invalid { errors }) = parse(body.as_bytes(), &super::settings()) else {
            panic!("{body}")
        };
        assert_eq!((errors[0].path.as_str(), errors[0].code, errors.len()), ("", "unknown_form", 1));
        for key in ["total_amount", "price", "pizzaId", "products", "order_uid"] {
            assert!(errors[0].message.contains(key), "{key}");
        }
    }
    for body in ["[]", "1", "null", "\"order\"", "[{}]"] {
        assert_refused(body, &[("", "wrong_type")]);
    }
}

#[test]
fn the_form_is_told_by_its_keys_in_the_order_of_the_contract() {
    assert_refused(
        r#"{"customer_name": "n", "total_amount": 1, "items": [{"pizzaId": "p", "quantity": 1}]}"#,
        &[("/customer_name", "unknown_field"), ("/total_amount", "unknown_field")],
    );
    assert_refused(
        r#"{"user_id": "u", "amount": 1, "products": [{"product_id": "p", "quantity": 1}], "items": []}"#,
        &[("/items", "unknown_field")],
    );
    assert!(refused(r#"{"order_uid": "u", "products": []}"#).contains(&("/delivery".into(), "required")));
    assert_refused(
        r#"{"items": [{"pizzaId": "p", "quantity": 1, "price": 1}]}"#,
        &[("/items/0/price", "unknown_field")],
    );
}

#[test]
fn items_have_all_a_price_or_none() {
    for items in [
        r#"{"product_id": "a", "quantity": 1, "price": 1}, {"product_id": "b", "quantity": 1}"#,
        r#"{"product_id": "b", "quantity": 1}, {"product_id": "a", "quantity": 1, "price": 1}"#,
        r#"{"pizzaId": "b", "quantity": 1}, {"product_id": "a", "quantity": 1, "price": 1}"#,
    ] {
        assert_refused(
            &format!(r#"{{"customer_id": "c", "items": [{items}]}}"#),
            &[("/items/1", "mixed_items")],
        );
    }
    assert_refused(r#"{"items": [{"quantity": 1}]}"#, &[("/items/0/product_id", "required")]);
}

#[test]
fn required_fields() {
    for (body, errors) in [
        (r#"{"total_amount": 1}"#, &["/customer_name"][..]),
        (r#"{"customer_name": "n", "total_amount": null}"#, &["/total_amount"]),
        (r#"{"items": [{"price": 1}]}"#, &["/customer_id", "/items/0/product_id", "/items/0/quantity"]),
        (
            r#"{"customer_id": "c", "items": [{"product_id": "p", "quantity": 1, "price": null}]}"#,
            &["/items/0/price"],
        ),
        (r#"{"items": [{"pizzaId": null}]}"#, &["/items/0/product_id", "/items/0/quantity"]),
        (r#"{"items": null}"#, &["/items"]),
        (r#"{"products": [{}]}"#, &["/user_id", "/products/0/product_id", "/products/0/quantity", "/amount"]),
    ] {
        let expected: Vec<_> = errors.iter().map(|path| (*path, "required")).collect();
        assert_refused(body, &expected);
    }
}

#[test]
fn types() {
    for (member, path) in [
        (r#""currency": 1"#, "/currency"),
        (r#""external_id": 1"#, "/external_id"),
        (r#""metadata": []"#, "/metadata"),
        (r#""metadata": "x""#, "/metadata"),
        (r#""expected_total": true"#, "/expected_total"),
        (r#""delivery": "home""#, "/delivery"),
        (r#""delivery": {"zip": 12345}"#, "/delivery/zip"),
        (r#""deliveryAddress": {}"#, "/deliveryAddress"),
        (r#""payment_method": ["card"]"#, "/payment_method"),
    ] {
        assert_refused(&with(member), &[(path, "wrong_type")]);
    }
    assert_refused(
        r#"{"items": [{"product_id": 1, "quantity": "1"}, 7, []], "userId": false}"#,
        &[
            ("/items/1", "wrong_type"),
            ("/items/2", "wrong_type"),
            ("/userId", "wrong_type"),
            ("/items/0/product_id", "wrong_type"),
            ("/items/0/quantity", "wrong_type"),
        ],
    );
    assert_refused(r#"{"items": {"0": {}}}"#, &[("/items", "wrong_type")]);
}

#[test]
fn amounts() {
    for (amount, code) in [
        ("100.505", "too_many_decimals"),
        ("\"0.001\"", "too_many_decimals"),
        ("1e-3", "too_many_decimals"),
        ("-1", "negative"),
        ("\"-0.01\"", "negative"),
        ("90071992547409.92", "out_of_range"),
        ("1e400", "out_of_range"),
        ("123456789012345678901234567890", "out_of_range"),
        ("\"\"", "not_a_number"),
        ("\"1,50\"", "not_a_number"),
        ("\" 1\"", "not_a_number"),
        ("\"1\\u0000\"", "nul_character"),
        ("[1]", "wrong_type"),
        ("true", "wrong_type"),
    ] {
        let form_1 = format!(r#"{{"customer_name": "n", "total_amount": {amount}}}"#);
        assert_refused(&form_1, &[("/total_amount", code)]);
        let form_2 = format!(
            r#"{{"customer_id": "c", "items": [{{"product_id": "p", "quantity": 1, "price": 1}},
                {{"product_id": "p", "quantity": 1, "price": {amount}}}]}}"#
        );
        assert_refused(&form_2, &[("/items/1/price", code)]);
        let form_4 = format!(
            r#"{{"user_id": "u", "amount": {amount}, "products": [{{"product_id": "p", "quantity": 1}}]}}"#
        );
        assert_refused(&form_4, &[("/amount", code)]);
        assert_refused(&with(&format!(r#""expected_total": {amount}"#)), &[("/expected_total", code)]);
    }
    assert_refused(&with(r#""currency": "JPY""#), &[("/total_amount", "too_many_decimals")]);
}

#[test]
fn quantities() {
    for (quantity, code) in [
        ("0", "out_of_range"),
        ("-1", "out_of_range"),
        ("1000001", "out_of_range"),
        ("4294967297", "out_of_range"),
        ("99999999999999999999", "out_of_range"),
        ("1.5", "not_whole"),
        ("1e2", "not_whole"),
        ("\"1\"", "wrong_type"),
    ] {
        let line = format!(r#"{{"product_id": "p", "quantity": {quantity}}}"#);
        let fine = r#"{"product_id": "p", "quantity": 1}"#;
        assert_refused(
            &format!(r#"{{"items": [{fine}, {fine}, {fine}, {line}]}}"#),
            &[("/items/3/quantity", code)],
        );
        assert_refused(
            &format!(r#"{{"user_id": "u", "amount": 1, "products": [{line}]}}"#),
            &[("/products/0/quantity", code)],
        );
    }
}

#[test]
fn totals_stay_within_range() {
    let line =
        |quantity, price| format!(r#"{{"product_id": "p", "quantity": {quantity}, "price": {price}}}"#);
    assert_refused(
        &format!(r#"{{"customer_id": "c", "items": [{}]}}"#, line(1_000_000, "90071992547409")),
        &[("/items/0/quantity", "out_of_range")],
    );
    let half = line(1, "45035996273704.96");
    assert_refused(
        &format!(r#"{{"customer_id": "c", "items": [{half}, {half}]}}"#),
        &[("/items", "out_of_range")],
    );
}

#[test]
fn texts() {
    let long = "x".repeat(256);
    for (text, code) in [
        ("", "empty"),
        (long.as_str(), "too_long"),
        ("a\\u0000b", "nul_character"),
        ("\\u0000", "nul_character"),
    ] {
        for (key, path) in [
            ("external_id", "/external_id"),
            ("payment_method", "/payment_method"),
            ("paymentMethod", "/paymentMethod"),
        ] {
            assert_refused(&with(&format!(r#""{key}": "{text}""#)), &[(path, code)]);
        }
        for key in ["name", "phone", "zip", "city", "region", "email"] {
            let member = format!(r#""delivery": {{"{key}": "{text}"}}"#);
            assert_refused(&with(&member), &[(format!("/delivery/{key}").as_str(), code)]);
        }
        let body = format!(r#"{{"customer_name": "{text}", "total_amount": 1}}"#);
        assert_refused(&body, &[("/customer_name", code)]);
        let body = format!(r#"{{"userId": "{text}", "items": [{{"pizzaId": "{text}", "quantity": 1}}]}}"#);
        assert_refused(&body, &[("/userId", code), ("/items/0/pizzaId", code)]);
        let body = format!(
            r#"{{"user_id": "{text}", "amount": 1, "products": [{{"product_id": "{text}", "quantity": 1}}]}}"#
        );
        assert_refused(&body, &[("/user_id", code), ("/products/0/product_id", code)]);
        let body = format!(
            r#"{{"customer_id": "{text}", "items": [{{"product_id": "{text}", "quantity": 1, "price": 1}}]}}"#
        );
        assert_refused(&body, &[("/customer_id", code), ("/items/0/product_id", code)]);
    }
    let address = "x".repeat(1001);
    assert_refused(&with(&format!(r#""deliveryAddress": "{address}""#)), &[("/deliveryAddress", "too_long")]);
    assert_refused(&with(r#""delivery": {"email": "nobody"}"#), &[("/delivery/email", "invalid_email")]);
}

#[test]
fn currencies() {
    for code in ["", "usd", "XXX", "BTC", "USDT"] {
        assert_refused(&with(&format!(r#""currency": "{code}""#)), &[("/currency", "unknown_currency")]);
    }
}

#[test]
fn unknown_fields() {
    assert_refused(
        &with(r#""customer_id": "c", "a/b~": 1, "delivery": {"street": "x"}"#),
        &[
            ("/customer_id", "unknown_field"),
            ("/a~1b~0", "unknown_field"),
            ("/delivery/street", "unknown_field"),
        ],
    );
    let long = "k".repeat(100_000);
    let errors = refused(&with(&format!(r#""{long}": 1"#)));
    assert_eq!(errors.len(), 1);
    assert!(errors[0].0.chars().count() < 200, "a huge key is not repeated");
}

#[test]
fn duplicate_keys_anywhere() {
    for (member, path) in [
        (r#""total_amount": 1"#, "/total_amount"),
        (r#""external_id": "a", "external_id": "a""#, "/external_id"),
        (r#""external_id": "a", "external\u005fid": "a""#, "/external_id"),
        (r#""delivery": {"zip": "1", "zip": "1"}"#, "/delivery/zip"),
        (r#""metadata": {"a": 1, "a": 1}"#, "/metadata/a"),
        (r#""metadata": {"b": [0, {"": 1, "": 2}]}"#, "/metadata/b/1/"),
    ] {
        assert_refused(&with(member), &[(path, "duplicate_key")]);
    }
    let many: String = (0..100).map(|n| format!(r#""k{n}": 0, "#)).collect();
    assert_refused(
        &with(&format!(r#""metadata": {{{many} "k7": 1, "k93": 1}}"#)),
        &[("/metadata/k7", "duplicate_key"), ("/metadata/k93", "duplicate_key")],
    );
    assert_refused(
        r#"{"items": [{"product_id": "p", "quantity": 1, "quantity": 2}]}"#,
        &[("/items/0/quantity", "duplicate_key")],
    );
    // Also where nothing else looks, because the field is invalid already.
    assert_refused(
        &with(r#""odd": [{"a": 1, "a": 2}]"#),
        &[("/odd", "unknown_field"), ("/odd/0/a", "duplicate_key")],
    );
}

#[test]
fn names_and_aliases_together() {
    for (member, path) in [
        (r#""payment_method": "a", "paymentMethod": "a""#, "/paymentMethod"),
        (r#""delivery": {}, "deliveryAddress": "a""#, "/deliveryAddress"),
        (r#""delivery": null, "deliveryAddress": null"#, "/deliveryAddress"),
    ] {
        assert_refused(&with(member), &[(path, "alias_conflict")]);
    }
    assert_refused(
        r#"{"customer_id": "a", "userId": "a", "items": [{"product_id": "p", "pizzaId": "p", "quantity": 1}]}"#,
        &[("/userId", "alias_conflict"), ("/items/0/pizzaId", "alias_conflict")],
    );
}

#[test]
fn metadata() {
    for (metadata, path, code) in [
        (r#"{"a": "\u0000"}"#, "/metadata/a", "nul_character"),
        (r#"{"a\u0000": 1}"#, "/metadata/a\u{fffd}", "nul_character"),
        (r#"{"a": [1e400]}"#, "/metadata/a/0", "out_of_range"),
        (r#"{"a": 18446744073709551616}"#, "/metadata/a", "out_of_range"),
        (r#"{"a": -9223372036854775809}"#, "/metadata/a", "out_of_range"),
    ] {
        assert_refused(&with(&format!(r#""metadata": {metadata}"#)), &[(path, code)]);
    }
    let large = format!(r#"{{"a":"{}"}}"#, "x".repeat(16 * 1024 - 7));
    assert_refused(&with(&format!(r#""metadata": {large}"#)), &[("/metadata", "too_large")]);
}

#[test]
fn lines_are_1_to_1000() {
    for (list, code) in [(String::new(), "empty"), (vec!["{}"; 1001].join(","), "too_many")] {
        assert_refused(&format!(r#"{{"items": [{list}]}}"#), &[("/items", code)]);
        let form_4 = format!(r#"{{"user_id": "u", "amount": 1, "products": [{list}]}}"#);
        assert_refused(&form_4, &[("/products", code)]);
    }
}

#[test]
fn at_most_50_errors_are_listed_and_none_repeats_the_request() {
    let marker = "do-not-repeat";
    let line = format!(r#"{{"product_id": {{"{marker}": 1}}, "quantity": "{marker}", "price": "{marker}"}}"#);
    let body = format!(r#"{{"customer_id": "c", "items": [{}]}}"#, vec![line; 1000].join(","));
    let Err(FormError::Invalid { errors }) = parse(body.as_bytes(), &super::settings()) else {
        panic!("accepted")
    };
    assert_eq!(errors.len(), 50);
    assert!(errors.iter().all(|error| !error.message.contains(marker)));
    assert!(parse(AMOUNT.as_bytes(), &super::settings()).is_ok());
}
