//! The fault matrix.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "the whole file is a test"
)]

use testkit::app::Ground;
use testkit::matrix::{Broken, Flaw, Grounds, Reaction, Trigger, all, baseline, registry, run, run_in};

#[test]
fn every_reaction_bears_every_fault() {
    let outcome = all(registry(), || Ground::files);
    println!("{}", outcome.table);
    assert!(outcome.wrong.is_empty(), "{}", outcome.wrong.join("\n\n"));
}

const FILES: Grounds<'_> = &Ground::files;

const CREATED: Reaction =
    Reaction { service: "payments", trigger: Trigger::Event { source: "orders", kind: "order.created" } };
const PAID: Reaction =
    Reaction { service: "orders", trigger: Trigger::Event { source: "payments", kind: "payment.paid" } };

/// A test of the tests.
#[test]
fn a_broken_duplicate_check_turns_it_red() {
    let broken = Broken { hidden_marks: true, ..Broken::default() };
    for reaction in [CREATED, PAID] {
        let expected = baseline(FILES, reaction).unwrap();
        assert_eq!(run(FILES, reaction, Flaw::Duplicate, Broken::default(), &expected), Ok(()));
        let outcome = run(FILES, reaction, Flaw::Duplicate, broken, &expected);
        assert!(outcome.is_err(), "{reaction:?} is green without a duplicate check");
    }
}

/// A test of the tests. The marks alone survive the loss of a cursor; the loss of both has to be seen.
#[test]
fn a_lost_cursor_turns_it_red_where_the_marks_are_lost_too() {
    let expected = baseline(FILES, PAID).unwrap();
    for flaw in [Flaw::CrashBefore, Flaw::CrashAfter] {
        let lost = Broken { lost_cursors: true, hidden_marks: false };
        assert_eq!(run(FILES, PAID, flaw, lost, &expected), Ok(()), "the marks know what was applied");
        let lost = Broken { lost_cursors: true, hidden_marks: true };
        assert!(
            run(FILES, PAID, flaw, lost, &expected).is_err(),
            "{flaw:?} is green without cursors and marks"
        );
    }
}

/// A cell whose fault never strikes is no proof of anything.
#[test]
fn a_fault_that_does_not_strike_turns_it_red() {
    let expected = baseline(FILES, CREATED).unwrap();
    let unknown = Reaction {
        service: "orders",
        trigger: Trigger::Event { source: "payments", kind: "payment.unknown" },
    };
    for flaw in Flaw::ALL {
        let outcome = run_in(FILES, CREATED, unknown, flaw, Broken::default(), &expected);
        assert!(outcome.is_err_and(|reason| reason.contains("did not strike")), "{flaw:?}");
    }
}

/// Another end than without the fault is red.
#[test]
fn another_end_turns_it_red() {
    let other = baseline(FILES, PAID).unwrap();
    let outcome = run(FILES, CREATED, Flaw::Fail, Broken::default(), &other);
    assert!(outcome.is_err_and(|reason| reason.contains("it ended as")));
}
