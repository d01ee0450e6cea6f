//! Several processes on one store: what one does, the others see.

use engine::{Clock, Key, Progress, Step};
use futures::FutureExt;
use testkit::memory::MemoryStore;

use crate::tiny::{Bench, Say};

/// Two processes; the other one has set a timer, and is gone before it is due.
fn two() -> Bench {
    let store = MemoryStore::new(2);
    let mut bench = Bench::in_company(&store);
    bench.settle();
    let mut other = Bench::in_company(&store);
    other.tell("a", Say::Later(100, Box::new(Say::Add(7))), vec![]);
    assert_eq!(store.rows(&Key::name("a")).len(), 1);
    bench
}

#[test]
fn what_another_process_scheduled_is_seen_when_it_looks_again() {
    let mut bench = two();
    bench.advance(900);
    bench.settle();
    assert_eq!(bench.count("a"), 0, "nothing is known to be due");
    let Ok(Progress::Idle(Some(until))) = bench.step() else { panic!("it is to wait, and not for ever") };
    assert_eq!(until.duration_since(bench.clock.now()).as_millis(), 100);
    bench.advance(100);
    bench.settle();
    assert_eq!(
        (bench.count("a"), bench.said("a")),
        (7, vec!["command".to_owned(), "timer later".to_owned()])
    );
}

#[test]
fn a_word_from_another_process_makes_it_look_at_once() {
    let mut bench = two();
    bench.advance(200);
    assert!(bench.applier.wait().now_or_never().is_none(), "nobody has said anything");
    bench.applier.elsewhere().raise();
    assert!(bench.applier.wait().now_or_never().is_some());
    bench.settle();
    assert_eq!(bench.count("a"), 7);
}

#[test]
fn of_all_processes_only_the_one_that_published_and_noted_tells_its_observer() {
    let store = MemoryStore::new(2);
    let (mut one, mut other) = (Bench::in_company(&store), Bench::in_company(&store));
    one.tell("a", Say::Add(1), vec![]);
    one.tell("a", Say::Refuse, vec![]);
    other.settle();
    one.tell("a", Say::Add(1), vec![]);
    assert_eq!((one.published(), other.published()), (2, 0));
    let a = || Key::name("a");
    assert_eq!((one.noted(), other.noted()), (vec![(a(), 1), (a(), 2)], vec![]));
}
