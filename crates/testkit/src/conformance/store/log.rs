//! The log: gapless offsets in commit order, so that a plain cursor skips nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use engine::{Key, Log, Record, Store};

use super::StoreHarness;
use crate::conformance::{Tally, begin, beside, commit, event, events, key, nothing};

/// What each thread publishes in the race, event by event.
const TIMES: u64 = 200;

fn partition_of(store: &dyn Store<Tally>, key: &Key) -> u16 {
    key.partition(store.partitions())
}

async fn read(log: &dyn Log, partition: u16, after: u64, limit: usize) -> Vec<(u64, Record)> {
    let records = log.read(partition, after, limit).await.expect("reads");
    records.into_iter().map(|(offset, record)| (offset, Record::clone(&record))).collect()
}

/// Word for word, from memory and, behind a reopening, from the disk.
pub async fn records_read_back_as_written_behind_the_cursor(harness: impl StoreHarness) {
    let store = harness.open().await;
    let key = key("a");
    let partition = partition_of(&*store, &key);
    commit(&*store, events(&key, 1, 3)).await;
    commit(&*store, events(&key, 4, 5)).await;
    let all: Vec<_> = (1..=5).map(|sequence| (sequence, event(&key, sequence))).collect();
    assert_eq!(read(&*store, partition, 0, 9).await, all);
    drop(store);
    let store = harness.open().await;
    commit(&*store, events(&key, 6, 6)).await;
    assert_eq!(read(&*store, partition, 0, 5).await, all);
    assert_eq!(read(&*store, partition, 1, 2).await, all[1..3]);
    assert_eq!(read(&*store, partition, 5, 9).await, [(6, event(&key, 6))]);
    assert_eq!(read(&*store, partition, 6, 9).await, []);
    assert_eq!(store.head(partition).await, Ok(6));
}

/// And nowhere else; each partition counts for itself.
pub async fn every_record_lies_in_its_keys_partition(harness: impl StoreHarness) {
    let store = harness.open().await;
    assert!(store.partitions() > 1, "the harness is to open several partitions");
    let keys: Vec<Key> = (0..20).map(|number| key(&number.to_string())).collect();
    let writes = keys.iter().map(|key| event(key, 1).into()).collect();
    commit(&*store, engine::Writes { events: writes, ..nothing() }).await;
    let mut seen = 0;
    for partition in 0..store.partitions() {
        let records = read(&*store, partition, 0, 99).await;
        assert!(records.iter().all(|(_, record)| partition_of(&*store, &record.key) == partition));
        let offsets = records.iter().map(|(offset, _)| *offset);
        assert!(offsets.eq(1..=records.len() as u64));
        assert_eq!(store.head(partition).await, Ok(records.len() as u64));
        seen += records.len();
    }
    assert_eq!(seen, keys.len());
}

/// What was rolled back had no offset.
pub async fn offsets_have_no_gaps_after_a_roll_back(harness: impl StoreHarness) {
    let store = harness.open().await;
    let key = key("a");
    let partition = partition_of(&*store, &key);
    commit(&*store, events(&key, 1, 1)).await;
    let mut tx = begin(&*store).await;
    tx.write(events(&key, 2, 4)).await.expect("writes");
    drop(tx);
    assert_eq!(store.head(partition).await, Ok(1));
    commit(&*store, events(&key, 2, 2)).await;
    assert_eq!(read(&*store, partition, 0, 9).await, [(1, event(&key, 1)), (2, event(&key, 2))]);
}

async fn publish(store: Arc<dyn Store<Tally>>, name: &'static str) {
    for sequence in 1..=TIMES {
        let mut tx = begin(&*store).await;
        tx.write(events(&key(name), sequence, sequence)).await.expect("writes");
        // Every seventh is rolled back first, offset and all.
        if sequence % 7 == 0 {
            drop(tx);
            tx = begin(&*store).await;
            tx.write(events(&key(name), sequence, sequence)).await.expect("writes");
        }
        tx.commit().await.expect("commits");
    }
}

/// Reads by cursor until it has as many records as are published; asserts that offsets have no gaps.
async fn follow(store: Arc<dyn Store<Tally>>) -> Vec<Record> {
    let mut cursors = vec![0; usize::from(store.partitions())];
    let mut seen = Vec::new();
    while (seen.len() as u64) < 2 * TIMES {
        for (partition, cursor) in (0..).zip(&mut cursors) {
            for (offset, record) in read(&*store, partition, *cursor, 5).await {
                assert_eq!(offset, *cursor + 1, "a gap");
                *cursor = offset;
                seen.push(record);
            }
        }
        tokio::task::yield_now().await;
    }
    seen
}

/// A reader runs beside two writers. Were offsets not in commit order, it would miss the one that commits late.
pub async fn a_cursor_skips_nothing_while_threads_write(harness: impl StoreHarness) {
    let store = harness.open().await;
    let reader = beside(&store, follow);
    let writers = [beside(&store, |store| publish(store, "a")), beside(&store, |store| publish(store, "b"))];
    writers.into_iter().for_each(|thread| thread.join().expect("the writer ends"));
    let mut sequences: BTreeMap<Key, Vec<u64>> = BTreeMap::new();
    for record in reader.join().expect("the reader ends") {
        sequences.entry(record.key).or_default().extend(record.sequence);
    }
    for name in ["a", "b"] {
        assert!(sequences[&key(name)].iter().copied().eq(1..=TIMES), "{name} in order, each once");
    }
}

/// Offsets never begin again.
pub async fn the_head_survives_trimming_and_reopening(harness: impl StoreHarness) {
    let store = harness.open().await;
    let key = key("a");
    let partition = partition_of(&*store, &key);
    commit(&*store, events(&key, 1, 3)).await;
    assert_eq!(store.trim(partition, 3, 9).await, Ok(3));
    assert_eq!(store.head(partition).await, Ok(3));
    drop(store);
    let store = harness.open().await;
    assert_eq!(store.head(partition).await, Ok(3));
    assert_eq!(read(&*store, partition, 0, 9).await, []);
    commit(&*store, events(&key, 4, 4)).await;
    assert_eq!(read(&*store, partition, 0, 9).await, [(4, event(&key, 4))]);
}

/// Oldest first, and other partitions are left alone.
pub async fn trimming_is_bounded_and_keeps_what_is_behind(harness: impl StoreHarness) {
    let store = harness.open().await;
    let a = key("a");
    let partition = partition_of(&*store, &a);
    let names = (0..99).map(|number| key(&number.to_string()));
    let elsewhere = names.into_iter().find(|key| partition_of(&*store, key) != partition).expect("one");
    commit(&*store, events(&a, 1, 5)).await;
    commit(&*store, events(&elsewhere, 1, 5)).await;
    assert_eq!(store.trim(partition, 4, 3).await, Ok(3));
    assert_eq!(read(&*store, partition, 0, 9).await, [(4, event(&a, 4)), (5, event(&a, 5))]);
    assert_eq!(store.trim(partition, 4, 3).await, Ok(1));
    assert_eq!(store.trim(partition, 4, 3).await, Ok(0));
    assert_eq!(read(&*store, partition, 0, 9).await, [(5, event(&a, 5))]);
    assert_eq!(read(&*store, partition_of(&*store, &elsewhere), 0, 9).await.len(), 5);
}
