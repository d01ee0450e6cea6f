//! Bodies that are not JSON (400), however valid what can be seen of them is.

use super::{settings, with};
use crate::forms::{FormError, parse};

fn detail(body: &[u8]) -> String {
    match parse(body, &settings()) {
        Err(FormError::NotJson { detail }) => detail,
        other => panic!("expected unreadable, got {other:?}"),
    }
}

#[test]
fn malformed_json() {
    for body in [
        "",
        " ",
        "{",
        "}",
        "{]",
        "nul",
        "order",
        "{\"total_amount\": }",
        "{\"total_amount\": 01}",
        "{'a': 1}",
        "{\"a\": 1,}",
        "{\"a\": 1} {}",
        "{\"a\" 1}",
        "{\"customer_name\": \"a\nb\", \"total_amount\": 1}",
        "{\"customer_name\": \"\\x\", \"total_amount\": 1}",
        "\u{feff}{}",
        "{\"total_amount\": +1}",
        "[1, 2",
        "{\"total_amount\": NaN}",
        "{\"customer_name\": \"\\u12\", \"total_amount\": 1}",
        "{1: 2}",
    ] {
        assert!(!detail(body.as_bytes()).is_empty(), "{body}");
    }
}

#[test]
fn invalid_utf_8() {
    let mut body = with("\"external_id\": \"#\"").into_bytes();
    let place = body.iter().position(|byte| *byte == b'#').unwrap();
    for byte in [0xff, 0xc0, 0x80] {
        body[place] = byte;
        assert!(detail(&body).contains("utf-8"));
    }
}

#[test]
fn escapes_that_are_no_character() {
    for member in [
        r#""external_id": "\ud800""#,
        r#""exter\udc00nal_id": "x""#,
        r#""metadata": {"a": "\ud800x"}"#,
        r#""metadata": {"\ud800\ud800": 1}"#,
        r#""unknown": "\ud800""#,
        r#""total_amount": "\ud800""#,
    ] {
        assert!(detail(with(member).as_bytes()).contains("surrogate"), "{member}");
    }
    assert_eq!(super::accepted(&with(r#""external_id": "\ud83c\udf55""#)).external_id.as_deref(), Some("🍕"));
}

#[test]
fn nesting_too_deep_does_not_exhaust_the_stack() {
    for count in [40, 100_000] {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let nested = format!("{}1{}", open.repeat(count), close.repeat(count));
            for body in [
                nested.clone(),
                with(&format!(r#""external_id": {nested}"#)),
                with(&format!(r#""metadata": {{"a": {nested}}}"#)),
                with(&format!(r#""unknown": {nested}"#)),
                format!(r#"{{"items": {nested}}}"#),
                format!(r#"{{"order_uid": "x", "items": [{nested}]}}"#),
            ] {
                let read = parse(body.as_bytes(), &settings());
                assert!(matches!(read, Err(FormError::NotJson { .. })), "{count} {open} {read:?}");
            }
        }
        assert!(!detail("[".repeat(count).as_bytes()).is_empty());
        assert!(!detail("{\"a\":".repeat(count).as_bytes()).is_empty());
    }
}
