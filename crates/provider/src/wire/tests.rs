//! What is on the wire, byte by byte.

use contract::{Currency, Money};
use engine::Key;
use jiff::Timestamp;

use super::*;
use crate::charge::{Capture, Charge, Decline, Purchase, Refund, Status};
use crate::exchange::{Input, Verdict};
use crate::queries::{Totals, Turnover};
use crate::settings::Settings;

fn usd() -> Currency {
    "USD".parse().unwrap()
}

fn money(minor: i64) -> Money {
    Money { minor, currency: usd() }
}

fn charge(json: &str) -> Result<Input, Invalid> {
    serde_json::from_str::<ChargeBody>(json).unwrap().read(usd())
}

#[test]
fn a_charge_is_read_with_its_defaults() {
    let purchase = |minor, code: &str, method: &str| {
        let amount = Money { minor, currency: code.parse().unwrap() };
        Ok(Input::Charge(Purchase { order_id: "o".to_owned(), amount, method: method.to_owned() }))
    };
    assert_eq!(charge(r#"{"order_id":"o","amount":100.50}"#), purchase(10_050, "USD", "card"));
    let all = r#"{"order_id":"o","amount":"140","currency":"JPY","payment_method":"card-error","note":1}"#;
    assert_eq!(charge(all), purchase(140, "JPY", "card-error"));
}

#[test]
fn what_is_wrong_with_a_charge_is_named() {
    let long = "x".repeat(256);
    for (json, path) in [
        (r#"{"order_id":"","amount":1}"#.to_owned(), "/order_id"),
        (r#"{"order_id":"\u0000","amount":1}"#.to_owned(), "/order_id"),
        (format!(r#"{{"order_id":"{long}","amount":1}}"#), "/order_id"),
        (r#"{"order_id":"o","amount":1,"payment_method":""}"#.to_owned(), "/payment_method"),
        (r#"{"order_id":"o","amount":1,"currency":"usd"}"#.to_owned(), "/currency"),
        (r#"{"order_id":"o","amount":0}"#.to_owned(), "/amount"),
        (r#"{"order_id":"o","amount":-1}"#.to_owned(), "/amount"),
        (r#"{"order_id":"o","amount":1.005}"#.to_owned(), "/amount"),
        (r#"{"order_id":"o","amount":null}"#.to_owned(), "/amount"),
    ] {
        assert_eq!(charge(&json).unwrap_err().path, path, "{json}");
    }
}

#[test]
fn voids_and_refunds_go_to_the_key_of_the_charge() {
    let void: VoidBody = serde_json::from_str(r#"{"charge_key":"k"}"#).unwrap();
    assert_eq!(void.read(), Ok((Key::name("k"), Input::Void)));
    let refund: RefundBody =
        serde_json::from_str(r#"{"charge_key":"k","amount":1,"currency":"USD"}"#).unwrap();
    let input = Input::Refund { key: "r".to_owned(), amount: money(100) };
    assert_eq!(refund.clone().read("r".to_owned(), usd()), Ok((Key::name("k"), input)));
    assert_eq!(refund.read(String::new(), usd()).unwrap_err().path, "");
    assert_eq!(VoidBody { charge_key: String::new() }.read().unwrap_err().path, "/charge_key");
}

#[test]
fn a_key_that_is_a_uuid_is_the_same_however_it_is_spelt() {
    let lower = read_key("0190a6f0-0000-7000-8000-00000000000a").unwrap();
    assert_eq!(read_key("0190A6F0-0000-7000-8000-00000000000A").unwrap(), lower);
    assert!(lower.id().is_some());
}

#[test]
fn answers_are_written_with_the_decimals_of_the_currency() {
    let decline = Decline { code: "card_declined".to_owned(), message: "no".to_owned() };
    let reference = || "ch_1".to_owned();
    for (verdict, json) in [
        (
            Verdict::Captured { reference: reference(), amount: money(10_050) },
            r#"{"status":"captured","reference":"ch_1","code":null,"message":null,"amount":100.50,"currency":"USD"}"#,
        ),
        (
            Verdict::Declined { reference: reference(), amount: money(100), decline },
            r#"{"status":"declined","reference":"ch_1","code":"card_declined","message":"no","amount":1.00,"currency":"USD"}"#,
        ),
        (
            Verdict::Voided,
            r#"{"status":"voided","reference":null,"code":null,"message":null,"amount":null,"currency":null}"#,
        ),
    ] {
        let written = serde_json::to_string(&PaymentAnswer::from(verdict)).unwrap();
        assert_eq!(written, json);
        let read: PaymentAnswer = serde_json::from_str(&written).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), json);
    }
}

#[test]
fn an_amount_reads_back_in_its_currency() {
    let read: Amount =
        serde_json::from_str(&serde_json::to_string(&Amount::from(money(7))).unwrap()).unwrap();
    assert_eq!(read.money(usd()), Ok(money(7)));
    assert!(read.money("JPY".parse().unwrap()).is_err());
}

#[test]
fn a_ledger_page_shows_the_charges_and_the_totals() {
    let purchase = Purchase { order_id: "o".to_owned(), amount: money(100), method: "card".to_owned() };
    let at = Timestamp::UNIX_EPOCH;
    let refund = Refund { key: "r".to_owned(), amount: 40, reference: "re_1".to_owned(), at };
    let capture = Capture { purchase, reference: "ch_1".to_owned(), refunds: vec![refund] };
    let captured = Charge { key: Key::name("k"), at, status: Status::Captured(capture) };
    let voided = Charge { key: Key::name("v"), at, status: Status::Voided };
    let turnover = vec![Turnover { currency: usd(), captured: 100, refunded: 40 }];
    let page = LedgerPage {
        entries: vec![captured.into(), voided.into()],
        next: Some("v".to_owned()),
        totals: Totals { captured: 1, declined: 0, voided: 1, turnover }.into(),
    };
    let expected = concat!(
        r#"{"entries":[{"key":"k","status":"captured","order_id":"o","amount":1.00,"refunded_amount":0.40,"#,
        r#""currency":"USD","payment_method":"card","reference":"ch_1","code":null,"message":null,"#,
        r#""refunds":[{"key":"r","amount":0.40,"reference":"re_1","at":"1970-01-01T00:00:00Z"}],"#,
        r#""at":"1970-01-01T00:00:00Z"},{"key":"v","status":"voided","order_id":null,"amount":null,"#,
        r#""refunded_amount":null,"currency":null,"payment_method":null,"reference":null,"code":null,"#,
        r#""message":null,"refunds":[],"at":"1970-01-01T00:00:00Z"}],"next":"v","totals":{"captured":1,"#,
        r#""declined":0,"voided":1,"turnover":[{"currency":"USD","captured_amount":1.00,"#,
        r#""refunded_amount":0.40}]}}"#,
    );
    assert_eq!(serde_json::to_string(&page).unwrap(), expected);
}

#[test]
fn knobs_are_turned_in_shares_and_milliseconds() {
    let body = r#"{"failure_rate":0.02,"timeout_rate":1,"delay_ms":250,"outage":true}"#;
    let settings = serde_json::from_str::<SettingsBody>(body).unwrap().read().unwrap();
    assert_eq!((settings.failure_rate_ppm, settings.timeout_rate_ppm), (20_000, 1_000_000));
    assert_eq!(serde_json::to_string(&SettingsAnswer::from(settings)).unwrap(), body);
    assert_eq!(serde_json::from_str::<SettingsBody>("{}").unwrap().read(), Ok(Settings::default()));
}

#[test]
fn knobs_do_not_turn_too_far() {
    for (json, path) in [
        (r#"{"failure_rate":1.000001}"#, "/failure_rate"),
        (r#"{"timeout_rate":0.0000001}"#, "/timeout_rate"),
        (r#"{"timeout_rate":"0.1"}"#, "/timeout_rate"),
        (r#"{"delay_ms":3600001}"#, "/delay_ms"),
    ] {
        assert_eq!(
            serde_json::from_str::<SettingsBody>(json).unwrap().read().unwrap_err().path,
            path,
            "{json}"
        );
    }
    assert!(serde_json::from_str::<SettingsBody>(r#"{"failure":1}"#).is_err());
}

#[test]
fn a_void_stands_apart_from_a_key_that_was_reused() {
    assert_eq!((status_of(&Refusal::Voided), Refusal::Voided.code()), (409, "voided"));
    assert_eq!(status_of(&Refusal::KeyReused), 422);
    assert_eq!(status_of(&Refusal::Broken), 500);
}
