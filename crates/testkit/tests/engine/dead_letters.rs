//! One bad message stops nothing but its own key, and can be mended.

use engine::DeadLetterState;
use engine::intake::RepairAct;
use engine::observe::Verdict;

use crate::tiny::{Bench, Say, event, held};

/// A key whose first event is `bad`, with two good ones behind it.
fn bench_with(bad: &Say) -> Bench {
    let mut bench = Bench::new();
    bench.peer.put([
        event("peer", "a", 1, bad),
        event("peer", "a", 2, &Say::Add(2)),
        event("peer", "b", 1, &Say::Add(1)),
    ]);
    bench.another.put([event("another", "a", 1, &Say::Add(4))]);
    bench.settle();
    bench
}

#[test]
fn what_cannot_work_dies_and_holds_back_its_own_key_alone() {
    for (bad, code) in
        [(Say::Panic, "poison"), (Say::Poison, "poison"), (Say::Trespass, "poison"), (Say::Refuse, "refused")]
    {
        let mut bench = bench_with(&bad);
        assert_eq!(bench.dead(), [("a".into(), held(1), code.into())], "{bad:?}");
        assert_eq!((bench.count("a"), bench.count("b")), (0, 1));
        bench.pass(500);
        assert_eq!(bench.count("a"), 0);
        bench.tell("a", Say::Add(8), vec![]);
        assert_eq!(bench.count("a"), 8, "a command does not wait behind it");
    }
}

#[test]
fn data_that_cannot_be_read_is_set_aside() {
    for (data, why) in [("?", "expected value"), ("!", "it chokes")] {
        let mut bench = Bench::new();
        bench.peer.put([engine::Record { data: data.into(), ..event("peer", "a", 1, &Say::Nothing) }]);
        bench.settle();
        assert!(bench.store.dead()[0].reason.contains(why), "{:?}", bench.store.dead());
    }
}

#[test]
fn a_panic_is_told_and_takes_nobody_with_it() {
    for (say, why) in [(Say::Panic, "it hurts"), (Say::Stumble, "it stumbles")] {
        let mut bench = bench_with(&say);
        assert!(bench.store.dead()[0].reason.contains(why));
        let answer = bench.tell("a", say, vec![]);
        assert!(matches!(&answer, engine::Answer::Failed(reason) if reason.contains(why)), "{answer:?}");
    }
}

#[test]
fn a_redriven_event_is_tried_again_and_what_waited_follows() {
    let mut bench = bench_with(&Say::Need(5));
    bench.pass(1_000);
    assert_eq!(bench.dead().len(), 1);
    assert!(bench.repair("a", &held(1), RepairAct::Redrive));
    bench.pass(1_000);
    assert_eq!(bench.dead().len(), 1, "it still comes too early");
    bench.tell("a", Say::Add(5), vec![]);
    assert!(bench.repair("a", &held(1), RepairAct::Redrive));
    assert_eq!(bench.said("a"), ["command", "peer 1", "another 1", "peer 2"]);
    let letter = &bench.store.letters()[0];
    assert_eq!((letter.state, letter.replays), (DeadLetterState::Resolved, 2));
    let act = letter.act.as_ref().unwrap();
    assert_eq!((&*act.actor, &*act.reason), ("tester", "it was mended"), "who redrove it stays with it");
}

#[test]
fn a_discarded_event_is_passed_over_and_what_waited_follows() {
    let mut bench = bench_with(&Say::Poison);
    assert!(bench.repair("a", &held(1), RepairAct::Discard));
    assert_eq!(bench.said("a"), ["another 1", "peer 2"]);
    assert_eq!(bench.store.letters()[0].state, DeadLetterState::Discarded);
    bench.peer.put([event("peer", "a", 1, &Say::Add(100)), event("peer", "a", 3, &Say::Add(1))]);
    bench.settle();
    assert_eq!((bench.count("a"), bench.verdicts(Verdict::Duplicate)), (7, 1));
}

#[test]
fn only_what_is_dead_can_be_mended() {
    let mut bench = bench_with(&Say::Poison);
    assert!(!bench.repair("a", &held(2), RepairAct::Discard), "it waits, it is not dead");
    assert!(!bench.repair("a", "nothing", RepairAct::Redrive));
    assert!(bench.repair("a", &held(1), RepairAct::Discard));
    assert!(!bench.repair("a", &held(1), RepairAct::Discard), "it is gone");
}

#[test]
fn a_timer_that_cannot_work_dies_and_holds_back_nothing() {
    let mut bench = Bench::new();
    bench.tell("a", Say::Later(50, Box::new(Say::Panic)), vec![]);
    bench.pass(60);
    assert_eq!(bench.dead(), [("a".into(), "later".into(), "poison".into())]);
    bench.peer.put([event("peer", "a", 1, &Say::Add(1))]);
    bench.settle();
    assert_eq!(bench.count("a"), 1);
    assert!(bench.repair("a", "later", RepairAct::Discard));
    assert_eq!(bench.dead(), []);
}

#[test]
fn a_dead_timer_can_be_redriven() {
    let mut bench = Bench::new();
    bench.tell("a", Say::Later(50, Box::new(Say::Need(5))), vec![]);
    bench.pass(1_000);
    assert_eq!(bench.dead(), [("a".into(), "later".into(), "not_yet".into())]);
    bench.tell("a", Say::Add(5), vec![]);
    assert!(bench.repair("a", "later", RepairAct::Redrive));
    bench.settle();
    assert_eq!(bench.said("a").last().unwrap(), "timer later");
    assert_eq!(bench.dead(), []);
}
