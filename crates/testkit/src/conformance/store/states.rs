//! States and streams: what is written is loaded, all or nothing.

use engine::claim::ClaimKind;
use engine::store::{Existing, Stream, Writes};
use engine::{Claim, Fault, Key, Scheduled, Store};
use smallvec::smallvec;
use uuid::Uuid;

use super::StoreHarness;
use crate::conformance::{Tally, at, begin, commit, count, event, key, load_one, nothing, stored};

fn stream(emitted: u64, held: u32, peer: u64) -> Stream {
    Stream {
        emitted,
        noted: emitted + 1,
        held,
        applied: smallvec![("peer", peer), ("other", 1)],
        steps: Some("one,other".to_owned()),
    }
}

/// A key nobody wrote has neither state nor stream.
pub async fn absent_keys_are_loaded_as_absent(harness: impl StoreHarness) {
    let store = harness.open().await;
    assert_eq!(stored(&*store, &key("a")).await, (None, None));
    assert_eq!(stored(&*store, &key("a")).await, (None, None));
}

/// Both kinds of keys, and a part alone; a second write replaces the first.
pub async fn states_and_streams_load_back_as_written(harness: impl StoreHarness) {
    let store = harness.open().await;
    let (id, name) = (Key::Id(Uuid::from_u128(7)), key("name"));
    let mut writes = count(&id, 1, Existing::No);
    writes.streams = vec![(name.clone(), stream(3, 2, 5), Existing::No)];
    commit(&*store, writes).await;
    assert_eq!(stored(&*store, &id).await, (Some(1), None));
    assert_eq!(stored(&*store, &name).await, (None, Some(stream(3, 2, 5))));

    let mut writes = count(&id, 2, Existing::Yes);
    writes.streams =
        vec![(id.clone(), stream(1, 0, 1), Existing::No), (name.clone(), stream(4, 0, 6), Existing::Yes)];
    commit(&*store, writes).await;
    assert_eq!(stored(&*store, &id).await, (Some(2), Some(stream(1, 0, 1))));
    assert_eq!(stored(&*store, &name).await, (None, Some(stream(4, 0, 6))));

    let (mut tx, reads) = (begin(&*store).await, [name.clone()]);
    let loaded = tx.load(std::slice::from_ref(&id), &reads).await.expect("loads");
    let keys: Vec<_> = loaded.into_iter().map(|loaded| loaded.key).collect();
    assert!(keys.contains(&id) && keys.contains(&name), "reads are loaded too");
}

/// Without closing anything.
pub async fn what_is_committed_survives_a_reopening(harness: impl StoreHarness) {
    let key = key("a");
    for step in 0..3 {
        let store = harness.open().await;
        let (found, _) = stored(&*store, &key).await;
        assert_eq!(found, (step > 0).then_some(step));
        let existing = if step > 0 { Existing::Yes } else { Existing::No };
        commit(&*store, count(&key, step + 1, existing)).await;
    }
}

/// Nothing of any table, also behind a reopening.
pub async fn a_dropped_transaction_leaves_nothing(harness: impl StoreHarness) {
    let store = harness.open().await;
    let key = key("a");
    let claim =
        Claim { id: "c".to_owned(), fingerprint: String::new(), kind: ClaimKind::Request, expires: None };
    let timer = Scheduled::timer(key.clone(), "t", at(1), "due", String::new());
    let mut tx = begin(&*store).await;
    let writes = Writes {
        claims: vec![(claim, String::new())],
        streams: vec![(key.clone(), stream(1, 0, 1), Existing::No)],
        events: vec![event(&key, 1).into()],
        scheduled: vec![(key.clone(), "t".to_owned(), Some(timer))],
        cursors: vec![("peer", 0, 9)],
        ..count(&key, 1, Existing::No)
    };
    tx.write(writes).await.expect("writes");
    drop(tx);
    assert_untouched(&*store, &key).await;
    drop(store);
    assert_untouched(&*harness.open().await, &key).await;
}

