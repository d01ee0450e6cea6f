//! Commands: group commit, and what is claimed once is never applied twice.

use engine::claim::ClaimKind;
use engine::intake::RepairAct;
use engine::{Answer, Claim, Store};
use futures::FutureExt;

use crate::tiny::{Bench, Say, foreign};

fn claim(id: &str, fingerprint: &str, kind: ClaimKind) -> Vec<Claim> {
    vec![Claim { id: id.to_owned(), fingerprint: fingerprint.to_owned(), kind, expires: None }]
}

#[test]
fn commands_that_gather_are_one_commit_and_each_has_its_answer() {
    let mut bench = Bench::new();
    let receivers: Vec<_> = (0..20).map(|_| bench.ask("a", Say::Add(1), vec![])).collect();
    bench.settle();
    assert_eq!(bench.batches(), [20]);
    for (number, mut receiver) in (1..).zip(receivers) {
        assert!(matches!(receiver.try_recv(), Ok(Answer::Done { reply, replayed: None }) if reply == number));
    }
}

#[test]
fn an_answer_is_given_behind_the_commit_only() {
    let mut bench = Bench::new();
    bench.store.reject(|writes| (!writes.states.is_empty()).then(|| "no".to_owned()));
    let mut receiver = bench.ask("a", Say::Add(1), vec![]);
    bench.settle();
    assert!(matches!(receiver.try_recv(), Ok(Answer::Failed(_))));
    assert_eq!(bench.count("a"), 0);
}

#[test]
fn a_caller_who_is_gone_changes_nothing() {
    let mut bench = Bench::new();
    drop(bench.ask("a", Say::Add(1), vec![]));
    bench.settle();
    assert_eq!(bench.count("a"), 1);
}

#[test]
fn the_same_claim_is_answered_with_the_first_reply_in_one_batch_and_later() {
    let mut bench = Bench::new();
    let first = bench.ask("a", Say::Add(1), claim("k", "f", ClaimKind::Request));
    let second = bench.ask("a", Say::Add(1), claim("k", "f", ClaimKind::Request));
    bench.settle();
    bench.tell("a", Say::Add(10), vec![]);
    let third = bench.ask("a", Say::Add(1), claim("k", "f", ClaimKind::Request));
    bench.settle();
    let replies = [first, second, third].map(|mut receiver| match receiver.try_recv() {
        Ok(Answer::Done { reply, replayed }) => (reply, replayed),
        other => panic!("{other:?}"),
    });
    let again = Some(ClaimKind::Request);
    assert_eq!(replies, [(1, None), (1, again), (1, again)]);
    assert_eq!(bench.count("a"), 11);
}

#[test]
fn the_same_claim_with_other_content_is_a_conflict_in_one_batch_and_later() {
    let mut bench = Bench::new();
    bench.ask("a", Say::Add(1), claim("k", "f", ClaimKind::External));
    let mut second = bench.ask("a", Say::Add(2), claim("k", "g", ClaimKind::External));
    bench.settle();
    assert!(matches!(second.try_recv(), Ok(Answer::Conflict(ClaimKind::External))));
    let third = bench.tell("a", Say::Add(2), claim("k", "g", ClaimKind::External));
    assert!(matches!(third, Answer::Conflict(ClaimKind::External)));
    assert_eq!(bench.count("a"), 1);
}

#[test]
fn who_is_refused_claims_nothing() {
    let mut bench = Bench::new();
    assert!(matches!(
        bench.tell("a", Say::Refuse, claim("k", "f", ClaimKind::Request)),
        Answer::Refused("no")
    ));
    let again = bench.tell("a", Say::Add(1), claim("k", "g", ClaimKind::Request));
    assert!(matches!(again, Answer::Done { replayed: None, .. }));
}

#[test]
fn one_of_several_claims_is_enough_to_be_known() {
    let mut bench = Bench::new();
    let both = [claim("k", "f", ClaimKind::Request), claim("e", "f", ClaimKind::External)].concat();
    bench.tell("a", Say::Add(1), both);
    let other = [claim("l", "f", ClaimKind::Request), claim("e", "f", ClaimKind::External)].concat();
    let again = bench.tell("a", Say::Add(1), other);
    assert!(matches!(again, Answer::Done { replayed: Some(ClaimKind::External), .. }));
    assert_eq!(bench.count("a"), 1);
}

