//! What holds after any sequence of requests.

use std::collections::{BTreeMap, BTreeSet};

use contract::Money;
use proptest::prelude::*;

use super::*;

/// All that the provider knows.
type Ledger = BTreeMap<Key, Charge>;

fn money() -> impl Strategy<Value = Money> {
    let currency = prop_oneof![4 => Just("USD"), 1 => Just("JPY")];
    (1_i64..6, currency).prop_map(|(minor, code)| Money { minor, currency: code.parse().unwrap() })
}

fn input() -> impl Strategy<Value = Input> {
    let method = prop::sample::select(vec!["card", "card-declined", "card-timeout", "card-error"]);
    let charge = (money(), method).prop_map(|(amount, method)| {
        Input::Charge(Purchase { order_id: "order".to_owned(), amount, method: method.to_owned() })
    });
    let refund =
        (0_u8..4, money()).prop_map(|(key, amount)| Input::Refund { key: format!("refund-{key}"), amount });
    prop_oneof![4 => charge, 1 => Just(Input::Void), 6 => refund]
}

fn sequence() -> impl Strategy<Value = Vec<(Key, Input)>> {
    let key = (0_u8..3).prop_map(|key| Key::name(&format!("charge-{key}")));
    prop::collection::vec((key, input()), 0..60)
}

fn apply(ledger: &mut Ledger, key: &Key, input: &Input, number: usize) -> Result<Reply, Refusal> {
    let stamp = Stamp { now: Timestamp::UNIX_EPOCH, id: Uuid::from_u128(number as u128) };
    let decision = decide(ledger.get(key), key, input, stamp)?;
    if let Some(charge) = decision.put {
        ledger.insert(key.clone(), charge);
    }
    Ok(decision.reply)
}

/// What a state may become: nothing changes but that refunds are added behind the others.
fn follows(before: &Charge, after: &Charge) -> bool {
    match (&before.status, &after.status) {
        (Status::Captured(before), Status::Captured(after)) => {
            before.purchase == after.purchase
                && before.reference == after.reference
                && after.refunds.starts_with(&before.refunds)
        }
        _ => before == after,
    }
}

proptest! {
    #[test]
    fn no_more_is_refunded_than_was_captured(sequence in sequence()) {
        let mut ledger = Ledger::new();
        for (number, (key, input)) in sequence.iter().enumerate() {
            let _ = apply(&mut ledger, key, input, number);
            for capture in ledger.values().filter_map(Charge::capture) {
                prop_assert!(capture.refundable() >= 0);
                prop_assert!(capture.refunds.iter().all(|refund| refund.amount > 0));
                let keys: BTreeSet<_> = capture.refunds.iter().map(|refund| &refund.key).collect();
                prop_assert_eq!(keys.len(), capture.refunds.len());
            }
        }
    }

    #[test]
    fn what_was_charged_or_voided_under_a_key_stays_so(sequence in sequence()) {
        let mut ledger = Ledger::new();
        for (number, (key, input)) in sequence.iter().enumerate() {
            let before = ledger.clone();
            let reply = apply(&mut ledger, key, input, number);
            for (known, charge) in &before {
                prop_assert!(follows(charge, &ledger[known]));
                prop_assert!(known == key || *charge == ledger[known]);
            }
            prop_assert!(reply.is_ok() || before == ledger);
        }
    }

    #[test]
    fn the_same_request_gets_the_same_answer_and_changes_nothing(sequence in sequence()) {
        let mut ledger = Ledger::new();
        for (number, (key, input)) in sequence.iter().enumerate() {
            let first = apply(&mut ledger, key, input, number);
            let after = ledger.clone();
            let again = apply(&mut ledger, key, input, 1_000 + number);
            prop_assert_eq!(&after, &ledger);
            match (first, again) {
                (Ok(first), Ok(again)) => {
                    prop_assert_eq!(first.verdict, again.verdict);
                    prop_assert!(again.repeated && !again.withheld);
                }
                (first, again) => prop_assert_eq!(first, again),
            }
        }
    }

    #[test]
    fn the_money_that_was_answered_is_the_money_in_the_ledger(sequence in sequence()) {
        let mut ledger = Ledger::new();
        let mut answered = BTreeMap::new();
        for (number, (key, input)) in sequence.iter().enumerate() {
            match apply(&mut ledger, key, input, number).map(|reply| (reply.verdict, reply.repeated)) {
                Ok((Verdict::Captured { reference, amount }, false)) => answered.insert(reference, amount.minor),
                Ok((Verdict::Refunded { reference, amount }, false)) => answered.insert(reference, -amount.minor),
                _ => None,
            };
        }
        let kept: i64 = ledger.values().filter_map(Charge::capture).map(Capture::refundable).sum();
        prop_assert_eq!(answered.values().sum::<i64>(), kept);
    }
}
