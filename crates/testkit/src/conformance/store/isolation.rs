//! Isolation, with real threads: between load and the end nobody else changes what was loaded.

use std::sync::Arc;

use engine::store::Existing;
use engine::{Fault, Store};

use super::StoreHarness;
use crate::conformance::{Tally, begin, beside, commit, count, key, load_one, stored};

/// How often each thread counts.
const TIMES: u64 = 500;

async fn count_up(store: Arc<dyn Store<Tally>>) {
    let key = key("a");
    for _ in 0..TIMES {
        let mut tx = begin(&*store).await;
        let found = load_one(&mut *tx, &key).await.state.expect("the state").count;
        tx.write(count(&key, found + 1, Existing::Yes)).await.expect("writes");
        tx.commit().await.expect("commits");
    }
}

/// Two threads count on one key.
pub async fn no_update_is_lost_between_threads(harness: impl StoreHarness) {
    let store = harness.open().await;
    commit(&*store, count(&key("a"), 0, Existing::No)).await;
    let threads = [beside(&store, count_up), beside(&store, count_up)];
    threads.into_iter().for_each(|thread| thread.join().expect("the thread ends"));
    assert_eq!(stored(&*store, &key("a")).await.0, Some(2 * TIMES));
}

/// The second one sees what the first one wrote, not what was there when it began.
pub async fn a_transaction_waits_for_one_that_has_its_key(harness: impl StoreHarness) {
    let store = harness.open().await;
    let a = key("a");
    commit(&*store, count(&a, 1, Existing::No)).await;
    let mut first = begin(&*store).await;
    load_one(&mut *first, &a).await;
    let second = beside(&store, |store| async move { stored(&*store, &key("a")).await.0 });
    first.write(count(&a, 2, Existing::Yes)).await.expect("writes");
    first.commit().await.expect("commits");
    assert_eq!(second.join().expect("the second ends"), Some(2));
}

/// Where several transactions run at a time, only those on the same keys wait for one another.
pub async fn transactions_on_other_keys_do_not_wait(harness: impl StoreHarness) {
    if harness.capabilities().exclusive {
        return;
    }
    let store = harness.open().await;
    let (mut one, mut other) = (begin(&*store).await, begin(&*store).await);
    load_one(&mut *one, &key("a")).await;
    load_one(&mut *other, &key("b")).await;
    one.write(count(&key("a"), 1, Existing::No)).await.expect("writes");
    other.write(count(&key("b"), 2, Existing::No)).await.expect("writes");
    other.commit().await.expect("commits");
    one.commit().await.expect("commits");
    assert_eq!(stored(&*store, &key("a")).await.0, Some(1));
    assert_eq!(stored(&*store, &key("b")).await.0, Some(2));
}

/// Both load that there is nothing. The first to write wins, the other one has to look again.
pub async fn of_two_that_make_one_key_only_one_succeeds(harness: impl StoreHarness) {
    if harness.capabilities().exclusive {
        return;
    }
    let store = harness.open().await;
    let a = key("a");
    let (mut one, mut other) = (begin(&*store).await, begin(&*store).await);
    assert!(load_one(&mut *one, &a).await.state.is_none());
    assert!(load_one(&mut *other, &a).await.state.is_none());
    one.write(count(&a, 1, Existing::No)).await.expect("writes");
    one.commit().await.expect("commits");
    let late = other.write(count(&a, 2, Existing::No)).await;
    assert!(matches!(late, Err(Fault::Unavailable(_))), "{late:?}");
    assert!(other.commit().await.is_err());
    assert_eq!(stored(&*store, &a).await.0, Some(1));
}
