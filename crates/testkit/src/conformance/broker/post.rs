//! What is published in the cases, and how it is published and taken.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use broker::{Broker, Reader, Topic};
use engine::{Delivery, Fault, Inlet, Key, Record, Signal};
use jiff::{Timestamp, ToSpan};
use uuid::Uuid;

use crate::patience::until;

/// What the cases are about.
pub const ORDERS: &str = "orders";
/// Data that no compression makes much smaller, in bytes.
const FILLING: usize = 1000;

/// A service that reads the events of orders.
pub fn reader(consumer: &'static str) -> Reader {
    Reader { consumer, topic: topic(ORDERS) }
}

pub fn topic(source: &str) -> &'static Topic {
    Topic::of(source).expect("a topic")
}

/// Enough of them that each partition of a topic has some.
pub fn keys() -> Vec<Key> {
    let names = (0..4).map(|number| Key::name(&format!("key {number}, ÿes")));
    let ids =
        (0..4).map(|number| Key::Id(Uuid::from_u128(0x0195_3d5c_0000_7000_8000_0000_0000_0000 + number)));
    names.chain(ids).collect()
}

/// An event about the key, with all that an event has.
pub fn event(key: &Key, sequence: u64) -> Arc<Record> {
    let kinds = topic(ORDERS).kinds;
    let kind = kinds[usize::try_from(sequence).expect("small") % kinds.len()];
    let time = Timestamp::UNIX_EPOCH + i64::try_from(sequence).expect("small").microseconds();
    let data =
        serde_json::json!({ "sequence": sequence, "note": "naïve “☃”\n", "filling": filling(FILLING) });
    Arc::new(Record {
        source: ORDERS.to_owned(),
        key: key.clone(),
        sequence: Some(sequence),
        foreign_id: None,
        steps: None,
        kind: kind.to_owned(),
        time,
        data: data.to_string(),
    })
}

/// A text of so many bytes that no compression makes much smaller (Knuth's MMIX generator, its upper bits).
pub fn filling(length: usize) -> String {
    let mut state = 1_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(b'0' + (state >> 58) as u8)
    };
    (0..length).map(|_| next()).collect()
}

/// The event of this sequence about every key.
pub fn wave(sequence: u64) -> Vec<Arc<Record>> {
    keys().iter().map(|key| event(key, sequence)).collect()
}

/// All that waves from the first to this one are.
pub fn waves(to: u64) -> BTreeSet<String> {
    (1..=to).flat_map(wave).map(|record| record.id()).collect()
}

/// Publishes these, all of different keys. What may not have been taken is published again.
pub async fn publish(broker: &dyn Broker, records: Vec<Arc<Record>>) {
    let (publisher, mut open) = (broker.publisher(), records);
    until("all that is published is taken", async || {
        let mut results = publisher.publish(&open).await.into_iter();
        open.retain(|_| match results.next().expect("a result for each record") {
            Ok(()) => false,
            Err(Fault::Unavailable(_)) => true,
            Err(other) => panic!("nothing is wrong with the record: {other}"),
        });
        assert!(results.next().is_none(), "a result for each record and no more");
        open.is_empty().then_some(())
    })
    .await;
}

/// Publishes the waves `from` to `to`, one after the other.
pub async fn flood(broker: &dyn Broker, from: u64, to: u64) {
    for sequence in from..=to {
        publish(broker, wave(sequence)).await;
    }
}

/// What is unavailable, and nothing else.
pub fn assert_unavailable<T: std::fmt::Debug>(result: &Result<T, Fault>) {
    assert!(
        matches!(result, Err(Fault::Unavailable(_))),
        "{result:?} is not what a broker that is away answers"
    );
}

/// An inlet, and what it delivered, in its order.
pub struct Taker {
    inlet: Box<dyn Inlet>,
    pub taken: Vec<Delivery>,
    _process: Arc<dyn Broker>,
}

impl Taker {
    /// An inlet of this process for the reader.
    pub async fn of(process: &Arc<dyn Broker>, reader: Reader) -> Self {
        let inlet = process.inlet(reader, Signal::new()).await.expect("an inlet");
        assert_eq!(inlet.source(), reader.topic.source);
        assert!(!inlet.consumer_keeps_cursor(), "the broker keeps it");
        Self { inlet, taken: Vec::new(), _process: Arc::clone(process) }
    }

    /// What is there by now, at most `limit`. A broker that is away is no reason to fail.
    pub async fn poll(&mut self, limit: usize) -> Vec<Delivery> {
        match self.inlet.poll(limit).await {
            Ok(deliveries) => {
                assert!(deliveries.len() <= limit, "no more than asked for");
                self.taken.extend(deliveries.iter().cloned());
                deliveries
            }
            Err(Fault::Unavailable(_)) => Vec::new(),
            Err(other) => panic!("polling is no reason for {other}"),
        }
    }

    /// Polls until there are events that say enough.
    pub async fn take_until(&mut self, what: &str, mut enough: impl FnMut(&Self) -> bool) {
        until(what, async || {
            self.poll(100).await;
            enough(self).then_some(())
        })
        .await;
    }

    /// Polls until all of these were delivered.
    pub async fn take(&mut self, wanted: &BTreeSet<String>) {
        self.take_until("all that is wanted is delivered", |taker| wanted.is_subset(&taker.ids())).await;
    }

    /// Polls one at a time, until there are so many different events.
    pub async fn take_some(&mut self, count: usize) {
        until("some of it is delivered", async || {
            self.poll(1).await;
            (self.ids().len() >= count).then_some(())
        })
        .await;
    }

    /// All that was delivered so far is done with. False: the broker could not be told.
    pub async fn settle(&mut self) -> bool {
        match self.inlet.settle().await {
            Ok(()) => true,
            Err(Fault::Unavailable(_)) => false,
            Err(other) => panic!("settling is no reason for {other}"),
        }
    }

    /// All that was delivered and not settled is to come again.
    pub async fn rewind(&mut self) {
        self.inlet.rewind().await;
    }

    /// What was delivered.
    pub fn ids(&self) -> BTreeSet<String> {
        ids(&self.taken)
    }

    /// The sequences of each key, as each was delivered first.
    pub fn first_sequences(&self) -> BTreeMap<Key, Vec<u64>> {
        let mut sequences: BTreeMap<Key, Vec<u64>> = BTreeMap::new();
        for delivery in &self.taken {
            let (seen, sequence) =
                (sequences.entry(delivery.record.key.clone()).or_default(), delivery.record.sequence);
            let sequence = sequence.expect("an event of ours has a sequence");
            if !seen.contains(&sequence) {
                seen.push(sequence);
            }
        }
        sequences
    }

    /// All waves up to this one, the events of each key in their order, and word for word.
    pub fn assert_has_waves(&self, to: u64) {
        let wanted: Vec<u64> = (1..=to).collect();
        let sequences = self.first_sequences();
        assert_eq!(sequences.len(), keys().len());
        assert!(sequences.values().all(|seen| *seen == wanted), "{sequences:?} are not all 1 to {to}");
        for delivery in &self.taken {
            let record = &delivery.record;
            assert_eq!(**record, *event(&record.key, record.sequence.expect("a sequence")));
        }
    }
}

/// Which events these are.
pub fn ids(deliveries: &[Delivery]) -> BTreeSet<String> {
    deliveries.iter().map(|delivery| delivery.record.id()).collect()
}