async fn assert_untouched(store: &dyn Store<Tally>, key: &Key) {
    assert_eq!(stored(store, key).await, (None, None));
    let mut tx = begin(store).await;
    assert_eq!(tx.claim(&["c"]).await, Ok(vec![None]));
    assert_eq!(tx.rows(std::slice::from_ref(key)).await, Ok(vec![]));
    drop(tx);
    for partition in 0..store.partitions() {
        assert_eq!(store.read(partition, 0, 9).await, Ok(vec![]));
        assert_eq!(store.head(partition).await, Ok(0));
    }
    assert_eq!(store.cursors("peer").await, Ok(vec![]));
}

/// States are never newer in memory than on disk.
pub async fn a_dropped_write_is_never_loaded(harness: impl StoreHarness) {
    let store = harness.open().await;
    let key = key("a");
    commit(&*store, count(&key, 1, Existing::No)).await;
    let mut tx = begin(&*store).await;
    load_one(&mut *tx, &key).await;
    tx.write(count(&key, 2, Existing::Yes)).await.expect("writes");
    drop(tx);
    assert_eq!(stored(&*store, &key).await.0, Some(1));
    let mut tx = begin(&*store).await;
    load_one(&mut *tx, &key).await;
    tx.write(count(&key, 3, Existing::Yes)).await.expect("writes");
    tx.commit().await.expect("commits");
    assert_eq!(stored(&*store, &key).await.0, Some(3));
}

/// Its own writes, and only it, until it commits.
pub async fn a_transaction_loads_what_it_wrote(harness: impl StoreHarness) {
    let store = harness.open().await;
    let key = key("a");
    let mut tx = begin(&*store).await;
    load_one(&mut *tx, &key).await;
    tx.write(count(&key, 1, Existing::No)).await.expect("writes");
    let own = load_one(&mut *tx, &key).await;
    assert_eq!(own.state.map(|state| state.count), Some(1));
    drop(tx);
    assert_eq!(stored(&*store, &key).await, (None, None));
}

/// A state that is there cannot be inserted; what was written with it goes too. Where others write as well, one of them
/// may have been first, and trying again helps.
pub async fn a_write_that_fails_leaves_nothing(harness: impl StoreHarness) {
    let store = harness.open().await;
    let (taken, other) = (key("b"), key("a"));
    commit(&*store, count(&taken, 1, Existing::No)).await;
    let mut writes = count(&other, 5, Existing::No);
    writes.states.extend(count(&taken, 6, Existing::No).states);
    writes.events = vec![event(&other, 1).into()];
    let mut tx = begin(&*store).await;
    let failed = tx.write(writes).await;
    match harness.capabilities().exclusive {
        true => assert!(matches!(failed, Err(Fault::Rejected(_))), "{failed:?}"),
        false => assert!(matches!(failed, Err(Fault::Unavailable(_))), "{failed:?}"),
    }
    drop(tx);
    assert_eq!(stored(&*store, &taken).await.0, Some(1));
    assert_eq!(stored(&*store, &other).await.0, None);
    commit(&*store, nothing()).await;
}

/// What breaks a rule of the tables does so each time; here, that a count fits into 63 bits.
pub async fn what_breaks_a_rule_of_the_tables_is_rejected(harness: impl StoreHarness) {
    let store = harness.open().await;
    let key = key("a");
    let mut tx = begin(&*store).await;
    let rejected = tx.write(count(&key, u64::MAX, Existing::No)).await;
    assert!(matches!(rejected, Err(Fault::Rejected(_))), "{rejected:?}");
    drop(tx);
    commit(&*store, count(&key, 1, Existing::No)).await;
    assert_eq!(stored(&*store, &key).await.0, Some(1));
}

/// Half a batch never commits.
pub async fn a_rejected_transaction_cannot_commit(harness: impl StoreHarness) {
    let store = harness.open().await;
    let (taken, other) = (key("b"), key("a"));
    commit(&*store, count(&taken, 1, Existing::No)).await;
    let mut writes = count(&other, 5, Existing::No);
    writes.states.extend(count(&taken, 6, Existing::No).states);
    let mut tx = begin(&*store).await;
    assert!(tx.write(writes).await.is_err());
    assert!(tx.commit().await.is_err());
    assert_eq!(stored(&*store, &other).await.0, None);
}