#[test]
fn a_full_queue_says_so() {
    let bench = Bench::new();
    let taken: Vec<_> = (0..100).map(|_| bench.ask("a", Say::Add(1), vec![])).collect();
    let message = engine::Message {
        key: engine::Key::name("a"),
        origin: engine::Origin::Command { id: uuid::Uuid::nil() },
        input: Say::Add(1),
    };
    assert!(bench.intake.submit(engine::Command { message, claims: vec![] }).is_err());
    assert_eq!((taken.len(), bench.intake.backlog()), (100, 100));
}

#[test]
fn who_can_wait_gets_a_place_in_a_full_queue_when_there_is_one() {
    let mut bench = Bench::new();
    let taken: Vec<_> = (0..100).map(|_| bench.ask("a", Say::Add(1), vec![])).collect();
    let intake = bench.intake.clone();
    let mut waiting = Box::pin(intake.place());
    assert!(waiting.as_mut().now_or_never().is_none());
    bench.settle();
    let place = waiting.now_or_never().unwrap().unwrap();
    let message = engine::Message {
        key: engine::Key::name("a"),
        origin: engine::Origin::Command { id: uuid::Uuid::nil() },
        input: Say::Add(1),
    };
    let mut answer = place.submit(engine::Command { message, claims: vec![] });
    bench.settle();
    assert!(matches!(answer.try_recv(), Ok(Answer::Done { reply: 101, .. })));
    assert_eq!((taken.len(), bench.count("a")), (100, 101));
}

#[test]
fn an_expired_claim_is_forgotten_by_the_cleaner_alone() {
    let mut bench = Bench::new();
    let expires = Some(engine::Clock::now(&*bench.clock));
    let claims = vec![Claim { expires, ..claim("k", "f", ClaimKind::Request).remove(0) }];
    bench.tell("a", Say::Add(1), claims.clone());
    assert!(matches!(bench.tell("a", Say::Add(1), claims.clone()), Answer::Done { replayed: Some(_), .. }));
    let now = engine::Clock::now(&*bench.clock);
    assert_eq!(bench.store.forget(now, 10).now_or_never().unwrap(), Ok(1));
    assert!(matches!(bench.tell("a", Say::Add(1), claims), Answer::Done { replayed: None, .. }));
}

fn once(name: &str, content: &str) -> Say {
    Say::Once(name.to_owned(), content.to_owned())
}

#[test]
fn what_a_foreign_event_names_is_applied_once_whatever_its_message_is_called() {
    let mut bench = Bench::new();
    bench.peer.put([foreign("a", "m1", &once("n", "x")), foreign("b", "m2", &once("n", "x"))]);
    bench.settle();
    bench.peer.put([foreign("c", "m3", &once("n", "x"))]);
    bench.settle();
    assert_eq!((bench.count("a"), bench.count("b"), bench.count("c")), (1, 0, 0));
    assert_eq!(bench.dead(), []);
}

#[test]
fn a_command_finds_what_a_foreign_event_claimed_with_its_reply() {
    let mut bench = Bench::new();
    bench.peer.put([foreign("a", "m1", &once("n", "x"))]);
    bench.settle();
    let same = bench.tell("b", Say::Add(5), claim("once/n", "x", ClaimKind::External));
    assert!(matches!(same, Answer::Done { reply: 1, replayed: Some(ClaimKind::External) }), "{same:?}");
    let other = bench.tell("b", Say::Add(5), claim("once/n", "y", ClaimKind::External));
    assert!(matches!(other, Answer::Conflict(ClaimKind::External)), "{other:?}");
}

#[test]
fn other_content_under_one_name_is_a_dead_letter_and_stays_one() {
    let mut bench = Bench::new();
    bench.peer.put([foreign("a", "m1", &once("n", "x")), foreign("b", "m2", &once("n", "y"))]);
    bench.settle();
    let dead = [("b".to_owned(), "held/peer/m2".to_owned(), "poison".to_owned())];
    assert_eq!(bench.dead(), dead);
    assert!(bench.repair("b", "held/peer/m2", RepairAct::Redrive));
    assert_eq!((bench.count("b"), bench.dead()), (0, dead.to_vec()));
    bench.peer.put([foreign("b", "m2", &once("n", "y"))]);
    bench.settle();
    assert_eq!(bench.dead().len(), 1, "the same message again is known");
}

#[test]
fn what_was_refused_claims_no_name() {
    let mut bench = Bench::new();
    bench.store.reject(|writes| (!writes.states.is_empty()).then(|| "no".to_owned()));
    bench.peer.put([foreign("a", "m1", &once("n", "x"))]);
    bench.settle();
    assert_eq!(bench.dead().len(), 1);
    bench.store.accept();
    bench.peer.put([foreign("b", "m2", &once("n", "x"))]);
    bench.settle();
    assert_eq!((bench.count("a"), bench.count("b")), (0, 1));
}
