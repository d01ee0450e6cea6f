//! The schedule: rows, what is due, and leases with fencing tokens.

use engine::store::{NextDue, Writes};
use engine::{Kind, Leased, Scheduled, Standing, Store};

use super::StoreHarness;
use crate::conformance::{Tally, TallyState, at, begin, commit, event, key, nothing};

fn timer(key_name: &str, name: &str, second: i64) -> Scheduled {
    Scheduled::timer(key(key_name), name, at(second), "tally.due", "\"Ask\"".to_owned())
}

fn effect(name: &str, second: i64) -> Scheduled {
    Scheduled::effect(key("a"), name, at(second), "tally.ask", "{}".to_owned())
}

fn put(rows: impl IntoIterator<Item = Scheduled>) -> Writes<TallyState> {
    let rows = rows.into_iter().map(|row| (row.key.clone(), row.name.clone(), Some(row)));
    Writes { scheduled: rows.collect(), ..nothing() }
}

fn delete(key_name: &str, name: &str) -> Writes<TallyState> {
    Writes { scheduled: vec![(key(key_name), name.to_owned(), None)], ..nothing() }
}

async fn rows(store: &dyn Store<Tally>, key_name: &str) -> Vec<Scheduled> {
    let mut rows = begin(store).await.rows(&[key(key_name)]).await.expect("reads");
    rows.sort_by(|one, other| one.name.cmp(&other.name));
    rows
}

async fn due(store: &dyn Store<Tally>, second: i64, limit: usize) -> Vec<String> {
    let due = begin(store).await.due(at(second), limit).await.expect("reads");
    due.into_iter().map(|row| row.name).collect()
}

async fn next_due(store: &dyn Store<Tally>) -> NextDue {
    begin(store).await.next_due().await.expect("reads")
}

/// Leases and commits.
async fn lease(store: &dyn Store<Tally>, now: i64, until: i64, limit: usize) -> Vec<Scheduled> {
    take(store, now, until, limit).await.into_iter().map(|leased| leased.row).collect()
}

/// Leases and commits. Answers what is known of earlier leases too.
async fn take(store: &dyn Store<Tally>, now: i64, until: i64, limit: usize) -> Vec<Leased> {
    let mut tx = begin(store).await;
    let leased = tx.lease(at(now), at(until), limit).await.expect("leases");
    tx.commit().await.expect("commits");
    leased
}

/// Whether each of what is leased was interrupted.
async fn interrupted(store: &dyn Store<Tally>, now: i64, until: i64) -> Vec<bool> {
    take(store, now, until, 9).await.into_iter().map(|leased| leased.interrupted).collect()
}

fn names(rows: &[Scheduled]) -> Vec<&str> {
    rows.iter().map(|row| row.name.as_str()).collect()
}

/// Every field of every kind.
pub async fn rows_are_put_replaced_and_deleted(harness: impl StoreHarness) {
    let store = harness.open().await;
    let dead = Scheduled { standing: Standing::Dead, due: None, attempts: 8, token: 3, ..effect("c", 1) };
    let held = Scheduled { standing: Standing::Redriven, ..Scheduled::held(&event(&key("a"), 2)) };
    let mut all = vec![timer("a", "b", 1), dead, held];
    all.sort_by(|one, other| one.name.cmp(&other.name));
    commit(&*store, put(all.clone())).await;
    commit(&*store, put([timer("other", "b", 1)])).await;
    assert_eq!(rows(&*store, "a").await, all);

    let replaced = Scheduled { kind: Kind::Effect, attempts: 1, ..timer("a", "b", 5) };
    commit(&*store, put([replaced.clone()])).await;
    all[0] = replaced;
    assert_eq!(rows(&*store, "a").await, all);

    commit(&*store, delete("a", "b")).await;
    commit(&*store, delete("a", "absent")).await;
    assert_eq!(rows(&*store, "a").await, all[1..]);
    assert_eq!(rows(&*store, "other").await.len(), 1);
}

/// Timers and set-aside events, the longest due first; no effects, and nothing that waits.
pub async fn messages_are_due_in_order_and_within_the_limit(harness: impl StoreHarness) {
    let store = harness.open().await;
    let held =
        Scheduled { due: Some(at(2)), name: "held".to_owned(), ..Scheduled::held(&event(&key("a"), 2)) };
    let waiting = Scheduled { due: None, ..timer("a", "waiting", 0) };
    let later = [timer("a", "third", 3), timer("b", "first", 1), timer("a", "fourth", 4)];
    commit(&*store, put(later.into_iter().chain([held, waiting, effect("effect", 0)]))).await;
    assert_eq!(due(&*store, 0, 9).await, [""; 0]);
    assert_eq!(due(&*store, 3, 9).await, ["first", "held", "third"]);
    assert_eq!(due(&*store, 3, 2).await, ["first", "held"]);
}

