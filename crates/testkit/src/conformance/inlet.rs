//! The inlet port's suite: [`inlet_conformance!`](crate::inlet_conformance) makes its tests for one broker.

use std::collections::BTreeMap;

use async_trait::async_trait;
use engine::{Delivery, Inlet, Key, Position, Record};

use super::{event, key};

/// A broker under test, with one source, one consumer and several partitions.
#[async_trait]
pub trait InletHarness: Send + Sync {
    /// How many partitions the source has.
    fn partitions(&self) -> u16;

    /// Publishes events of the source. They can be delivered when this returns.
    async fn publish(&self, records: Vec<Record>);

    /// The consumer in a new process: it resumes where it left off.
    async fn inlet(&self) -> Box<dyn Inlet>;

    /// Commits, in the consumer's database, that it has applied these. Only asked of inlets whose consumer keeps the
    /// cursor.
    async fn commit(&self, applied: &[Position]);
}

/// Makes a module `inlet` with a test per case: `inlet_conformance!(MyHarness::new())`. Attributes behind the harness
/// are those of every test.
#[macro_export]
macro_rules! inlet_conformance {
    ($harness:expr $(, #[$attribute:meta])*) => {
        mod inlet {
            #[allow(unused_imports, reason = "the harness may be named by its path")]
            use super::*;
            use $crate::conformance::inlet as cases;

            $crate::conformance_cases!(
                [$(#[$attribute])*] $harness,
                cases,
                nothing_is_delivered_before_anything_is_published,
                all_is_delivered_in_the_order_of_each_key,
                a_poll_keeps_to_its_limit_and_starves_no_partition,
                what_is_not_settled_comes_again_after_a_rewind,
                what_is_settled_does_not_come_again,
                a_new_process_resumes_where_the_last_left_off,
            );
        }
    };
}

fn keys() -> Vec<Key> {
    (0..8).map(|number| key(&number.to_string())).collect()
}

/// Events of all keys, one sequence after the other.
fn flood(from: u64, to: u64) -> Vec<Record> {
    (from..=to).flat_map(|sequence| keys().into_iter().map(move |key| event(&key, sequence))).collect()
}

/// Polls until `wanted` events are there.
async fn take(inlet: &mut dyn Inlet, wanted: usize) -> Vec<Delivery> {
    let mut deliveries = Vec::new();
    while deliveries.len() < wanted {
        deliveries.extend(inlet.poll(wanted - deliveries.len()).await.expect("polls"));
        tokio::task::yield_now().await;
    }
    assert_eq!(deliveries.len(), wanted, "no more than asked for");
    deliveries
}

/// What an applier does behind its commit.
async fn settle(harness: &impl InletHarness, inlet: &mut dyn Inlet, deliveries: &[Delivery]) {
    if inlet.consumer_keeps_cursor() {
        let positions: Vec<_> = deliveries.iter().map(|delivery| delivery.position).collect();
        harness.commit(&positions).await;
    }
    inlet.settle().await.expect("settles");
}

/// The sequences of each key, in the order in which they were delivered.
fn sequences(deliveries: &[Delivery]) -> BTreeMap<Key, Vec<u64>> {
    let mut sequences: BTreeMap<Key, Vec<u64>> = BTreeMap::new();
    for delivery in deliveries {
        sequences.entry(delivery.record.key.clone()).or_default().extend(delivery.record.sequence);
    }
    sequences
}

fn assert_each_key_has(deliveries: &[Delivery], wanted: &[u64]) {
    let sequences = sequences(deliveries);
    assert_eq!(sequences.len(), keys().len());
    assert!(sequences.values().all(|seen| seen == wanted), "{sequences:?} are not all {wanted:?}");
}

/// And a poll does not wait for it.
pub async fn nothing_is_delivered_before_anything_is_published(harness: impl InletHarness) {
    let mut inlet = harness.inlet().await;
    assert_eq!(inlet.poll(9).await.expect("polls").len(), 0);
    harness.publish(flood(1, 1)).await;
    assert_each_key_has(&take(&mut *inlet, 8).await, &[1]);
}

/// Word for word, from all partitions.
pub async fn all_is_delivered_in_the_order_of_each_key(harness: impl InletHarness) {
    harness.publish(flood(1, 5)).await;
    let mut inlet = harness.inlet().await;
    let deliveries = take(&mut *inlet, 40).await;
    assert_each_key_has(&deliveries, &[1, 2, 3, 4, 5]);
    for delivery in &deliveries {
        let record = &delivery.record;
        assert_eq!(**record, event(&record.key, record.sequence.expect("a sequence")));
        assert!(delivery.position.partition < harness.partitions());
    }
    let mut partitions: Vec<_> = deliveries.iter().map(|delivery| delivery.position.partition).collect();
    partitions.sort_unstable();
    partitions.dedup();
    assert!(partitions.len() > 1, "the harness is to have several partitions");
}

/// A partition with much in it does not keep the others waiting for ever.
pub async fn a_poll_keeps_to_its_limit_and_starves_no_partition(harness: impl InletHarness) {
    let busy = key("0");
    let busy_partition = busy.partition(harness.partitions());
    let quiet =
        keys().into_iter().find(|key| key.partition(harness.partitions()) != busy_partition).expect("one");
    harness.publish((1..=200).map(|sequence| event(&busy, sequence)).collect()).await;
    harness.publish(vec![event(&quiet, 1)]).await;
    let mut inlet = harness.inlet().await;
    let mut polled = Vec::new();
    for _ in 0..usize::from(harness.partitions()) * 2 {
        let deliveries = inlet.poll(5).await.expect("polls");
        assert!(deliveries.len() <= 5);
        polled.extend(deliveries);
    }
    assert!(polled.iter().any(|delivery| delivery.record.key == quiet), "{} polled", polled.len());
}

/// The batch failed: the same again, in the same order.
pub async fn what_is_not_settled_comes_again_after_a_rewind(harness: impl InletHarness) {
    harness.publish(flood(1, 2)).await;
    let mut inlet = harness.inlet().await;
    let settled = take(&mut *inlet, 8).await;
    settle(&harness, &mut *inlet, &settled).await;
    let lost = take(&mut *inlet, 8).await;
    inlet.rewind().await;
    let again = take(&mut *inlet, 8).await;
    assert_eq!(sequences(&again), sequences(&lost));
    let all: Vec<_> = settled.into_iter().chain(again).collect();
    assert_each_key_has(&all, &[1, 2]);
}

/// Not even after a rewind.
pub async fn what_is_settled_does_not_come_again(harness: impl InletHarness) {
    harness.publish(flood(1, 1)).await;
    let mut inlet = harness.inlet().await;
    let settled = take(&mut *inlet, 8).await;
    settle(&harness, &mut *inlet, &settled).await;
    inlet.rewind().await;
    assert_eq!(inlet.poll(9).await.expect("polls").len(), 0);
    harness.publish(flood(2, 2)).await;
    assert_each_key_has(&take(&mut *inlet, 8).await, &[2]);
}

/// What was polled and not settled comes again, what was settled does not.
pub async fn a_new_process_resumes_where_the_last_left_off(harness: impl InletHarness) {
    harness.publish(flood(1, 3)).await;
    let mut inlet = harness.inlet().await;
    let settled = take(&mut *inlet, 12).await;
    settle(&harness, &mut *inlet, &settled).await;
    take(&mut *inlet, 4).await;
    drop(inlet);
    let mut inlet = harness.inlet().await;
    let rest = take(&mut *inlet, 12).await;
    let all: Vec<_> = settled.into_iter().chain(rest).collect();
    assert_each_key_has(&all, &[1, 2, 3]);
}
