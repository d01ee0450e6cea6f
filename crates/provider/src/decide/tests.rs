//! The rules, case by case.

use contract::Money;

use super::*;

fn key() -> Key {
    Key::name("charge-1")
}

fn stamp(id: u128) -> Stamp {
    Stamp { now: Timestamp::UNIX_EPOCH, id: Uuid::from_u128(id) }
}

fn money(minor: i64) -> Money {
    Money { minor, currency: "USD".parse().unwrap() }
}

fn purchase(method: &str) -> Purchase {
    Purchase { order_id: "order-1".to_owned(), amount: money(1_050), method: method.to_owned() }
}

fn charge_of(method: &str) -> Input {
    Input::Charge(purchase(method))
}

fn refund_of(key: &str, minor: i64) -> Input {
    Input::Refund { key: key.to_owned(), amount: money(minor) }
}

/// Applies the inputs one after the other; answers the last state and the last result.
fn run(inputs: &[Input]) -> (Option<Charge>, Result<Reply, Refusal>) {
    let mut known = None;
    let mut result = Err(Refusal::UnknownCharge);
    for (number, input) in inputs.iter().enumerate() {
        result = decide(known.as_ref(), &key(), input, stamp(number as u128 + 1)).map(|decision| {
            known = decision.put.or(known.take());
            decision.reply
        });
    }
    (known, result)
}

fn captured(reference: &str) -> Verdict {
    Verdict::Captured { reference: reference.to_owned(), amount: money(1_050) }
}

const FIRST: &str = "ch_00000000000000000000000000000001";

#[test]
fn a_charge_is_captured_once_and_answered_again_for_the_same_request() {
    let (state, reply) = run(&[charge_of("card")]);
    assert_eq!(reply, Ok(Reply { verdict: captured(FIRST), repeated: false, withheld: false }));
    assert_eq!(state.as_ref().and_then(Charge::capture).map(Capture::captured), Some(1_050));
    let (again, reply) = run(&[charge_of("card"), charge_of("card")]);
    assert_eq!(reply, Ok(Reply { verdict: captured(FIRST), repeated: true, withheld: false }));
    assert_eq!(again, state);
}

#[test]
fn a_method_that_is_not_special_is_captured() {
    assert!(matches!(run(&[charge_of("apple-pay")]).1, Ok(Reply { verdict: Verdict::Captured { .. }, .. })));
}

#[test]
fn the_same_key_with_other_content_is_refused() {
    let mut other = purchase("card");
    other.amount = money(1_051);
    for other in [Input::Charge(other), charge_of("cash")] {
        assert_eq!(run(&[charge_of("card"), other]).1, Err(Refusal::KeyReused));
    }
}

#[test]
fn a_declined_card_captures_nothing_and_stays_declined() {
    let (state, first) = run(&[charge_of("card-declined")]);
    let first = first.unwrap();
    assert!(matches!(&first.verdict, Verdict::Declined { decline, .. } if decline.code == "card_declined"));
    assert_eq!(state.unwrap().capture(), None);
    let (_, again) = run(&[charge_of("card-declined"), Input::Void, charge_of("card-declined")]);
    assert_eq!(again, Ok(Reply { repeated: true, ..first }));
}

#[test]
fn the_broken_card_is_an_error_every_time_and_leaves_no_trace() {
    assert_eq!(run(&[charge_of("card-error"), charge_of("card-error")]), (None, Err(Refusal::Broken)));
}

#[test]
fn the_silent_card_is_captured_and_only_the_first_answer_is_withheld() {
    let (state, reply) = run(&[charge_of("card-timeout")]);
    assert_eq!(reply, Ok(Reply { verdict: captured(FIRST), repeated: false, withheld: true }));
    assert!(state.unwrap().capture().is_some());
    let (_, reply) = run(&[charge_of("card-timeout"), charge_of("card-timeout")]);
    assert_eq!(reply, Ok(Reply { verdict: captured(FIRST), repeated: true, withheld: false }));
}

