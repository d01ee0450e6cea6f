//! Claims: made once, seen by all who come after, and kept from others by who asked first.

use std::sync::Arc;

use engine::claim::ClaimKind;
use engine::store::Writes;
use engine::{Claim, Claimed, Store};
use jiff::Timestamp;

use super::StoreHarness;
use crate::conformance::{Tally, TallyState, at, begin, beside, commit, nothing};

fn claim(id: &str, expires: Option<Timestamp>) -> Writes<TallyState> {
    let claim =
        Claim { id: id.to_owned(), fingerprint: format!("print of {id}"), kind: ClaimKind::Request, expires };
    Writes { claims: vec![(claim, format!("\"reply to {id}\""))], ..nothing() }
}

fn claimed(id: &str) -> Option<Claimed> {
    Some(Claimed { fingerprint: format!("print of {id}"), reply: format!("\"reply to {id}\"") })
}

async fn find(store: Arc<dyn Store<Tally>>, id: &'static str) -> Option<Claimed> {
    begin(&*store).await.claim(&[id]).await.expect("claims").remove(0)
}

/// With the reply that was stored; behind a reopening too.
pub async fn a_claim_is_found_by_the_next_transaction(harness: impl StoreHarness) {
    let store = harness.open().await;
    let mut tx = begin(&*store).await;
    assert_eq!(tx.claim(&["a"]).await, Ok(vec![None]));
    tx.write(claim("a", None)).await.expect("writes");
    tx.commit().await.expect("commits");
    assert_eq!(find(store, "a").await, claimed("a"));
    assert_eq!(find(harness.open().await, "a").await, claimed("a"));
}

/// Found and free ones mixed.
pub async fn claims_are_answered_in_the_order_asked(harness: impl StoreHarness) {
    let store = harness.open().await;
    for id in ["d", "b"] {
        commit(&*store, claim(id, None)).await;
    }
    let found = begin(&*store).await.claim(&["a", "b", "c", "d"]).await;
    assert_eq!(found, Ok(vec![None, claimed("b"), None, claimed("d")]));
}

/// Asking alone makes no claim, with a commit neither.
pub async fn a_claim_that_was_not_written_stays_free(harness: impl StoreHarness) {
    let store = harness.open().await;
    let mut tx = begin(&*store).await;
    assert_eq!(tx.claim(&["a"]).await, Ok(vec![None]));
    tx.commit().await.expect("commits");
    assert_eq!(find(store, "a").await, None);
}

/// Two requests with one key at the same time: the second waits for the first's commit and gets its reply.
pub async fn a_claim_waits_for_the_transaction_that_asked_first(harness: impl StoreHarness) {
    let store = harness.open().await;
    let mut first = begin(&*store).await;
    assert_eq!(first.claim(&["a"]).await, Ok(vec![None]));
    let second = beside(&store, |store| find(store, "a"));
    first.write(claim("a", None)).await.expect("writes");
    first.commit().await.expect("commits");
    assert_eq!(second.join().expect("the second ends"), claimed("a"));
}

/// The first is rolled back: the second gets the claim.
pub async fn a_claim_asked_for_and_left_is_free_for_who_waits(harness: impl StoreHarness) {
    let store = harness.open().await;
    let mut first = begin(&*store).await;
    assert_eq!(first.claim(&["a"]).await, Ok(vec![None]));
    first.write(claim("a", None)).await.expect("writes");
    let second = beside(&store, |store| async move {
        let mut tx = begin(&*store).await;
        let found = tx.claim(&["a"]).await;
        tx.write(claim("a", None)).await.expect("writes");
        tx.commit().await.expect("commits");
        found
    });
    drop(first);
    assert_eq!(second.join().expect("the second ends"), Ok(vec![None]));
    assert_eq!(find(store, "a").await, claimed("a"));
}

/// Expired at or before the time, never those without an end.
pub async fn only_expired_claims_are_forgotten_and_not_too_many(harness: impl StoreHarness) {
    let store = harness.open().await;
    for (id, expires) in [("a", Some(at(1))), ("b", Some(at(2))), ("c", Some(at(3))), ("d", None)] {
        commit(&*store, claim(id, expires)).await;
    }
    assert_eq!(store.forget(at(0), 9).await, Ok(0));
    assert_eq!(store.forget(at(2), 1).await, Ok(1));
    assert_eq!(store.forget(at(2), 9).await, Ok(1));
    assert_eq!(store.forget(at(2), 9).await, Ok(0));
    let found = begin(&*store).await.claim(&["a", "b", "c", "d"]).await;
    assert_eq!(found, Ok(vec![None, None, claimed("c"), claimed("d")]));
}
