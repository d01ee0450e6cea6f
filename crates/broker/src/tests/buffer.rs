use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use engine::{Delivery, Fault, Inlet, Key, Position, Record, Signal};
use futures::FutureExt;
use jiff::Timestamp;

use crate::{Acknowledge, Arrival, Buffer, Capacity, Feed, buffer};

/// Room for a few large messages, and for many small ones.
const CAPACITY: Capacity = Capacity { messages: 16, bytes: 10_000 };

#[derive(Clone, Default)]
struct Broker(Arc<Mutex<(Vec<u64>, Option<Fault>)>>);

#[async_trait]
impl Acknowledge<u64> for Broker {
    async fn acknowledge(&mut self, tags: Vec<u64>) -> Result<(), Fault> {
        let mut state = self.0.lock().unwrap();
        if let Some(fault) = state.1.take() {
            return Err(fault);
        }
        state.0.extend(tags);
        Ok(())
    }
}

fn arrival(tag: u64) -> Arrival<u64> {
    weighing(0, tag)
}

/// A message with data of so many bytes.
fn weighing(bytes: usize, tag: u64) -> Arrival<u64> {
    let record = Record {
        source: "s".to_owned(),
        key: Key::name("k"),
        sequence: Some(tag),
        foreign_id: None,
        steps: None,
        kind: "k".to_owned(),
        time: Timestamp::UNIX_EPOCH,
        data: "x".repeat(bytes),
    };
    let position = Position { partition: 0, offset: tag };
    Arrival { delivery: Delivery { record: Arc::new(record), position }, tag }
}

fn fed(tags: std::ops::RangeInclusive<u64>) -> (Feed<u64>, Buffer<u64, Broker>, Broker) {
    let broker = Broker::default();
    let (feed, inlet) = buffer("s", CAPACITY, Signal::new(), broker.clone());
    for tag in tags {
        assert!(feed.put(arrival(tag)).now_or_never().expect("there is room"));
    }
    (feed, inlet, broker)
}

fn poll(inlet: &mut Buffer<u64, Broker>, limit: usize) -> Vec<u64> {
    let deliveries = inlet.poll(limit).now_or_never().unwrap().unwrap();
    deliveries.iter().map(|delivery| delivery.position.offset).collect()
}

fn settle(inlet: &mut Buffer<u64, Broker>) -> Result<(), Fault> {
    inlet.settle().now_or_never().unwrap()
}

#[test]
fn what_is_settled_is_acknowledged_and_nothing_else() {
    let (_feed, mut inlet, broker) = fed(1..=5);
    assert_eq!(poll(&mut inlet, 2), [1, 2]);
    assert_eq!(poll(&mut inlet, 2), [3, 4]);
    settle(&mut inlet).unwrap();
    assert_eq!(broker.0.lock().unwrap().0, [1, 2, 3, 4]);
    assert_eq!(poll(&mut inlet, 9), [5]);
    assert_eq!(poll(&mut inlet, 9), Vec::<u64>::new());
}

#[test]
fn a_rewind_gives_again_what_was_not_settled_and_then_goes_on() {
    let (_feed, mut inlet, broker) = fed(1..=5);
    assert_eq!(poll(&mut inlet, 3), [1, 2, 3]);
    inlet.rewind().now_or_never().unwrap();
    assert_eq!(poll(&mut inlet, 2), [1, 2]);
    settle(&mut inlet).unwrap();
    assert_eq!(broker.0.lock().unwrap().0, [1, 2], "the third was not polled again");
    assert_eq!(poll(&mut inlet, 9), [3, 4, 5]);
}

#[test]
fn what_could_not_be_acknowledged_is_kept_and_nothing_more_is_taken_until_it_is() {
    let (_feed, mut inlet, broker) = fed(1..=3);
    poll(&mut inlet, 2);
    let away = || broker.0.lock().unwrap().1 = Some(Fault::Unavailable("away".to_owned()));
    away();
    assert!(settle(&mut inlet).is_err());
    inlet.rewind().now_or_never().unwrap();
    away();
    assert!(inlet.poll(9).now_or_never().unwrap().is_err());
    assert_eq!(poll(&mut inlet, 9), [3], "what is settled does not come again");
    assert_eq!(broker.0.lock().unwrap().0, [1, 2]);
}

#[test]
fn a_full_buffer_makes_the_client_wait_and_a_dropped_one_sends_it_home() {
    let (feed, mut inlet, _) = fed(1..=16);
    assert!(feed.put(arrival(17)).now_or_never().is_none());
    assert_eq!(feed.offer(arrival(17)).map_err(|refused| refused.tag), Err(17));
    poll(&mut inlet, 1);
    assert_eq!(feed.put(arrival(17)).now_or_never(), Some(true));
    drop(inlet);
    assert!(feed.is_closed());
    assert_eq!(feed.put(arrival(18)).now_or_never(), Some(false));
}

#[test]
fn large_messages_fill_it_before_there_are_many() {
    let (feed, mut inlet, _) = fed(0..=0);
    assert_eq!(feed.put(weighing(4_000, 1)).now_or_never(), Some(true));
    assert!(feed.offer(weighing(4_000, 2)).is_ok());
    assert_eq!(feed.offer(weighing(4_000, 3)).map_err(|refused| refused.tag), Err(3));
    assert!(feed.put(weighing(4_000, 3)).now_or_never().is_none());
    assert!(feed.offer(arrival(4)).is_ok(), "there is room for a small one");

    assert_eq!(poll(&mut inlet, 9), [0, 1, 2, 4]);
    inlet.rewind().now_or_never().unwrap();
    assert!(feed.offer(weighing(4_000, 3)).is_err(), "what is polled and not settled is held");
    assert_eq!(poll(&mut inlet, 2), [0, 1]);
    settle(&mut inlet).unwrap();
    assert!(feed.offer(weighing(4_000, 3)).is_ok());
}

#[test]
fn a_message_that_is_larger_than_all_the_room_passes_alone() {
    let (feed, mut inlet, _) = fed(1..=1);
    assert!(feed.offer(weighing(50_000, 2)).is_err());
    poll(&mut inlet, 9);
    settle(&mut inlet).unwrap();
    assert!(feed.offer(weighing(50_000, 2)).is_ok());
    assert!(feed.offer(arrival(3)).is_err());
    assert_eq!(poll(&mut inlet, 9), [2]);
    settle(&mut inlet).unwrap();
    assert_eq!(feed.put(arrival(3)).now_or_never(), Some(true));
}

#[test]
fn who_waits_for_bytes_is_sent_home_when_nobody_wants_them() {
    let (feed, inlet, _) = fed(1..=1);
    let mut waiting = Box::pin(feed.put(weighing(50_000, 2)));
    assert!((&mut waiting).now_or_never().is_none());
    drop(inlet);
    assert_eq!(waiting.now_or_never(), Some(false));
}
