//! The search index's suite: [`index_conformance!`](crate::index_conformance) makes its tests for one adapter.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use engine::Service;
use orders::Orders;
use search::{Entry, Found, Index, Position, Sweep, Term};
use uuid::Uuid;

use super::at;

/// An adapter under test, with a place of its own.
#[async_trait]
pub trait IndexHarness: Send + Sync {
    /// Whether several processes may write the index, one at a time.
    fn is_shared(&self) -> bool;

    /// Opens the place's index, after the one before is dropped.
    async fn open(&self) -> Arc<dyn Index>;
}

/// Makes a module `index` with a test per case: `index_conformance!(MyHarness::new())`. Attributes behind the harness are those
/// of every test.
#[macro_export]
macro_rules! index_conformance {
    ($harness:expr $(, #[$attribute:meta])*) => {
        mod index {
            #[allow(unused_imports, reason = "the harness may be named by its path")]
            use super::*;
            use $crate::conformance::index as cases;

            $crate::conformance_cases!(
                [$(#[$attribute])*] $harness,
                cases,
                a_new_index_was_never_begun,
                what_has_all_the_terms_is_found_from_the_newest_on,
                whatever_order_they_come_in_each_is_found_once,
                an_order_is_indexed_once,
                a_position_is_kept_with_what_led_to_it,
                only_who_has_the_turn_writes,
                many_orders_with_one_term_are_found_page_by_page,
            );
        }
    };
}

/// The one who writes, unless a case has several.
const ME: Uuid = Uuid::from_u128(7);

/// The id of an order that came at this millisecond.
fn id(ms: u64, number: u64) -> Uuid {
    Uuid::from_u128((1_700_000_000_000 + u128::from(ms)) << 80 | 0x7 << 76 | 0x2 << 62 | u128::from(number))
}

fn entry(id: Uuid, terms: &[u32]) -> Entry {
    let mut terms: Vec<_> = terms.iter().copied().map(Term).collect();
    terms.sort_unstable();
    Entry { id, terms }
}

async fn put(index: &dyn Index, entries: &[Entry]) {
    index.turn(ME, at(0), at(60)).await.expect("answers").expect("nobody else has it");
    let position = Position { sweep: Sweep::Done, offsets: vec![0] };
    assert_eq!(index.put(ME, entries, &position).await, Ok(true));
}

/// All that is found between two ids, asked for so many at a time.
async fn found(
    index: &dyn Index,
    terms: &[u32],
    (from, mut before): (Uuid, Uuid),
    limit: usize,
) -> Vec<Uuid> {
    let terms: Vec<_> = terms.iter().copied().map(Term).collect();
    let mut all = Vec::new();
    loop {
        let Found { ids, down_to } = index.find(&terms, from, before, limit).await.expect("answers");
        assert!(ids.len() <= limit && ids.iter().all(|id| *id >= down_to && *id < before), "{ids:?}");
        assert!(ids.is_sorted_by(|one, next| one > next), "the newest first: {ids:?}");
        all.extend(ids);
        if down_to <= from {
            return all;
        }
        assert!(down_to < before, "it gets on");
        before = down_to;
    }
}

const NONE: [Uuid; 0] = [];
const ALL: (Uuid, Uuid) = (Uuid::nil(), Uuid::max());

/// So a cleaner keeps everything for it.
pub async fn a_new_index_was_never_begun(harness: impl IndexHarness) {
    let index = harness.open().await;
    assert_eq!(index.position().await, Ok(Position::default()));
    assert_eq!(index.cursors(Orders::NAME).await, Ok(vec![]));
    assert_eq!(found(&*index, &[1], ALL, 10).await, NONE);
}

/// And what has only some of them is not.
pub async fn what_has_all_the_terms_is_found_from_the_newest_on(harness: impl IndexHarness) {
    let index = harness.open().await;
    let ids: Vec<_> = (0..6).map(|number| id(number / 2, number)).collect();
    let terms: [&[u32]; 6] = [&[1, 2], &[1], &[1, u32::MAX], &[2, 1, 3], &[], &[1, 2]];
    let entries: Vec<_> = ids.iter().zip(terms).map(|(id, terms)| entry(*id, terms)).collect();
    put(&*index, &entries).await;
    for limit in [1, 2, 3, 10] {
        assert_eq!(found(&*index, &[1], ALL, limit).await, [ids[5], ids[3], ids[2], ids[1], ids[0]]);
        assert_eq!(found(&*index, &[1, 2], ALL, limit).await, [ids[5], ids[3], ids[0]]);
        assert_eq!(found(&*index, &[u32::MAX], ALL, limit).await, [ids[2]]);
        assert_eq!(found(&*index, &[1, 4], ALL, limit).await, NONE);
        assert_eq!(found(&*index, &[1], (ids[1], ids[5]), limit).await, [ids[3], ids[2], ids[1]]);
    }
    assert_eq!(found(&*index, &[1], (ids[1], ids[1]), 10).await, NONE);
}

/// Many in one millisecond, as on a busy server, where the later one may be committed first.
pub async fn whatever_order_they_come_in_each_is_found_once(harness: impl IndexHarness) {
    let index = harness.open().await;
    let mut ids: Vec<_> = (0..400).map(|number| id(number / 100, number)).collect();
    for (turn, batch) in ids.chunks(40).rev().enumerate() {
        let mut batch = batch.to_vec();
        batch.rotate_left(turn * 7 % 40);
        let entries: Vec<_> = batch.iter().map(|id| entry(*id, &[1])).collect();
        put(&*index, &entries).await;
    }
    ids.reverse();
    assert_eq!(found(&*index, &[1], ALL, 30).await, ids);
}

/// What it says never changes, so what is there stays.
pub async fn an_order_is_indexed_once(harness: impl IndexHarness) {
    let index = harness.open().await;
    put(&*index, &[entry(id(1, 1), &[1])]).await;
    put(&*index, &[entry(id(1, 1), &[1]), entry(id(2, 2), &[1]), entry(id(2, 2), &[1])]).await;
    assert_eq!(found(&*index, &[1], ALL, 10).await, [id(2, 2), id(1, 1)]);
}

/// It may go back too, when all orders are to be indexed again.
pub async fn a_position_is_kept_with_what_led_to_it(harness: impl IndexHarness) {
    let index = harness.open().await;
    index.turn(ME, at(0), at(60)).await.expect("answers").expect("nobody else has it");
    let positions = [
        Position { sweep: Sweep::After(id(1, 1)), offsets: vec![3, 0, u64::from(u32::MAX) + 1] },
        Position { sweep: Sweep::Done, offsets: vec![3, 0, 9] },
        Position { sweep: Sweep::After(Uuid::nil()), offsets: vec![1, 1, 1] },
    ];
    for position in positions {
        assert_eq!(index.put(ME, &[entry(id(1, 1), &[1])], &position).await, Ok(true));
        assert_eq!(index.position().await.as_ref(), Ok(&position));
        let cursors = (0..).zip(position.offsets.clone()).collect();
        assert_eq!(index.cursors(Orders::NAME).await, Ok(cursors));
        assert_eq!(index.cursors("payments").await, Ok(vec![]));
    }
    let position = index.position().await;
    drop(index);
    let index = harness.open().await;
    assert_eq!(index.position().await, position);
    assert_eq!(found(&*index, &[1], ALL, 10).await, [id(1, 1)]);
}

/// Until its time is over. Where one process has the index, it always has it.
pub async fn only_who_has_the_turn_writes(harness: impl IndexHarness) {
    let index = harness.open().await;
    if !harness.is_shared() {
        return;
    }
    let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let moved = Position { sweep: Sweep::Done, offsets: vec![5] };
    assert!(index.turn(one, at(0), at(10)).await.expect("answers").is_some());
    assert_eq!(index.turn(other, at(9), at(19)).await, Ok(None));
    assert_eq!(index.put(other, &[entry(id(1, 1), &[1])], &moved).await, Ok(false));
    assert_eq!(index.position().await, Ok(Position::default()));
    assert_eq!(found(&*index, &[1], ALL, 10).await, NONE);
    assert!(index.turn(one, at(9), at(20)).await.expect("answers").is_some(), "it is kept");
    assert_eq!(index.turn(other, at(19), at(29)).await, Ok(None));
    assert!(index.turn(other, at(20), at(30)).await.expect("answers").is_some());
    assert_eq!(index.put(one, &[], &moved).await, Ok(false), "it is over");
    assert_eq!(index.put(other, &[], &moved).await, Ok(true));
    assert_eq!(index.turn(one, at(30), at(40)).await, Ok(Some(moved)));
}

/// More than there are in a part of any index.
pub async fn many_orders_with_one_term_are_found_page_by_page(harness: impl IndexHarness) {
    let index = harness.open().await;
    let mut rare = BTreeMap::new();
    let entries = (0..140_000_u64).map(|number| {
        let terms: &[u32] = if number.is_multiple_of(9_999) { &[1, 2] } else { &[1] };
        let id = id(number, number);
        if terms.len() == 2 {
            rare.insert(number, id);
        }
        entry(id, terms)
    });
    let entries: Vec<_> = entries.collect();
    for batch in entries.chunks(5_000) {
        put(&*index, batch).await;
    }
    let rare: Vec<_> = rare.into_values().rev().collect();
    assert_eq!(found(&*index, &[1, 2], ALL, 4).await, rare);
    assert_eq!(found(&*index, &[2], (entries[70_000].id, ALL.1), 100).await, rare[..7]);
    let all = found(&*index, &[1], ALL, 10_000).await;
    assert!(all.iter().eq(entries.iter().rev().map(|entry| &entry.id)));
}
