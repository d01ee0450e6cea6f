//! Properties over arbitrary and damaged bodies, and over amounts.

use contract::{Currency, DecimalNumber, MAX_MINOR, Money};
use proptest::prelude::*;
use proptest::sample::Index;

use super::{FORMS, settings};
use crate::forms::{FormError, parse};

/// Pieces that mean something to a reader of JSON, to be put where they do not belong.
const PIECES: [&str; 16] = [
    "\"",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\\u0000",
    "\\ud800",
    "null",
    "-",
    "1e999999999",
    "\"items\":",
    "0",
    "é",
    " ",
];

/// Whatever the body, there is an answer, and the answer has a sane shape.
fn check(body: &[u8]) -> Result<(), TestCaseError> {
    match parse(body, &settings()) {
        Ok(order) => {
            prop_assert_eq!(order.external_id.is_some(), order.fingerprint.len() == 64);
            prop_assert!(order.lines.len() <= 1000);
            prop_assert!(order.lines.iter().all(|line| (1..=1_000_000).contains(&line.quantity)));
            prop_assert!(order.lines.iter().all(|line| !line.product_id.contains('\0')));
        }
        Err(FormError::NotJson { detail }) => prop_assert!(!detail.is_empty()),
        Err(FormError::Invalid { errors }) => {
            prop_assert!(serde_json::from_slice::<serde::de::IgnoredAny>(body).is_ok());
            prop_assert!((1..=50).contains(&errors.len()));
            prop_assert!(errors.iter().all(|error| error.path.is_empty() || error.path.starts_with('/')));
        }
    }
    Ok(())
}

fn currency() -> impl Strategy<Value = Currency> {
    prop::sample::select(vec!["USD", "EUR", "RUB", "JPY", "KWD", "CLF"])
        .prop_map(|code| code.parse().unwrap())
}

proptest! {
    #[test]
    fn arbitrary_bytes_have_an_answer(body: Vec<u8>) {
        check(&body)?;
    }

    #[test]
    fn arbitrary_text_has_an_answer(body in "[\\[\\]{}\",:a-f0-9.eE\\\\ -]{0,60}") {
        check(body.as_bytes())?;
    }

    #[test]
    fn damaged_forms_have_an_answer(
        form in 0..5_usize,
        damage in prop::collection::vec((any::<Index>(), any::<Index>(), 0..20_usize), 1..4),
    ) {
        let mut body = FORMS[form].as_bytes().to_vec();
        for (place, piece, removed) in damage {
            let from = place.index(body.len() + 1);
            let to = body.len().min(from + removed);
            body.splice(from..to, PIECES[piece.index(PIECES.len())].bytes());
        }
        check(&body)?;
    }

    #[test]
    fn forms_cut_short_are_not_json(form in 0..5_usize, end: Index) {
        let body = FORMS[form].trim_end().as_bytes();
        let cut = &body[..end.index(body.len())];
        let unreadable = matches!(parse(cut, &settings()), Err(FormError::NotJson { .. }));
        prop_assert!(unreadable, "{} bytes", cut.len());
    }

    #[test]
    fn an_amount_that_is_written_is_read_back(minor in 0..=MAX_MINOR, currency in currency()) {
        let money = Money { minor, currency };
        prop_assert_eq!(Money::parse(&money.to_decimal_string(), currency), Ok(money));
        let json = serde_json::value::to_raw_value(&DecimalNumber(money)).unwrap();
        prop_assert_eq!(Money::from_json(&json, currency), Ok(money));
    }

    #[test]
    fn an_amount_is_read_from_any_spelling_of_its_value(
        minor in 0..=MAX_MINOR, currency in currency(), zeros in 0..40_usize,
    ) {
        let (decimals, padding) = (usize::from(currency.decimals()), "0".repeat(zeros));
        let shifted_left = format!("{minor}{padding}e-{}", zeros + decimals);
        prop_assert_eq!(Money::parse(&shifted_left, currency).map(|money| money.minor), Ok(minor));
        let digits = minor.to_string().len() + zeros;
        let shifted_right = format!("0.{padding}{minor}e{}", digits as i64 - decimals as i64);
        prop_assert_eq!(Money::parse(&shifted_right, currency).map(|money| money.minor), Ok(minor));
    }

    #[test]
    fn arbitrary_text_as_an_amount_has_an_answer(text in "[-+0-9.eE]{0,30}", currency in currency()) {
        if let Ok(money) = Money::parse(&text, currency) {
            prop_assert!((0..=MAX_MINOR).contains(&money.minor));
            prop_assert!(serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok());
        }
    }
}
