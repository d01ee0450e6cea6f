//! Tables for amounts; the property tests over them stand in `ordo-orders`, which has `proptest`.

use serde_json::value::RawValue;

use super::{AmountError, Currency, Decimal, DecimalNumber, MAX_MINOR, Money, MoneyError, UnknownCurrency};

fn currency(code: &str) -> Currency {
    code.parse().unwrap()
}

fn money(minor: i64, code: &str) -> Money {
    Money { minor, currency: currency(code) }
}

#[test]
fn currencies_are_upper_case_iso_4217_codes_with_known_decimals() {
    for (code, decimals) in [("USD", 2), ("EUR", 2), ("RUB", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4)] {
        assert_eq!(currency(code).decimals(), decimals, "{code}");
        assert_eq!(currency(code).to_string(), code);
        assert_eq!(serde_json::to_string(&currency(code)).unwrap(), format!("\"{code}\""));
        assert_eq!(serde_json::from_str::<Currency>(&format!("\"{code}\"")).unwrap(), currency(code));
    }
    for code in ["", "usd", "USDT", "US", "XXX", "XAU", "ABC", " USD", "\u{20ac}"] {
        assert_eq!(code.parse::<Currency>(), Err(UnknownCurrency), "{code}");
        assert!(serde_json::from_value::<Currency>(code.into()).is_err(), "{code}");
    }
}

#[test]
fn currencies_are_ordered_by_code() {
    let mut codes = ["USD", "AED", "RUB"].map(currency);
    codes.sort();
    assert_eq!(codes, ["AED", "RUB", "USD"].map(currency));
}

#[test]
fn amounts_are_read_exactly() {
    for (text, code, minor) in [
        ("140", "USD", 14_000),
        ("100.50", "USD", 10_050),
        ("100.5", "USD", 10_050),
        ("0", "USD", 0),
        ("-0.00", "USD", 0),
        ("0e99999999999999999999", "USD", 0),
        ("0.07", "USD", 7),
        ("10.500", "USD", 1_050),
        ("1e2", "USD", 10_000),
        ("1E+2", "USD", 10_000),
        ("105e-1", "USD", 1_050),
        ("0.0000001e6", "USD", 10),
        ("1000000e-8", "USD", 1),
        ("140.00", "JPY", 140),
        ("1.234", "KWD", 1_234),
        ("90071992547409.91", "USD", MAX_MINOR),
        ("9007199254740991", "JPY", MAX_MINOR),
    ] {
        assert_eq!(Money::parse(text, currency(code)), Ok(money(minor, code)), "{text} {code}");
    }
}

#[test]
fn what_is_no_amount_is_refused_with_its_reason() {
    use AmountError::{Negative, NotANumber, OutOfRange, TooManyDecimals};
    for (text, code, error) in [
        ("10.505", "USD", TooManyDecimals { allowed: 2 }),
        ("1e-3", "USD", TooManyDecimals { allowed: 2 }),
        ("1e-99999999999999999999", "USD", TooManyDecimals { allowed: 2 }),
        ("0.5", "JPY", TooManyDecimals { allowed: 0 }),
        ("-1", "USD", Negative),
        ("-0.001", "USD", Negative),
        ("90071992547409.92", "USD", OutOfRange),
        ("9007199254740992", "JPY", OutOfRange),
        ("99999999999999999999999", "USD", OutOfRange),
        ("1e14", "USD", OutOfRange),
        ("1e999999999", "USD", OutOfRange),
        ("1e99999999999999999999", "USD", OutOfRange),
    ] {
        assert_eq!(Money::parse(text, currency(code)), Err(error), "{text} {code}");
    }
    for text in
        ["", "-", "+1", "01", "00", ".5", "1.", "1.e2", "1e", "1e+", "1e1.5", " 1", "1 ", "1,5", "0x1", "NaN"]
    {
        assert_eq!(Money::parse(text, currency("USD")), Err(NotANumber), "{text}");
    }
}

