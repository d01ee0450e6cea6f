//! The fingerprint sees content and nothing else.

use serde_json::Value;

use super::{AMOUNT, DOCUMENT, accepted, with};

fn fingerprint(members: &str) -> String {
    accepted(&with(&format!(r#""external_id": "e", {members}"#))).fingerprint
}

#[test]
fn there_is_one_exactly_when_there_is_an_external_id() {
    assert_eq!(accepted(AMOUNT).fingerprint, "");
    let fingerprint = fingerprint(r#""currency": "USD""#);
    assert_eq!(fingerprint.len(), 64);
    assert!(fingerprint.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')));
}

#[test]
fn it_is_the_digest_of_the_canonical_content() {
    let body = r#"{"total_amount": 1.50, "customer_name": "a\u0022b", "external_id": "e"}"#;
    // printf '%s' '{"customer_name":"a\"b","external_id":"e","total_amount":15e-1,}' | sha256sum
    assert_eq!(
        accepted(body).fingerprint,
        "953ad1306011a3d4b7e2f1309b0cdd81b8adc35af9bc2c9e3002db843b0b040f"
    );
}

#[test]
fn spacing_key_order_and_spelling_do_not_change_it() {
    let compact = serde_json::from_str::<Value>(DOCUMENT).unwrap().to_string();
    assert_ne!(compact, DOCUMENT);
    assert_eq!(accepted(&compact).fingerprint, accepted(DOCUMENT).fingerprint);
    let same = [
        r#"{"external_id": "e", "customer_name": "n", "total_amount": 10.50, "metadata": {"a": [1], "b": "x"}}"#,
        r#"{ "metadata" :{"b":"\u0078","a":[1.0]},"total_amount":1.05e1,"external_id":"e","customer_\u006eame":"n"}"#,
    ];
    assert_eq!(accepted(same[0]).fingerprint, accepted(same[1]).fingerprint);
}

#[test]
fn content_changes_it() {
    let variants = [
        r#""metadata": {"a": 1}"#,
        r#""metadata": {"a": 2}"#,
        r#""metadata": {"a": "1"}"#,
        r#""metadata": {"a": [1]}"#,
        r#""metadata": {"a": [1, 1]}"#,
        r#""metadata": {"a": [[1], 1]}"#,
        r#""metadata": {"a": [11]}"#,
        r#""metadata": {"a": null}"#,
        r#""metadata": {"a": true}"#,
        r#""metadata": {"a": "null"}"#,
        r#""metadata": {"a": {}}"#,
        r#""metadata": {"a": []}"#,
        r#""metadata": {"a": -1}"#,
        r#""metadata": {"a": "x", "b": "y"}"#,
        r#""metadata": {"a": "x\",\"b\":\"y"}"#,
        r#""metadata": {"a": "y", "b": "x"}"#,
        r#""metadata": {"a": "\\"}"#,
        r#""metadata": {"a": "\\\\"}"#,
        r#""metadata": {"a": "\""}"#,
        r#""currency": "USD""#,
        r#""currency": "EUR""#,
    ];
    let mut fingerprints: Vec<_> = variants.iter().map(|members| fingerprint(members)).collect();
    fingerprints.sort();
    fingerprints.dedup();
    assert_eq!(fingerprints.len(), variants.len());
    let other = DOCUMENT.replacen("\"sm_id\": 31", "\"sm_id\": 31, \"x\": 12345678901234567890123", 1);
    let another = DOCUMENT.replacen("\"sm_id\": 31", "\"sm_id\": 31, \"x\": 12345678901234567890124", 1);
    assert_ne!(accepted(&other).fingerprint, accepted(&another).fingerprint);
}