#[test]
fn a_void_of_an_unknown_key_leaves_a_tombstone() {
    let (state, reply) = run(&[Input::Void]);
    assert_eq!(reply.map(|reply| reply.verdict), Ok(Verdict::Voided));
    assert_eq!(state.map(|charge| charge.status), Some(Status::Voided));
    assert_eq!(run(&[Input::Void, charge_of("card")]).1, Err(Refusal::Voided));
    assert!(run(&[Input::Void, Input::Void]).1.unwrap().repeated);
}

#[test]
fn a_void_of_a_captured_charge_says_so_and_the_money_stays() {
    let (state, reply) = run(&[charge_of("card"), Input::Void]);
    assert_eq!(reply.map(|reply| reply.verdict), Ok(captured(FIRST)));
    assert!(state.unwrap().capture().is_some());
}

#[test]
fn refunds_add_up_to_what_was_captured_and_no_further() {
    let (state, reply) = run(&[charge_of("card"), refund_of("r1", 1_000), refund_of("r2", 50)]);
    assert!(matches!(reply.unwrap().verdict, Verdict::Refunded { amount, .. } if amount == money(50)));
    assert_eq!(state.unwrap().capture().map(Capture::refundable), Some(0));
    let (_, reply) = run(&[charge_of("card"), refund_of("r1", 1_000), refund_of("r2", 51)]);
    assert_eq!(reply, Err(Refusal::ExceedsCaptured { wanted: 51, refundable: 50 }));
    let (_, reply) = run(&[charge_of("card"), refund_of("r1", 0)]);
    assert_eq!(reply, Err(Refusal::ExceedsCaptured { wanted: 0, refundable: 1_050 }));
}

#[test]
fn a_refund_is_done_once_under_its_own_key() {
    let once = run(&[charge_of("card"), refund_of("r1", 1_000)]);
    let twice = run(&[charge_of("card"), refund_of("r1", 1_000), refund_of("r1", 1_000)]);
    assert_eq!(once.0, twice.0);
    assert_eq!(once.1.map(|reply| Reply { repeated: true, ..reply }), twice.1);
    let (_, other) = run(&[charge_of("card"), refund_of("r1", 1_000), refund_of("r1", 1)]);
    assert_eq!(other, Err(Refusal::KeyReused));
}

#[test]
fn a_refund_needs_a_capture_in_its_currency() {
    assert_eq!(run(&[refund_of("r1", 1)]).1, Err(Refusal::UnknownCharge));
    for input in [Input::Void, charge_of("card-declined")] {
        assert_eq!(run(&[input, refund_of("r1", 1)]).1, Err(Refusal::NotCaptured));
    }
    let (charged, wanted) = ("USD".parse().unwrap(), "EUR".parse().unwrap());
    let euros = Input::Refund { key: "r1".to_owned(), amount: Money { minor: 1, currency: wanted } };
    assert_eq!(run(&[charge_of("card"), euros]).1, Err(Refusal::CurrencyMismatch { charged, wanted }));
}

#[test]
fn a_charge_has_a_limited_number_of_refunds() {
    let mut inputs = vec![charge_of("card")];
    inputs.extend((0..MAX_REFUNDS).map(|number| refund_of(&number.to_string(), 1)));
    assert!(run(&inputs).1.is_ok());
    inputs.push(refund_of("one more", 1));
    assert_eq!(run(&inputs).1, Err(Refusal::TooManyRefunds { limit: MAX_REFUNDS }));
}

#[test]
fn the_state_reads_back_as_it_was_written() {
    for inputs in
        [vec![charge_of("card"), refund_of("r1", 1_000)], vec![charge_of("card-declined")], vec![Input::Void]]
    {
        let state = run(&inputs).0.unwrap();
        let json = serde_json::to_string(&state).unwrap();
        assert_eq!(serde_json::from_str::<Charge>(&json).unwrap(), state, "{json}");
    }
}
