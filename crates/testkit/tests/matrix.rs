//! The fault matrix.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "the whole file is a test"
)]

use std::sync::Mutex;

use testkit::matrix::{Broken, Flaw, Reaction, Trigger, baseline, name, registry, run, run_in, table};

/// One row of the table, with what is wrong in it.
fn row(reaction: Reaction) -> (Vec<Option<bool>>, Vec<String>) {
    let expected = match baseline(reaction) {
        Ok(expected) => expected,
        Err(reason) => {
            return (vec![Some(false); 7], vec![format!("{} without a fault: {reason}", name(reaction))]);
        }
    };
    let (mut outcomes, mut wrong) = (Vec::new(), Vec::new());
    for flaw in Flaw::ALL {
        let outcome = reaction.has(flaw).then(|| run(reaction, flaw, Broken::default(), &expected));
        if let Some(Err(reason)) = &outcome {
            wrong.push(format!("{} x {flaw:?}: {reason}", name(reaction)));
        }
        outcomes.push(outcome.map(|outcome| outcome.is_ok()));
    }
    (outcomes, wrong)
}

#[test]
fn every_reaction_bears_every_fault() {
    let reactions = registry();
    let (next, rows, wrong) = (Mutex::new(0), Mutex::new(Vec::new()), Mutex::new(Vec::new()));
    let work = || loop {
        let index = {
            let mut next = next.lock().unwrap();
            *next += 1;
            *next - 1
        };
        let Some(reaction) = reactions.get(index) else { return };
        let (outcomes, found) = row(*reaction);
        rows.lock().unwrap().push((index, (*reaction, outcomes)));
        wrong.lock().unwrap().extend(found);
    };
    std::thread::scope(|scope| {
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        running.into_iter().for_each(|thread| thread.join().expect("a cell panicked"));
    });
    let mut rows = rows.into_inner().unwrap();
    rows.sort_by_key(|(index, _)| *index);
    println!("{}", table(&rows.into_iter().map(|(_, row)| row).collect::<Vec<_>>()));
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

const CREATED: Reaction =
    Reaction { service: "payments", trigger: Trigger::Event { source: "orders", kind: "order.created" } };
const PAID: Reaction =
    Reaction { service: "orders", trigger: Trigger::Event { source: "payments", kind: "payment.paid" } };

/// A test of the tests.
#[test]
fn a_broken_duplicate_check_turns_it_red() {
    let broken = Broken { hidden_marks: true, ..Broken::default() };
    for reaction in [CREATED, PAID] {
        let expected = baseline(reaction).unwrap();
        assert_eq!(run(reaction, Flaw::Duplicate, Broken::default(), &expected), Ok(()));
        let outcome = run(reaction, Flaw::Duplicate, broken, &expected);
        assert!(outcome.is_err(), "{reaction:?} is green without a duplicate check");
    }
}

/// A test of the tests. The marks alone survive the loss of a cursor; the loss of both has to be seen.
#[test]
fn a_lost_cursor_turns_it_red_where_the_marks_are_lost_too() {
    let expected = baseline(PAID).unwrap();
    for flaw in [Flaw::CrashBefore, Flaw::CrashAfter] {
        let lost = Broken { lost_cursors: true, hidden_marks: false };
        assert_eq!(run(PAID, flaw, lost, &expected), Ok(()), "the marks know what was applied");
        let lost = Broken { lost_cursors: true, hidden_marks: true };
        assert!(run(PAID, flaw, lost, &expected).is_err(), "{flaw:?} is green without cursors and marks");
    }
}

/// A cell whose fault never strikes is no proof of anything.
#[test]
fn a_fault_that_does_not_strike_turns_it_red() {
    let expected = baseline(CREATED).unwrap();
    let unknown = Reaction {
        service: "orders",
        trigger: Trigger::Event { source: "payments", kind: "payment.unknown" },
    };
    for flaw in Flaw::ALL {
        let outcome = run_in(CREATED, unknown, flaw, Broken::default(), &expected);
        assert!(outcome.is_err_and(|reason| reason.contains("did not strike")), "{flaw:?}");
    }
}

/// Another end than without the fault is red.
#[test]
fn another_end_turns_it_red() {
    let other = baseline(PAID).unwrap();
    let outcome = run(CREATED, Flaw::Fail, Broken::default(), &other);
    assert!(outcome.is_err_and(|reason| reason.contains("it ended as")));
}
