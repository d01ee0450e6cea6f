//! Storage and broker faults: a batch is tried again, whole, and nothing is applied twice.

use std::sync::{Arc, Mutex};

use engine::claim::ClaimKind;
use engine::faults::{Faults, FaultyStore};
use engine::observe::Verdict;
use engine::{Answer, Claim, Fault, Scheduled};
use testkit::faults::{Rig, RiggedStore};
use testkit::memory::MemoryStore;

use crate::tiny::{Bench, Say, event};

/// Strikes so often at one point.
struct Strikes {
    point: &'static str,
    left: Mutex<u32>,
}

impl Faults for Strikes {
    fn at(&self, _service: &'static str, point: &'static str) -> Result<(), Fault> {
        let mut left = self.left.lock().unwrap();
        if point != self.point || *left == 0 {
            return Ok(());
        }
        *left -= 1;
        Err(Fault::Unavailable(point.to_owned()))
    }
}

fn striking(point: &'static str, times: u32) -> Bench {
    let strikes = Arc::new(Strikes { point, left: Mutex::new(times) });
    Bench::over(&MemoryStore::new(1), |store| Arc::new(FaultyStore::new(Arc::new(store), strikes)))
}

fn claim() -> Vec<Claim> {
    vec![Claim { id: "k".to_owned(), fingerprint: String::new(), kind: ClaimKind::Request, expires: None }]
}

#[test]
fn a_batch_is_tried_again_whichever_call_fails() {
    for point in ["begin.before", "load.after", "write.before", "write.after", "commit.before"] {
        let mut bench = striking(point, 2);
        let mut command = bench.ask("a", Say::Add(1), claim());
        bench.peer.put([event("peer", "a", 1, &Say::Add(2))]);
        bench.settle();
        assert!(matches!(command.try_recv(), Ok(Answer::Done { replayed: None, .. })), "{point}");
        assert_eq!(bench.count("a"), 3, "{point}");
    }
}

#[test]
fn a_store_that_stays_away_is_told_to_the_caller() {
    let mut bench = striking("begin.before", 3);
    let mut command = bench.ask("a", Say::Add(1), vec![]);
    bench.settle();
    assert!(matches!(command.try_recv(), Ok(Answer::Unavailable(_))));
    assert_eq!(bench.count("a"), 0);
}

#[test]
fn a_commit_that_nobody_heard_of_applies_no_event_twice() {
    let mut bench = striking("commit.after", 1);
    bench.peer.put([event("peer", "a", 1, &Say::Add(1))]);
    bench.settle();
    assert_eq!((bench.count("a"), bench.verdicts(Verdict::Duplicate)), (1, 1));
}

#[test]
fn a_commit_that_nobody_heard_of_applies_no_command_twice() {
    let mut bench = striking("commit.after", 1);
    let mut command = bench.ask("a", Say::Add(1), vec![]);
    bench.settle();
    assert!(matches!(command.try_recv(), Ok(Answer::Unavailable(_))), "it is not known whether it was done");
    assert_eq!(bench.count("a"), 1);
    let mut bench = striking("commit.after", 1);
    let mut command = bench.ask("a", Say::Add(1), claim());
    bench.settle();
    assert!(
        matches!(command.try_recv(), Ok(Answer::Done { reply: 1, .. })),
        "the claim makes a repetition safe"
    );
    assert_eq!(bench.count("a"), 1);
}

#[test]
fn a_broker_that_is_away_stops_no_command_and_no_other_source() {
    let mut bench = Bench::new();
    bench.peer.stop(Some(Fault::Unavailable("the broker is away".to_owned())));
    bench.another.put([event("another", "a", 1, &Say::Add(2))]);
    let mut command = bench.ask("a", Say::Add(1), vec![]);
    let _ = bench.step();
    let _ = bench.step();
    assert!(matches!(command.try_recv(), Ok(Answer::Done { .. })));
    assert_eq!(bench.count("a"), 3);
    assert!(bench.step().is_err(), "the fault is told all the same");
    bench.peer.stop(None);
    bench.peer.put([event("peer", "a", 1, &Say::Add(4))]);
    bench.settle();
    assert_eq!(bench.count("a"), 7);
}

/// Finds due again what another instance has done meanwhile.
#[derive(Default)]
struct Echo(Mutex<Vec<Scheduled>>);

impl Faults for Echo {
    fn at(&self, _service: &'static str, _point: &'static str) -> Result<(), Fault> {
        Ok(())
    }
}

impl Rig for Echo {
    fn due(&self, _service: &'static str, rows: Vec<Scheduled>) -> Vec<Scheduled> {
        let mut known = self.0.lock().unwrap();
        let echoed = known.iter().cloned().chain(rows.iter().cloned()).collect();
        known.extend(rows);
        echoed
    }
}

#[test]
fn a_timer_that_somebody_else_has_done_is_not_done_again() {
    let echo: Arc<dyn Rig> = Arc::new(Echo::default());
    let mut bench =
        Bench::over(&MemoryStore::new(1), |store| Arc::new(RiggedStore::new(Arc::new(store), echo)));
    bench.tell("a", Say::Later(50, Box::new(Say::Add(1))), vec![]);
    bench.tell("b", Say::Later(80, Box::new(Say::Add(1))), vec![]);
    bench.pass(100);
    assert_eq!((bench.count("a"), bench.count("b")), (1, 1));
    assert_eq!(bench.verdicts(Verdict::Stale), 1);
}
