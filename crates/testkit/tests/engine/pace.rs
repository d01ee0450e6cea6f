//! The pace: what nobody waits for gathers behind a batch, for as long as that one took.

use std::time::Duration;

use engine::{Clock, Progress};

use crate::tiny::{Bench, Say, event};

/// Batches take 10 ms, rests no longer than `longest`; one batch is just done.
fn bench(longest: u64) -> Bench {
    let mut bench = Bench::at_a_pace(Duration::from_millis(longest));
    bench.settle();
    bench.advance(100);
    bench.peer.put([event("peer", "a", 1, &Say::Add(1))]);
    assert_eq!(bench.step(), Ok(Progress::Worked), "nothing waits where nothing was done");
    bench
}

#[test]
fn events_gather_behind_a_batch_for_as_long_as_it_took() {
    let mut bench = bench(50);
    bench.peer.put([event("peer", "a", 2, &Say::Add(1))]);
    let Ok(Progress::Idle(Some(until))) = bench.step() else { panic!("it rests") };
    assert_eq!(until.duration_since(bench.clock.now()).as_millis(), 10);
    bench.peer.put([event("peer", "b", 1, &Say::Add(1))]);
    bench.advance(9);
    assert!(matches!(bench.step(), Ok(Progress::Idle(Some(_)))));
    bench.advance(1);
    assert_eq!(bench.step(), Ok(Progress::Worked));
    assert_eq!((bench.count("a"), bench.count("b")), (2, 1));
    assert_eq!(bench.batches().last(), Some(&2), "both at once");
}

#[test]
fn who_waits_for_an_answer_is_not_held_up_and_takes_the_others_along() {
    let mut bench = bench(50);
    bench.peer.put([event("peer", "a", 2, &Say::Add(1))]);
    let mut answer = bench.ask("b", Say::Add(1), vec![]);
    assert_eq!(bench.step(), Ok(Progress::Worked));
    assert!(answer.try_recv().is_ok());
    assert_eq!(bench.count("a"), 2);
}

#[test]
fn a_rest_has_a_limit_and_none_means_that_there_is_no_rest() {
    let mut limited = bench(4);
    limited.peer.put([event("peer", "a", 2, &Say::Add(1))]);
    limited.advance(3);
    assert!(matches!(limited.step(), Ok(Progress::Idle(Some(_)))));
    limited.advance(1);
    assert_eq!(limited.step(), Ok(Progress::Worked));

    let mut restless = bench(0);
    restless.peer.put([event("peer", "a", 2, &Say::Add(1))]);
    assert_eq!(restless.step(), Ok(Progress::Worked));
}
