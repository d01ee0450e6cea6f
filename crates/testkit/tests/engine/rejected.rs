//! A batch with something in it that the store rejects: exactly the guilty message is set aside.

use engine::intake::RepairAct;
use engine::store::Writes;
use engine::{Answer, Key, Performed};
use futures::FutureExt;

use crate::tiny::{Bench, Say, Told, event, held};

/// Whether 666 is counted under a key.
fn is_evil(writes: &Writes<Told>) -> Option<String> {
    let evil = writes.states.iter().any(|(_, told, _)| told.count >= 666);
    evil.then(|| "666 is not for this store".to_owned())
}

fn bench() -> Bench {
    let bench = Bench::new();
    bench.store.reject(is_evil);
    bench
}

/// That the rest of the world goes on.
fn assert_alive(bench: &mut Bench) {
    assert!(matches!(bench.tell("alive", Say::Add(1), vec![]), Answer::Done { .. }), "commands go on");
    bench.another.put([event("another", "alive", 1, &Say::Add(1))]);
    bench.settle();
    assert_eq!(bench.count("alive"), 2, "events go on");
}

#[test]
fn a_rejected_event_is_set_aside_and_its_batch_is_applied() {
    let mut bench = bench();
    let good = ["b", "c", "d"].map(|key| event("peer", key, 1, &Say::Add(1)));
    bench.peer.put([
        good[0].clone(),
        event("peer", "a", 1, &Say::Add(666)),
        good[1].clone(),
        good[2].clone(),
    ]);
    let mut command = bench.ask("e", Say::Add(1), vec![]);
    bench.settle();
    assert_eq!(bench.dead(), [("a".into(), held(1), "poison".into())]);
    assert!(matches!(command.try_recv(), Ok(Answer::Done { reply: 1, .. })));
    assert_eq!(["b", "c", "d"].map(|key| bench.count(key)), [1, 1, 1]);
    assert_alive(&mut bench);
}

#[test]
fn a_rejected_command_fails_alone() {
    let mut bench = bench();
    let mut good = bench.ask("a", Say::Add(1), vec![]);
    let mut guilty = bench.ask("b", Say::Add(666), vec![]);
    let mut other = bench.ask("c", Say::Add(1), vec![]);
    bench.settle();
    assert!(matches!(guilty.try_recv(), Ok(Answer::Failed(reason)) if reason.contains("666")));
    for receiver in [&mut good, &mut other] {
        assert!(matches!(receiver.try_recv(), Ok(Answer::Done { .. })));
    }
    assert_alive(&mut bench);
}

#[test]
fn a_rejected_timer_is_set_aside_and_fails_no_command() {
    let mut bench = bench();
    bench.tell("a", Say::Later(50, Box::new(Say::Add(666))), vec![]);
    bench.advance(60);
    let mut innocent = bench.ask("b", Say::Add(1), vec![]);
    bench.settle();
    assert!(matches!(innocent.try_recv(), Ok(Answer::Done { reply: 1, .. })));
    assert_eq!(bench.dead(), [("a".into(), "later".into(), "poison".into())]);
    assert_alive(&mut bench);
}

#[test]
fn a_rejected_answer_of_the_world_is_set_aside() {
    let mut bench = bench();
    bench.world(|_| {
        let data = serde_json::to_string(&Say::Add(666)).unwrap();
        async { Performed::Answered { kind: "told", data } }.boxed()
    });
    bench.tell("a", Say::Ask, vec![]);
    bench.settle();
    assert_eq!(bench.dead(), [("a".into(), "ask".into(), "poison".into())]);
    assert_alive(&mut bench);
}

#[test]
fn what_the_service_makes_of_a_fruitless_attempt_may_be_rejected_too() {
    let mut bench = bench();
    bench.world(|_| async { Performed::Unknown("tell me".to_owned()) }.boxed());
    bench.tell("a", Say::Ask, vec![]);
    bench.settle();
    assert_eq!(bench.dead(), [("a".into(), "ask".into(), "poison".into())]);
    assert_alive(&mut bench);
}

#[test]
fn a_set_aside_event_that_is_rejected_when_its_turn_comes_is_set_aside_for_good() {
    let mut bench = bench();
    bench.peer.put([event("peer", "a", 1, &Say::Need(1)), event("peer", "a", 2, &Say::Add(666))]);
    bench.settle();
    bench.tell("a", Say::Add(1), vec![]);
    bench.pass(200);
    assert_eq!(bench.dead().len(), 1, "{:?}", bench.dead());
    assert_alive(&mut bench);
}

#[test]
fn a_redriven_event_that_is_rejected_again_is_dead_again() {
    let mut bench = bench();
    bench.peer.put([event("peer", "a", 1, &Say::Add(666)), event("peer", "a", 2, &Say::Add(1))]);
    bench.settle();
    assert!(bench.repair("a", &held(1), RepairAct::Redrive));
    assert_eq!(bench.dead(), [("a".into(), held(1), "poison".into())]);
    assert_alive(&mut bench);
    bench.store.accept();
    assert!(bench.repair("a", &held(1), RepairAct::Redrive));
    assert_eq!(bench.said("a"), ["peer 1", "peer 2"]);
    assert_eq!(bench.store.stream(&Key::name("a")).held, 0);
}
