//! Effects: leases, fencing, retries, dead letters.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use engine::intake::RepairAct;
use engine::observe::Verdict;
use engine::{DeadLetterState, Key, Performed, Step};
use futures::FutureExt;
use testkit::faults::Gate;

use crate::tiny::{Bench, Say, event};

fn told(more: u64) -> Performed {
    Performed::Answered { kind: "told", data: serde_json::to_string(&Say::Add(more)).unwrap() }
}

#[test]
fn an_effect_is_performed_once_and_its_answer_is_a_message() {
    let mut bench = Bench::new();
    bench.world(|_| async { told(7) }.boxed());
    bench.tell("a", Say::Ask, vec![]);
    bench.settle();
    assert_eq!(bench.said("a"), ["command", "effect ask 1"]);
    assert_eq!((bench.count("a"), bench.store.rows(&Key::name("a")).len()), (7, 0));
}

#[test]
fn a_failed_effect_is_repeated_with_growing_waits_and_dies_at_last() {
    let mut bench = Bench::new();
    let attempts = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&attempts);
    bench.world(move |_| {
        counted.fetch_add(1, Ordering::SeqCst);
        async { Performed::Failed("500".to_owned()) }.boxed()
    });
    bench.tell("a", Say::Ask, vec![]);
    bench.pass(690);
    assert_eq!((attempts.load(Ordering::SeqCst), bench.dead().len()), (3, 0));
    bench.pass(20);
    assert_eq!(attempts.load(Ordering::SeqCst), 4);
    assert_eq!(bench.dead(), [("a".into(), "ask".into(), "exhausted".into())]);
    bench.world(|_| async { told(7) }.boxed());
    assert!(bench.repair("a", "ask", RepairAct::Redrive));
    bench.settle();
    assert_eq!(bench.count("a"), 7);
    assert_eq!(bench.store.letters()[0].state, DeadLetterState::Resolved);
}

#[test]
fn an_unavailable_world_costs_no_attempt() {
    let mut bench = Bench::new();
    bench.tell("a", Say::Ask, vec![]);
    bench.pass(5_000);
    assert_eq!((bench.dead().len(), bench.store.rows(&Key::name("a"))[0].attempts), (0, 0));
    bench.world(|_| async { told(7) }.boxed());
    bench.pass(30_000);
    assert_eq!(bench.said("a"), ["command", "effect ask 1"]);
}

#[test]
fn the_service_may_change_course_when_attempts_are_fruitless() {
    let mut bench = Bench::new();
    bench.world(|_| async { Performed::Unknown("tell me".to_owned()) }.boxed());
    bench.tell("a", Say::Ask, vec![]);
    bench.pass(1_000);
    assert_eq!(bench.count("a"), 4_000, "each attempt was told, the last one too");
    assert_eq!((bench.dead(), bench.store.rows(&Key::name("a"))), (vec![], vec![]));
}

#[test]
fn an_answer_under_an_old_lease_is_dropped() {
    let mut bench = Bench::new();
    let (gate, calls) = (Gate::default(), Arc::new(AtomicUsize::new(0)));
    let (kept, counted) = (gate.clone(), Arc::clone(&calls));
    bench.world(move |_| {
        let (gate, call) = (kept.clone(), counted.fetch_add(1, Ordering::SeqCst));
        async move {
            if call == 0 {
                gate.opened().await;
                return told(100);
            }
            told(7)
        }
        .boxed()
    });
    bench.tell("a", Say::Ask, vec![]);
    bench.settle();
    bench.advance(29_000);
    bench.settle();
    assert_eq!(calls.load(Ordering::SeqCst), 1, "the lease holds");
    bench.advance(2_000);
    bench.settle();
    assert_eq!((calls.load(Ordering::SeqCst), bench.count("a")), (2, 7));
    gate.open();
    bench.settle();
    assert_eq!((bench.count("a"), bench.verdicts(Verdict::Stale)), (7, 1));
}

#[test]
fn an_answer_that_is_late_but_the_first_counts() {
    let mut bench = Bench::new();
    let gate = Gate::default();
    let kept = gate.clone();
    bench.world(move |_| {
        let gate = kept.clone();
        async move {
            gate.opened().await;
            told(7)
        }
        .boxed()
    });
    bench.tell("a", Say::Ask, vec![]);
    bench.settle();
    bench.advance(31_000);
    gate.open();
    bench.worker_first();
    bench.settle();
    assert_eq!(bench.said("a"), ["command", "effect ask 1"]);
}

#[test]
fn the_outcome_of_a_cancelled_effect_is_dropped() {
    let mut bench = Bench::new();
    let gate = Gate::default();
    let kept = gate.clone();
    bench.world(move |_| {
        let gate = kept.clone();
        async move {
            gate.opened().await;
            told(7)
        }
        .boxed()
    });
    bench.tell("a", Say::Ask, vec![]);
    bench.settle();
    bench.tell("a", Say::Unask, vec![]);
    gate.open();
    bench.settle();
    assert_eq!((bench.count("a"), bench.verdicts(Verdict::Stale)), (0, 1));
}

#[test]
fn a_dead_effect_that_the_service_cancels_leaves_no_dead_letter() {
    let mut bench = Bench::new();
    bench.world(|_| async { Performed::Failed("500".to_owned()) }.boxed());
    bench.tell("a", Say::Ask, vec![]);
    bench.pass(2_000);
    assert_eq!(bench.dead().len(), 1);
    bench.tell("a", Say::Unask, vec![]);
    assert_eq!(bench.dead(), []);
}

#[test]
fn an_effect_that_dies_and_is_cancelled_in_one_batch_leaves_no_dead_letter() {
    let mut bench = Bench::new();
    let gate = Gate::default();
    let (kept, attempts) = (gate.clone(), Arc::new(AtomicUsize::new(0)));
    bench.world(move |_| {
        let (gate, attempt) = (kept.clone(), attempts.fetch_add(1, Ordering::SeqCst) + 1);
        async move {
            if attempt == 4 {
                gate.opened().await;
            }
            Performed::Failed("500".to_owned())
        }
        .boxed()
    });
    bench.tell("a", Say::Ask, vec![]);
    bench.pass(2_000);
    bench.peer.put([event("peer", "a", 1, &Say::Unask)]);
    gate.open();
    bench.worker_first();
    bench.settle();
    assert_eq!(bench.verdicts(Verdict::Dead), 1, "it died");
    assert_eq!(bench.store.letters()[0].state, DeadLetterState::Discarded);
}

#[test]
fn a_stop_performs_what_was_leased_and_takes_in_what_came_of_it() {
    let mut bench = Bench::new();
    let gate = Gate::default();
    let kept = gate.clone();
    bench.world(move |_| {
        let gate = kept.clone();
        async move {
            gate.opened().await;
            told(7)
        }
        .boxed()
    });
    bench.tell("a", Say::Ask, vec![]);
    bench.settle();
    let stop = async { futures::join!(bench.applier.stop(), bench.worker.stop(), async { gate.open() }) };
    futures::executor::block_on(stop);
    assert_eq!(bench.count("a"), 7);
    bench.tell("b", Say::Ask, vec![]);
    let row = &bench.store.rows(&Key::name("b"))[0];
    assert_eq!((row.attempts, row.token), (0, 0), "nothing was leased any more");
}