#[test]
fn amounts_in_json_are_numbers_or_decimal_strings() {
    let read = |json: &str| {
        let raw: Box<RawValue> = serde_json::from_str(json).unwrap();
        Money::from_json(&raw, currency("USD")).map(|money| money.minor)
    };
    for (json, minor) in [("100.50", 10_050), (r#""140""#, 14_000), (r#""14\u0030""#, 14_000)] {
        assert_eq!(read(json), Ok(minor), "{json}");
    }
    for json in ["null", "true", "[1]", r#"{"a":1}"#, r#""""#, r#"" 1""#, r#""\ud800""#, r#""1\u0000""#] {
        assert_eq!(read(json), Err(AmountError::NotANumber), "{json}");
    }
}

#[test]
fn whole_units_become_minor_units() {
    assert_eq!(Money::from_whole_units(140, currency("USD")), Ok(money(14_000, "USD")));
    assert_eq!(Money::from_whole_units(140, currency("JPY")), Ok(money(140, "JPY")));
    assert_eq!(Money::from_whole_units(-1, currency("USD")), Err(AmountError::Negative));
    assert_eq!(Money::from_whole_units(i64::MAX, currency("USD")), Err(AmountError::OutOfRange));
    assert_eq!(Money::from_whole_units(MAX_MINOR, currency("JPY")), Ok(money(MAX_MINOR, "JPY")));
}

#[test]
fn arithmetic_keeps_to_one_currency_and_to_the_range() {
    let mismatch = Err(MoneyError::CurrencyMismatch { left: currency("USD"), right: currency("EUR") });
    assert_eq!(money(1, "USD").checked_add(money(2, "USD")), Ok(money(3, "USD")));
    assert_eq!(money(1, "USD").checked_sub(money(2, "USD")), Ok(money(-1, "USD")));
    assert_eq!(money(1_050, "USD").checked_mul(1_000_000), Ok(money(1_050_000_000, "USD")));
    assert_eq!(money(1, "USD").checked_add(money(1, "EUR")), mismatch);
    assert_eq!(money(1, "USD").checked_sub(money(1, "EUR")), mismatch);
    assert_eq!(money(MAX_MINOR, "USD").checked_add(money(1, "USD")), Err(MoneyError::OutOfRange));
    assert_eq!(money(-MAX_MINOR, "USD").checked_sub(money(1, "USD")), Err(MoneyError::OutOfRange));
    assert_eq!(money(MAX_MINOR, "USD").checked_mul(u32::MAX), Err(MoneyError::OutOfRange));
    assert_eq!(money(MAX_MINOR, "USD").checked_mul(1), Ok(money(MAX_MINOR, "USD")));
}

#[test]
fn amounts_are_written_as_json_numbers_with_the_decimals_of_the_currency() {
    for (minor, code, text) in [
        (10_050, "USD", "100.50"),
        (14_000, "USD", "140.00"),
        (7, "USD", "0.07"),
        (0, "USD", "0.00"),
        (-105, "USD", "-1.05"),
        (140, "JPY", "140"),
        (1_001, "KWD", "1.001"),
        (MAX_MINOR, "USD", "90071992547409.91"),
    ] {
        assert_eq!(money(minor, code).to_decimal_string(), text);
        assert_eq!(serde_json::to_string(&DecimalNumber(money(minor, code))).unwrap(), text);
    }
}

#[test]
fn equal_decimals_have_one_normal_form() {
    let normal = |text| Decimal::parse(text).unwrap().to_string();
    for text in ["10.5", "10.50", "105e-1", "1.05E+1", "0.00105e4"] {
        assert_eq!(normal(text), "105e-1", "{text}");
        assert_eq!(Decimal::parse(text), Decimal::parse("10.5"), "{text}");
    }
    assert_eq!([normal("0"), normal("-0.0"), normal("-100")], ["0", "0", "-1e2"]);
    assert_ne!(Decimal::parse("10.5"), Decimal::parse("-10.5"));
    assert_ne!(Decimal::parse("10.5"), Decimal::parse("0"));
    assert_eq!(Decimal::parse("0"), Decimal::parse("-0e7"));
}