/// An expired lease is anybody's.
pub async fn a_leased_effect_is_not_leased_again_before_its_end(harness: impl StoreHarness) {
    let store = harness.open().await;
    commit(&*store, put([effect("e", 5), timer("a", "t", 0)])).await;
    assert_eq!(lease(&*store, 4, 30, 9).await, []);
    let first = lease(&*store, 5, 30, 9).await;
    assert_eq!(first, [Scheduled { token: first[0].token, ..effect("e", 5) }]);
    assert_eq!(rows(&*store, "a").await[0], first[0]);
    assert_eq!(lease(&*store, 29, 60, 9).await, []);
    let second = lease(&*store, 30, 60, 9).await;
    assert_eq!(names(&second), ["e"]);
    assert!(second[0].token > first[0].token);
}

/// A lease that is rolled back was none.
pub async fn effects_are_leased_in_order_and_within_the_limit(harness: impl StoreHarness) {
    let store = harness.open().await;
    let dead = Scheduled { due: None, standing: Standing::Dead, ..effect("dead", 0) };
    commit(&*store, put([effect("c", 3), effect("a", 1), effect("b", 2), dead])).await;
    let mut tx = begin(&*store).await;
    assert_eq!(tx.lease(at(9), at(30), 9).await.expect("leases").len(), 3);
    drop(tx);
    // A server may need a moment to roll back; whoever writes to a row waits for it, who leases passes it over.
    commit(&*store, put([effect("c", 3)])).await;
    assert_eq!(names(&lease(&*store, 9, 30, 2).await), ["a", "b"]);
    assert_eq!(names(&lease(&*store, 9, 30, 2).await), ["c"]);
}

/// Not to a row that was put anew under the same name either: the outcome of a cancelled job must not pass for
/// that of its successor.
pub async fn a_token_is_never_given_twice(harness: impl StoreHarness) {
    let store = harness.open().await;
    let mut tokens = Vec::new();
    for anew in [delete("a", "e"), put([effect("e", 0)]), nothing(), delete("a", "e")] {
        commit(&*store, anew).await;
        commit(&*store, put([effect("e", 0)])).await;
        tokens.extend(lease(&*store, 1, 2, 9).await.iter().map(|row| row.token));
    }
    assert_eq!(tokens.len(), 4);
    assert!(tokens.is_sorted_by(|earlier, later| earlier < later), "{tokens:?}");
}

/// Who may do something only once has to know that somebody else may have done it. Whoever says what came of it, or puts the
/// row anew, ends that.
pub async fn a_lease_that_ended_in_silence_is_seen(harness: impl StoreHarness) {
    let store = harness.open().await;
    commit(&*store, put([effect("e", 1)])).await;
    assert_eq!(interrupted(&*store, 1, 30).await, [false]);
    assert_eq!(interrupted(&*store, 30, 60).await, [true]);
    let row = lease(&*store, 60, 90, 9).await.remove(0);
    commit(&*store, put([Scheduled { attempts: 1, ..row }])).await;
    assert_eq!(interrupted(&*store, 61, 90).await, [false]);
    commit(&*store, delete("a", "e")).await;
    commit(&*store, put([effect("e", 62)])).await;
    assert_eq!(interrupted(&*store, 62, 90).await, [false]);
}

/// A retry has a due time of its own.
pub async fn putting_a_leased_row_ends_the_lease(harness: impl StoreHarness) {
    let store = harness.open().await;
    commit(&*store, put([effect("e", 1)])).await;
    let leased = lease(&*store, 1, 30, 9).await.remove(0);
    commit(&*store, put([Scheduled { due: Some(at(4)), attempts: 1, ..leased.clone() }])).await;
    assert_eq!(lease(&*store, 3, 30, 9).await, []);
    let again = lease(&*store, 4, 30, 9).await.remove(0);
    assert_eq!(again.attempts, 1);
    assert!(again.token > leased.token);
}

/// So that whoever sleeps until then finds something to do.
pub async fn the_next_due_counts_leases_from_their_end(harness: impl StoreHarness) {
    let store = harness.open().await;
    assert_eq!(next_due(&*store).await, NextDue::default());
    let waiting = Scheduled { due: None, ..timer("a", "waiting", 0) };
    commit(&*store, put([effect("e", 2), effect("f", 50), timer("a", "t", 7), timer("b", "t", 6), waiting]))
        .await;
    assert_eq!(next_due(&*store).await, NextDue { message: Some(at(6)), effect: Some(at(2)) });
    lease(&*store, 3, 30, 9).await;
    assert_eq!(next_due(&*store).await, NextDue { message: Some(at(6)), effect: Some(at(30)) });
    commit(&*store, delete("b", "t")).await;
    commit(&*store, delete("a", "e")).await;
    assert_eq!(next_due(&*store).await, NextDue { message: Some(at(7)), effect: Some(at(50)) });
}

/// A store that cannot know leaves leases to expire.
pub async fn recovery_frees_leases_where_it_can(harness: impl StoreHarness) {
    let store = harness.open().await;
    commit(&*store, put([effect("e", 1), timer("a", "t", 1)])).await;
    let first = lease(&*store, 1, 30, 9).await;
    drop(store);
    let store = harness.open().await;
    assert_eq!(lease(&*store, 2, 30, 9).await, [], "reopening alone frees nothing");
    store.recover().await.expect("recovers");
    let second = take(&*store, 2, 30, 9).await;
    assert_eq!(second.len(), usize::from(harness.capabilities().recovers_leases));
    assert!(second.iter().all(|leased| leased.interrupted && leased.row.token > first[0].token));
}
