//! The relay: at least once, in the order of each key, whatever the broker refuses and whoever else relays.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use engine::observe::{Observation, Observer};
use engine::retry::Backoff;
use engine::{
    Clock, Cursors, Fault, Outbox, Progress, Publisher, Record, Relay, RelaySettings, Service, Step,
};
use futures::FutureExt;
use uuid::Uuid;

use crate::tiny::{BACKOFF, Bench, Say, Seen, Tiny};

/// Waits of 4, 8, 16 s.
const SLOW: Backoff = Backoff { base: Duration::from_secs(4), cap: Duration::from_secs(60), ..BACKOFF };

/// A broker that keeps what it takes, in the order in which it came.
#[derive(Clone, Default)]
struct Broker(Arc<Mutex<BrokerState>>, Arc<Mutex<Option<Meanwhile>>>);

/// What happens while the broker works on so many records.
type Meanwhile = Box<dyn Fn(usize) + Send>;

#[derive(Default)]
struct BrokerState {
    taken: Vec<(String, u64)>,
    /// Sizes of what was handed over at once.
    rounds: Vec<usize>,
    /// Keys whose records it does not take.
    refuses: BTreeSet<String>,
    /// It goes away when it has taken so many more.
    breaks_after: Option<usize>,
}

#[async_trait]
impl Publisher for Broker {
    async fn publish(&self, records: &[Arc<Record>]) -> Vec<Result<(), Fault>> {
        if let Some(meanwhile) = &*self.1.lock().unwrap() {
            meanwhile(records.len());
        }
        let mut state = self.0.lock().unwrap();
        state.rounds.push(records.len());
        let keys: BTreeSet<_> = records.iter().map(|record| record.key.to_string()).collect();
        assert_eq!(keys.len(), records.len(), "all of different keys");
        records.iter().map(|record| state.take(record)).collect()
    }
}

impl BrokerState {
    fn take(&mut self, record: &Record) -> Result<(), Fault> {
        let key = record.key.to_string();
        match &mut self.breaks_after {
            Some(0) => return Err(Fault::Unavailable("it is away".to_owned())),
            Some(left) => *left -= 1,
            None => {}
        }
        if self.refuses.contains(&key) {
            return Err(Fault::Rejected("too large".to_owned()));
        }
        self.taken.push((key, record.sequence.unwrap()));
        Ok(())
    }
}

impl Broker {
    fn refuse(&self, key: &str) {
        self.0.lock().unwrap().refuses.insert(key.to_owned());
    }

    fn accept_all(&self) {
        self.0.lock().unwrap().refuses.clear();
    }

    fn breaks_after(&self, records: Option<usize>) {
        self.0.lock().unwrap().breaks_after = records;
    }

    /// The sequences of a key, in the order in which they came.
    fn taken(&self, key: &str) -> Vec<u64> {
        let state = self.0.lock().unwrap();
        state.taken.iter().filter(|(known, _)| known == key).map(|(_, sequence)| *sequence).collect()
    }
}

/// A service that publishes, and a broker.
struct Post {
    bench: Bench,
    broker: Broker,
    seen: Seen,
}

impl Post {
    fn new() -> Self {
        Self { bench: Bench::new(), broker: Broker::default(), seen: Seen::default() }
    }

    /// Lets the service publish so many events about a key.
    fn publish(&mut self, key: &str, events: usize) {
        for _ in 0..events {
            self.bench.tell(key, Say::Add(1), vec![]);
        }
    }

    fn relay(&self, id: u128) -> Relay {
        self.relay_that_rests(id, Duration::ZERO)
    }

    fn relay_that_rests(&self, id: u128, longest_rest: Duration) -> Relay {
        let outbox: Arc<dyn Outbox> = Arc::new(self.bench.store.clone());
        let clock: Arc<dyn Clock> = Arc::clone(&self.bench.clock) as Arc<dyn Clock>;
        let observer: Arc<dyn Observer> = Arc::new(self.seen.clone());
        let settings = RelaySettings { batch: 4, lease: Duration::from_secs(6), backoff: SLOW, longest_rest };
        let id = Uuid::from_u128(id);
        Relay::new(Tiny::NAME, id, outbox, Arc::new(self.broker.clone()), clock, observer, settings)
    }

    fn pass(&self, seconds: u64) {
        self.bench.clock.advance(Duration::from_secs(seconds));
    }

