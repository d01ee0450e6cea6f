//! The engine keeps the order, not the broker.

use engine::Key;
use engine::observe::Verdict;
use invariants::Sequences;
use proptest::prelude::*;
use proptest::sample::subsequence;

use crate::tiny::{Bench, STEPS, Say, event, foreign};

fn adds(key: &str, to: u64) -> Vec<engine::Record> {
    (1..=to).map(|sequence| event("peer", key, sequence, &Say::Add(sequence))).collect()
}

#[test]
fn a_duplicate_is_dropped() {
    let mut bench = Bench::new();
    bench.peer.put(adds("a", 2).into_iter().chain(adds("a", 2)));
    bench.settle();
    bench.peer.put(adds("a", 1));
    bench.settle();
    assert_eq!((bench.count("a"), bench.verdicts(Verdict::Duplicate)), (3, 3));
}

#[test]
fn a_gap_is_held_until_the_missing_one_comes() {
    let mut bench = Bench::new();
    let [one, two, three] = adds("a", 3).try_into().unwrap();
    bench.peer.put([three.clone(), two, three]);
    bench.settle();
    assert_eq!((bench.count("a"), bench.store.stream(&Key::name("a")).held), (0, 2));
    bench.peer.put([one]);
    bench.settle();
    assert_eq!(bench.said("a"), ["peer 1", "peer 2", "peer 3"]);
    assert_eq!(bench.store.stream(&Key::name("a")).held, 0);
    assert_eq!(bench.store.rows(&Key::name("a")), []);
}

#[test]
fn what_comes_too_early_is_tried_again_and_the_later_ones_of_its_key_follow_in_order() {
    let mut bench = Bench::new();
    bench.peer.put([
        event("peer", "a", 1, &Say::Need(5)),
        event("peer", "a", 2, &Say::Add(1)),
        event("peer", "b", 1, &Say::Add(1)),
        event("peer", "a", 3, &Say::Add(1)),
    ]);
    bench.another.put([event("another", "a", 1, &Say::Add(1))]);
    bench.settle();
    assert_eq!((bench.said("a").len(), bench.count("b")), (0, 1));
    // A command does not wait behind it.
    bench.tell("a", Say::Add(5), vec![]);
    bench.pass(110);
    assert_eq!(bench.said("a"), ["command", "peer 1", "another 1", "peer 2", "peer 3"]);
    assert_eq!(bench.verdicts(Verdict::NotYet), 1);
}

#[test]
fn what_stays_too_early_waits_longer_each_time_and_dies_at_last() {
    let mut bench = Bench::new();
    bench.peer.put([event("peer", "a", 1, &Say::Need(5)), event("peer", "a", 2, &Say::Add(1))]);
    let mut waits = Vec::new();
    for _ in 0..100 {
        bench.settle();
        let rows = bench.store.rows(&Key::name("a"));
        waits.push((rows[0].attempts, rows[0].due.is_some()));
        bench.advance(10);
    }
    let tried = |attempts| waits.iter().filter(|(tried, due)| *tried == attempts && *due).count();
    assert_eq!((tried(1), tried(2), tried(3)), (10, 20, 40));
    assert_eq!(bench.dead(), [("a".into(), crate::tiny::held(1), "not_yet".into())]);
    assert_eq!(bench.count("a"), 0);
}

#[test]
fn of_what_waits_on_a_key_the_one_that_came_too_early_goes_first() {
    let mut bench = Bench::new();
    bench.peer.put([event("peer", "a", 1, &Say::Need(5))]);
    bench.settle();
    // By its name this row comes first. If it went first and died, the other one would be due for ever.
    bench.another.put([event("another", "a", 1, &Say::Poison)]);
    bench.pass(1_000);
    assert_eq!(bench.dead(), [("a".into(), crate::tiny::held(1), "not_yet".into())]);
}

#[test]
fn an_event_nobody_reacts_to_counts_all_the_same() {
    let mut bench = Bench::new();
    let whispered = engine::Record { kind: "whispered".into(), ..event("peer", "a", 1, &Say::Poison) };
    bench.peer.put([whispered, event("peer", "a", 2, &Say::Add(1))]);
    bench.settle();
    assert_eq!(bench.said("a"), ["peer 2"]);
}

#[test]
fn foreign_events_are_known_by_their_id() {
    let mut bench = Bench::new();
    bench.peer.put([
        foreign("a", "x", &Say::Add(1)),
        foreign("a", "x", &Say::Add(1)),
        foreign("a", "y", &Say::Add(1)),
    ]);
    bench.settle();
    bench.peer.put([foreign("a", "x", &Say::Add(1))]);
    bench.settle();
    assert_eq!(bench.count("a"), 2);
}

