use engine::{DeadLetter, DeadLetterState};

use super::*;
use crate::{Fate, Step, fate, terminal_or_stuck};

const STUCK_AFTER: Duration = Duration::from_secs(300);

fn letter(state: DeadLetterState) -> DeadLetter {
    DeadLetter {
        key: Key::Id(ID),
        name: "charge".to_owned(),
        kind: "charge".to_owned(),
        code: "exhausted".to_owned(),
        reason: "the provider answered 500".to_owned(),
        attempts: 8,
        replays: 0,
        state,
        first_failed_at: at(0),
        last_failed_at: at(0),
        act: None,
    }
}

fn fate_of(order: &Order, letters: &[DeadLetter], payment: Option<&Payment>, second: i64) -> Fate {
    fate(order, letters, payment, None, at(second), STUCK_AFTER)
}

#[test]
fn an_order_that_ended_with_its_payment_is_left_alone() {
    assert_eq!(fate_of(&processed(ID), &[], Some(&payment(ID)), 9_999), Fate::Ended);
}

#[test]
fn a_young_order_moves() {
    assert_eq!(fate_of(&order(ID), &[], None, 300), Fate::Moving);
}

#[test]
fn a_dead_letter_says_why() {
    let Fate::Stuck { step: Step::DeadLetter, reason } =
        fate_of(&order(ID), &[letter(DeadLetterState::Dead)], Some(&pending(ID)), 1)
    else {
        panic!("not stuck");
    };
    assert!(reason.contains("the provider answered 500"));
}

#[test]
fn an_open_payment_says_why() {
    assert!(matches!(
        fate_of(&order(ID), &[], Some(&pending(ID)), 301),
        Fate::Stuck { step: Step::Payment, .. }
    ));
}

#[test]
fn an_order_that_waits_for_nothing_is_lost() {
    assert_eq!(fate_of(&order(ID), &[letter(DeadLetterState::Resolved)], None, 301), Fate::Lost);
    assert_eq!(fate_of(&order(ID), &[], Some(&payment(ID)), 301), Fate::Lost);
    let broken = terminal_or_stuck(&unpayable(ID), &[], None, None, at(301), STUCK_AFTER);
    assert_broken(4, &broken, "waits for nothing");
    assert_clean(terminal_or_stuck(&unpayable(ID), &[], None, None, at(299), STUCK_AFTER));
}