    /// How far the log was forwarded, per partition.
    fn forwarded(&self) -> Vec<(u16, u64)> {
        self.bench.store.cursors(Tiny::NAME).now_or_never().unwrap().unwrap()
    }
}

fn step(relay: &mut Relay) -> Result<Progress, Fault> {
    relay.step().now_or_never().expect("it answers at once")
}

fn settle(relay: &mut Relay) {
    for _ in 0..100 {
        if let Progress::Idle(_) = step(relay).expect("no fault") {
            return;
        }
    }
    panic!("it still moves after 100 rounds");
}

#[test]
fn all_is_forwarded_in_the_order_of_each_key_and_nothing_twice() {
    let mut post = Post::new();
    let mut relay = post.relay(1);
    for key in ["a", "b", "c"] {
        post.publish(key, 5);
    }
    settle(&mut relay);
    post.publish("a", 2);
    settle(&mut relay);
    assert_eq!(post.broker.taken("a"), [1, 2, 3, 4, 5, 6, 7]);
    assert_eq!([post.broker.taken("b"), post.broker.taken("c")], [[1, 2, 3, 4, 5], [1, 2, 3, 4, 5]]);
    drop(relay);
    post.pass(6);
    settle(&mut post.relay(2));
    assert_eq!(post.broker.taken("a").len(), 7, "the next process goes on behind it");
}

#[test]
fn different_keys_are_handed_over_together() {
    let mut post = Post::new();
    for key in ["a", "b", "c", "d"] {
        post.publish(key, 1);
    }
    settle(&mut post.relay(1));
    assert_eq!(post.broker.0.lock().unwrap().rounds, [4]);
}

#[test]
fn what_the_broker_did_not_acknowledge_comes_again_and_nothing_is_lost() {
    for taken in 0..10 {
        let mut post = Post::new();
        let mut relay = post.relay(1);
        for key in ["a", "b"] {
            post.publish(key, 5);
        }
        post.broker.breaks_after(Some(taken));
        let fault = (0..10).find_map(|_| step(&mut relay).err());
        assert!(matches!(fault, Some(Fault::Unavailable(_))), "{fault:?}");
        post.broker.breaks_after(None);
        settle(&mut relay);
        for key in ["a", "b"] {
            let mut first = post.broker.taken(key);
            let mut seen = BTreeSet::new();
            first.retain(|sequence| seen.insert(*sequence));
            assert_eq!(first, [1, 2, 3, 4, 5], "{taken} taken, then {:?}", post.broker.taken(key));
        }
    }
}

#[test]
fn a_refused_record_is_parked_with_the_later_ones_of_its_key_and_stops_no_other() {
    let mut post = Post::new();
    let mut relay = post.relay(1);
    post.broker.refuse("bad");
    for _ in 0..3 {
        post.publish("bad", 2);
        post.publish("good", 2);
    }
    settle(&mut relay);
    assert_eq!((post.broker.taken("bad"), post.broker.taken("good")), (vec![], vec![1, 2, 3, 4, 5, 6]));
    let through: u64 = post.forwarded().iter().map(|(_, offset)| offset).sum();
    assert_eq!(through, 12, "the log may be trimmed");
    let seen = post.seen.0.lock().unwrap().clone();
    let refused = seen.iter().map(|seen| match seen {
        Observation::Relayed { refused, .. } => *refused,
        _ => 0,
    });
    assert_eq!(refused.sum::<usize>(), 1, "{seen:?}");

    post.publish("bad", 1);
    settle(&mut relay);
    assert_eq!(post.broker.taken("bad"), Vec::<u64>::new(), "what comes later waits too");
    post.broker.accept_all();
    post.pass(4);
    settle(&mut relay);
    assert_eq!(post.broker.taken("bad"), [1, 2, 3, 4, 5, 6, 7]);
    post.publish("bad", 1);
    settle(&mut relay);
    assert_eq!(post.broker.taken("bad").last(), Some(&8));
}

#[test]
fn a_parked_record_is_tried_again_with_back_off() {
    let mut post = Post::new();
    let mut relay = post.relay(1);
    post.broker.refuse("bad");
    post.publish("bad", 1);
    let mut attempts = Vec::new();
    for _ in 0..10 {
        settle(&mut relay);
        attempts.push(post.broker.0.lock().unwrap().rounds.len());
        post.pass(2);
    }
    // Looked at every two seconds.
    assert_eq!(attempts, [1, 1, 2, 2, 2, 2, 3, 3, 3, 3]);
}

