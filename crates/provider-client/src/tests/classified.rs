//! Every answer a provider can give, and what it says about the job.

use bytes::Bytes;
use engine::{Job, Performed};
use http::StatusCode;

use super::{captured, charge, class, refund, void};
use crate::classify::{Heard, Lost, classify, lost};
use crate::request::Request;

fn heard(status: u16, body: &str) -> Heard {
    Heard { status: StatusCode::from_u16(status).unwrap(), body: Ok(Bytes::copy_from_slice(body.as_bytes())) }
}

fn classified(job: &Job, status: u16, body: &str) -> Performed {
    classify(&Request::of(job).unwrap(), &heard(status, body))
}

fn data(performed: Performed) -> String {
    match performed {
        Performed::Answered { data, .. } => data,
        other => panic!("not answered: {other:?}"),
    }
}

fn problem(slug: &str) -> String {
    format!(r#"{{"type":"/problems/{slug}","title":"No","status":409,"detail":"because"}}"#)
}

#[test]
fn answers_become_the_messages_of_payments() {
    let captured = r#"{"status":"captured","reference":"ch_1","amount":100.50,"currency":"USD"}"#;
    let declined = r#"{"status":"declined","code":"card_declined","message":"no"}"#;
    let refunded = r#"{"status":"refunded","reference":"re_1","amount":0.50,"currency":"USD"}"#;
    for (job, body, expected) in [
        (charge(), captured, r#"{"outcome":"captured","reference":"ch_1"}"#),
        (charge(), declined, r#"{"outcome":"declined","code":"card_declined","message":"no"}"#),
        (void(), r#"{"status":"voided"}"#, r#"{"outcome":"voided"}"#),
        (void(), captured, r#"{"outcome":"captured","reference":"ch_1"}"#),
        (refund(), refunded, r#"{"outcome":"refunded","reference":"re_1"}"#),
    ] {
        assert_eq!(data(classified(&job, 200, body)), expected, "{body}");
    }
}

#[test]
fn an_answer_that_cannot_be_understood_leaves_the_outcome_unknown() {
    for (job, body) in [
        (charge(), ""),
        (charge(), "<html>"),
        (charge(), r#"{"status":"pending"}"#),
        (charge(), r#"{"status":"refunded","reference":"re_1"}"#),
        (charge(), r#"{"status":"captured"}"#),
        (charge(), r#"{"status":"captured","reference":""}"#),
        (charge(), r#"{"status":"captured","reference":"ch_1","amount":100.51,"currency":"USD"}"#),
        (charge(), r#"{"status":"captured","reference":"ch_1","amount":100.50,"currency":"EUR"}"#),
        (charge(), r#"{"status":"captured","reference":"ch_1","amount":{},"currency":"USD"}"#),
        (void(), r#"{"status":"declined"}"#),
        (refund(), r#"{"status":"refunded","reference":"re_1","amount":100.50,"currency":"USD"}"#),
    ] {
        assert_eq!(class(&classified(&job, 200, body)), "unknown", "{body}");
    }
}

#[test]
fn an_answer_that_was_cut_short_leaves_the_outcome_unknown() {
    let heard = Heard { status: StatusCode::OK, body: Err("connection reset".to_owned()) };
    assert_eq!(class(&classify(&Request::of(&charge()).unwrap(), &heard)), "unknown");
}

#[test]
fn an_answer_without_money_is_about_the_money_that_was_asked_for() {
    assert_eq!(classified(&charge(), 201, r#"{"status":"captured","reference":"ch_1"}"#), captured());
}

#[test]
fn a_charge_under_a_voided_key_is_declined() {
    let answer = data(classified(&charge(), 409, &problem("voided")));
    assert!(answer.starts_with(r#"{"outcome":"declined","code":"voided""#), "{answer}");
}

#[test]
fn a_refund_that_can_never_be_done_is_refused() {
    let expected = r#"{"outcome":"refused","code":"exceeds-captured","message":"because"}"#;
    assert_eq!(data(classified(&refund(), 409, &problem("exceeds-captured"))), expected);
    for slug in ["not-captured", "too-many-refunds"] {
        assert_eq!(class(&classified(&refund(), 409, &problem(slug))), "answered", "{slug}");
    }
}

#[test]
fn the_status_says_what_is_known() {
    for (status, expected) in [
        (303, "unknown"),
        (400, "failed"),
        (401, "failed"),
        (404, "unknown"),
        (408, "unknown"),
        (409, "unknown"),
        (422, "failed"),
        (429, "unavailable"),
        (500, "failed"),
        (501, "failed"),
        (502, "unknown"),
        (503, "unavailable"),
        (504, "unknown"),
    ] {
        for job in [charge(), void(), refund()] {
            assert_eq!(class(&classified(&job, status, "")), expected, "{status} to {}", job.kind);
        }
    }
}

#[test]
fn the_provider_s_words_are_passed_on_in_part() {
    let expected = Performed::Failed("the provider answered 422 Unprocessable Entity: because".to_owned());
    assert_eq!(classified(&charge(), 422, &problem("key-reused")), expected);
    let Performed::Failed(reason) =
        classified(&charge(), 500, &format!(r#"{{"detail":"{}"}}"#, "x".repeat(9_999)))
    else {
        panic!("not failed")
    };
    assert!(reason.len() < 300, "{reason}");
}

#[test]
fn only_what_was_never_sent_is_known_not_to_have_happened() {
    assert_eq!(class(&lost(Lost::Unreachable(String::new()))), "unavailable");
    assert_eq!(class(&lost(Lost::Unanswered(String::new()))), "unknown");
}

#[test]
fn jobs_of_others_are_not_understood() {
    let mut job = charge();
    job.data = "{}".to_owned();
    assert!(Request::of(&job).is_err());
    job.kind = "mail".to_owned();
    assert_eq!(Request::of(&job), Err("the provider has no job of type mail".to_owned()));
}