#[test]
fn a_foreign_event_that_was_set_aside_is_applied_once() {
    let mut bench = Bench::new();
    bench.another.put([event("another", "a", 1, &Say::Need(5))]);
    bench.settle();
    bench.peer.put([foreign("a", "x", &Say::Add(1))]);
    bench.settle();
    assert_eq!(bench.count("a"), 0);
    bench.tell("a", Say::Add(5), vec![]);
    bench.pass(110);
    bench.peer.put([foreign("a", "x", &Say::Add(1))]);
    bench.settle();
    assert_eq!(bench.count("a"), 6);
}

#[test]
fn events_about_a_key_are_published_in_sequence_whatever_made_them() {
    let mut bench = Bench::new();
    for round in 0..5 {
        bench
            .peer
            .put([event("peer", "a", round + 1, &Say::Add(1)), event("peer", "b", round + 1, &Say::Add(1))]);
        bench.ask("a", Say::Add(1), vec![]);
        bench.settle();
    }
    let records = bench.store.records();
    let mut sequences = Sequences::new();
    assert_eq!(records.iter().filter_map(|record| sequences.see(record)).collect::<Vec<_>>(), []);
    assert_eq!(records.len(), 15);
    let notes: Vec<_> = bench.store.notes(&Key::name("a")).iter().map(|note| note.sequence).collect();
    assert_eq!(notes, (1..=10).collect::<Vec<_>>());
}

/// Every event of two keys and two sources once, in any order, with some of them again, cut into any batches.
fn deliveries() -> impl Strategy<Value = Vec<Vec<engine::Record>>> {
    let mut all = Vec::new();
    for (source, key) in [("peer", "a"), ("another", "a"), ("peer", "b"), ("another", "b")] {
        all.extend((1..=4).map(|sequence| event(source, key, sequence, &Say::Add(sequence))));
    }
    let again = subsequence(all.clone(), 0..8);
    let cuts = prop::collection::vec(1_usize..6, 32);
    (again, cuts).prop_flat_map(move |(again, cuts)| {
        let mixed = Just([all.clone(), again].concat()).prop_shuffle();
        mixed.prop_map(move |mut mixed| {
            let mut batches = Vec::new();
            for cut in &cuts {
                let rest = mixed.split_off((*cut).min(mixed.len()));
                batches.push(std::mem::replace(&mut mixed, rest));
            }
            batches
        })
    })
}

proptest! {
    #[test]
    fn any_order_of_delivery_gives_the_same_end(batches in deliveries()) {
        let mut bench = Bench::new();
        for batch in batches {
            for record in batch {
                let belt = if record.source == "peer" { &bench.peer } else { &bench.another };
                belt.put([record]);
            }
            bench.settle();
        }
        for key in ["a", "b"] {
            prop_assert_eq!(bench.count(key), 20);
            for source in ["peer", "another"] {
                let said = bench.said(key);
                let of_source: Vec<_> = said.iter().filter(|said| said.starts_with(source)).cloned().collect();
                prop_assert_eq!(of_source, (1..=4).map(|sequence| format!("{source} {sequence}")).collect::<Vec<_>>());
            }
            prop_assert_eq!(bench.store.stream(&Key::name(key)).held, 0);
            prop_assert_eq!(bench.store.rows(&Key::name(key)), []);
        }
    }
}

#[test]
fn a_key_that_does_not_take_the_step_passes_by_without_a_mark() {
    let mut bench = Bench::new();
    let named = |key: &str, steps: &str| engine::Record {
        steps: Some(steps.to_owned()),
        ..event("peer", key, 1, &Say::Add(1))
    };
    bench.peer.put([named("a", "big"), named("b", STEPS), named("c", "")]);
    bench.settle();
    assert_eq!((bench.count("a"), bench.count("b"), bench.count("c")), (0, 1, 0));
    assert_eq!(bench.store.stream(&Key::name("a")), engine::Stream::default());
    bench.peer.put([named("a", "big")]);
    bench.settle();
    assert_eq!(bench.peer.unsettled(), 0, "what passes by is settled, else it would come again for ever");
}

#[test]
fn what_the_first_event_says_of_the_steps_is_said_by_all_later_ones() {
    let mut bench = Bench::new();
    bench.peer.put(adds("a", 3));
    bench.settle();
    let steps: Vec<_> = bench.store.records().iter().map(|record| record.steps.clone()).collect();
    assert_eq!(steps, vec![Some(STEPS.to_owned()); 3]);
    assert_eq!(bench.store.stream(&Key::name("a")).steps.as_deref(), Some(STEPS));
}