/// Otherwise a key with many events, each acknowledged slowly, would outlast the hold, and two relays take turns for ever.
#[test]
fn a_round_ends_before_its_hold_does() {
    let mut post = Post::new();
    let mut relay = post.relay(1);
    post.publish("a", 4);
    let clock = Arc::clone(&post.bench.clock);
    *post.broker.1.lock().unwrap() = Some(Box::new(move |_| clock.advance(Duration::from_secs(1))));
    assert_eq!(step(&mut relay), Ok(Progress::Worked));
    assert_eq!(post.broker.taken("a"), [1, 2], "two seconds are a third of the lease");
    assert_eq!(post.forwarded().iter().map(|(_, offset)| offset).sum::<u64>(), 2);
    settle(&mut relay);
    assert_eq!(post.broker.taken("a"), [1, 2, 3, 4]);
}

/// Otherwise a wave of many keys would outlast the hold, another relay would take it, publish the same, and lose it in turn.
#[test]
fn a_slow_broker_is_given_less_at_once() {
    let mut post = Post::new();
    let mut relay = post.relay(1);
    for key in 0..40 {
        post.publish(&key.to_string(), 1);
    }
    let clock = Arc::clone(&post.bench.clock);
    *post.broker.1.lock().unwrap() =
        Some(Box::new(move |records| clock.advance(Duration::from_secs(records as u64))));
    for _ in 0..4 {
        step(&mut relay).unwrap();
    }
    let rounds = std::mem::take(&mut post.broker.0.lock().unwrap().rounds);
    assert_eq!(
        rounds,
        [8, 2, 4, 2],
        "4 of each of two partitions, then as many as two seconds are enough for"
    );
    *post.broker.1.lock().unwrap() = None;
    settle(&mut relay);
    let rounds = std::mem::take(&mut post.broker.0.lock().unwrap().rounds);
    assert!(rounds.contains(&8), "quick again, it gets all it can: {rounds:?}");
}

#[test]
fn behind_a_round_records_gather_for_as_long_as_it_took() {
    let mut post = Post::new();
    let mut relay = post.relay_that_rests(1, Duration::from_millis(50));
    let clock = Arc::clone(&post.bench.clock);
    *post.broker.1.lock().unwrap() = Some(Box::new(move |_| clock.advance(Duration::from_millis(10))));
    post.publish("a", 1);
    assert_eq!(step(&mut relay), Ok(Progress::Worked));
    for key in ["b", "c"] {
        post.publish(key, 1);
        let Ok(Progress::Idle(Some(until))) = step(&mut relay) else { panic!("it rests") };
        assert!(until > post.bench.clock.now());
    }
    post.bench.clock.advance(Duration::from_millis(10));
    settle(&mut relay);
    assert_eq!(post.broker.0.lock().unwrap().rounds, [1, 2]);
}

#[test]
fn of_two_relays_one_forwards_and_the_other_takes_over() {
    let mut post = Post::new();
    let (mut one, mut other) = (post.relay(1), post.relay(2));
    settle(&mut one);
    post.publish("a", 2);
    settle(&mut other);
    assert_eq!(post.broker.taken("a"), Vec::<u64>::new(), "the other one stands by");
    settle(&mut one);
    assert_eq!(post.broker.taken("a"), [1, 2]);
    post.publish("a", 1);
    post.pass(6);
    settle(&mut other);
    assert_eq!(post.broker.taken("a"), [1, 2, 3]);
    post.publish("a", 1);
    other.stop().now_or_never().unwrap();
    post.pass(2);
    settle(&mut one);
    assert_eq!(post.broker.taken("a"), [1, 2, 3, 4], "who stops need not be waited for");
}

#[test]
fn a_relay_that_lost_its_partitions_moves_nothing() {
    let mut post = Post::new();
    let (mut one, mut other) = (post.relay(1), post.relay(2));
    settle(&mut one);
    post.pass(1);
    // As if the first one was paused for longer than its lease, and its clock with it.
    let later = jiff::Timestamp::from_second(2_000_000_000).unwrap();
    let store: &dyn Outbox = &post.bench.store;
    let taken = store.hold(Uuid::from_u128(2), later, later).now_or_never().unwrap().unwrap();
    post.publish("a", 1);
    settle(&mut one);
    assert_eq!(post.forwarded(), [], "{taken:?}");
    settle(&mut other);
    assert_eq!(post.broker.taken("a"), [1, 1], "a duplicate, which the consumers know");
}
