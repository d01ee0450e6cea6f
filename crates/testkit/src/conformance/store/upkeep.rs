//! Journals, cursors, and streams as others see them.

use engine::Note;
use engine::store::{Existing, Stream, Writes};

use super::StoreHarness;
use crate::conformance::{at, begin, commit, key, nothing};

fn note(name: &str, sequence: u64) -> Note {
    Note { key: key(name), sequence, at: at(3), data: format!("\"note {sequence}\"") }
}

/// A dropped one is none, and a place in a journal is taken once.
pub async fn notes_are_kept_per_key_in_their_order(harness: impl StoreHarness) {
    let store = harness.open().await;
    let write = |notes| Writes { notes, ..nothing() };
    commit(&*store, write(vec![note("a", 1), note("b", 1), note("a", 2)])).await;
    let mut tx = begin(&*store).await;
    tx.write(write(vec![note("a", 3)])).await.expect("writes");
    drop(tx);
    commit(&*store, write(vec![note("b", 2)])).await;
    assert_eq!(harness.notes(&key("a")).await, [note("a", 1), note("a", 2)]);
    assert_eq!(harness.notes(&key("b")).await, [note("b", 1), note("b", 2)]);
    assert!(begin(&*store).await.write(write(vec![note("a", 2)])).await.is_err());
}

/// Partitions that were never read are left out.
pub async fn cursors_move_per_source_and_partition(harness: impl StoreHarness) {
    let store = harness.open().await;
    assert_eq!(store.cursors("peer").await, Ok(vec![]));
    let write = |cursors| Writes { cursors, ..nothing() };
    commit(&*store, write(vec![("peer", 2, 7), ("peer", 0, 3), ("other", 0, 1)])).await;
    commit(&*store, write(vec![("peer", 2, 9)])).await;
    let mut cursors = store.cursors("peer").await.expect("reads");
    cursors.sort_unstable();
    assert_eq!(cursors, [(0, 3), (2, 9)]);
    drop(store);
    let store = harness.open().await;
    assert_eq!(store.cursors("other").await, Ok(vec![(0, 1)]));
}

/// And those that are not there are left out.
pub async fn streams_are_told_as_they_are_committed(harness: impl StoreHarness) {
    let store = harness.open().await;
    let (one, other) = (key("a"), key("b"));
    let mut stream = Stream { emitted: 3, ..Stream::default() };
    stream.apply("peer", 2);
    let streams = vec![(one.clone(), stream.clone(), Existing::No)];
    let mut tx = begin(&*store).await;
    tx.write(Writes { streams: streams.clone(), ..nothing() }).await.expect("writes");
    drop(tx);
    assert_eq!(store.streams(&[one.clone(), other.clone()]).await, Ok(vec![]));
    commit(&*store, Writes { streams, ..nothing() }).await;
    assert_eq!(store.streams(&[one.clone(), other]).await, Ok(vec![(one, stream)]));
}
