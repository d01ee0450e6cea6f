//! The outbox: who forwards the log, how far it is forwarded, and what the broker refused.

use std::sync::Arc;

use engine::outbox::{Forwarded, Hold, Parked};
use engine::{Key, Outbox, Service};
use jiff::Timestamp;
use uuid::Uuid;

use super::StoreHarness;
use crate::conformance::{Tally, at, commit, event, events, key};

const ONE: Uuid = Uuid::from_u128(1);
const OTHER: Uuid = Uuid::from_u128(2);
/// No partition.
const NONE: [u16; 0] = [];

async fn hold(outbox: &dyn Outbox, relay: Uuid, now: i64, until: i64) -> Vec<Hold> {
    outbox.hold(relay, at(now), at(until)).await.expect("holds")
}

fn forwarded(hold: Hold, through: u64) -> Forwarded {
    Forwarded { hold, through, park: Vec::new(), unpark: Vec::new() }
}

async fn forward(outbox: &dyn Outbox, now: i64, work: Forwarded) -> Vec<u16> {
    outbox.forward(at(now), vec![work]).await.expect("forwards")
}

fn parked(key: &Key, offset: u64, due: Option<Timestamp>) -> Parked {
    Parked {
        offset,
        record: Arc::new(event(key, offset)),
        reason: due.map_or_else(String::new, |_| "too large".to_owned()),
        attempts: u32::from(due.is_some()),
        due,
    }
}

async fn due(outbox: &dyn Outbox, partition: u16, now: i64) -> Vec<Parked> {
    outbox.due_parked(partition, at(now), 9).await.expect("reads")
}

/// All are free at first. Who holds them keeps them as long as it says so, and loses them when its time is over.
pub async fn a_partition_is_held_by_one_relay_until_its_time_is_over(harness: impl StoreHarness) {
    let store = harness.open().await;
    let outbox = harness.outbox().await;
    let held = hold(&*outbox, ONE, 0, 10).await;
    assert!(held.iter().map(|hold| hold.partition).eq(0..store.partitions()), "{held:?}");
    assert!(held.iter().all(|hold| hold.forwarded == 0 && !hold.parked), "{held:?}");
    assert_eq!(hold(&*outbox, OTHER, 9, 19).await, []);
    assert_eq!(hold(&*outbox, ONE, 9, 20).await, held, "the same holds, and longer");
    assert_eq!(hold(&*outbox, OTHER, 19, 29).await, []);
    let taken = hold(&*outbox, OTHER, 20, 30).await;
    assert_eq!(taken.len(), held.len());
    assert!(taken.iter().zip(&held).all(|(taken, held)| taken.token > held.token), "{taken:?} {held:?}");
    assert_eq!(hold(&*outbox, ONE, 29, 39).await, []);
}

/// Another one need not wait for the end of its time, and gets a higher token.
pub async fn what_a_relay_lets_go_of_is_free_at_once(harness: impl StoreHarness) {
    let _store = harness.open().await;
    let outbox = harness.outbox().await;
    let held = hold(&*outbox, ONE, 0, 10).await;
    outbox.release(OTHER).await.expect("releases nothing");
    assert_eq!(hold(&*outbox, OTHER, 1, 11).await, []);
    outbox.release(ONE).await.expect("releases");
    let taken = hold(&*outbox, OTHER, 1, 11).await;
    assert!(taken[0].token > held[0].token, "{taken:?} {held:?}");
}

/// A relay that was paused beyond its time moves nothing and parks nothing.
pub async fn nothing_is_written_under_an_older_hold(harness: impl StoreHarness) {
    let store = harness.open().await;
    let outbox = harness.outbox().await;
    let key = key("a");
    let place = usize::from(key.partition(store.partitions()));
    commit(&*store, events(&key, 1, 3)).await;
    let old = hold(&*outbox, ONE, 0, 10).await[place];
    let new = hold(&*outbox, OTHER, 10, 20).await[place];
    assert_eq!(forward(&*outbox, 11, forwarded(new, 1)).await, NONE);
    let work = Forwarded { park: vec![parked(&key, 2, Some(at(0)))], ..forwarded(old, 3) };
    assert_eq!(forward(&*outbox, 12, work).await, [new.partition]);
    assert_eq!(store.cursors(Tally::NAME).await, Ok(vec![(new.partition, 1)]));
    assert_eq!(due(&*outbox, new.partition, 99).await, []);
    let other = hold(&*outbox, OTHER, 13, 23).await[place];
    assert_eq!(other, Hold { forwarded: 1, ..new });
}

/// The cleaner holds on to what was not forwarded, and the next process goes on there.
pub async fn how_far_it_was_forwarded_is_the_services_own_cursor(harness: impl StoreHarness) {
    let store = harness.open().await;
    let outbox = harness.outbox().await;
    let key = key("a");
    let place = usize::from(key.partition(store.partitions()));
    commit(&*store, events(&key, 1, 5)).await;
    let held = hold(&*outbox, ONE, 0, 10).await[place];
    assert_eq!(forward(&*outbox, 1, forwarded(held, 4)).await, NONE);
    assert_eq!(forward(&*outbox, 1, forwarded(held, 2)).await, NONE, "and it never goes back");
    assert_eq!(store.cursors(Tally::NAME).await, Ok(vec![(held.partition, 4)]));
    drop((store, outbox));
    let _store = harness.open().await;
    let outbox = harness.outbox().await;
    assert_eq!(hold(&*outbox, ONE, 20, 30).await[place].forwarded, 4);
}

/// One after the other: what waits behind a parked record is due when that one is gone.
pub async fn parked_records_come_in_the_order_of_their_key(harness: impl StoreHarness) {
    let store = harness.open().await;
    let outbox = harness.outbox().await;
    let (bad, good) = (key("a"), key("b"));
    let place = usize::from(bad.partition(store.partitions()));
    commit(&*store, events(&bad, 1, 3)).await;
    let held = hold(&*outbox, ONE, 0, 100).await[place];
    let park = vec![parked(&bad, 1, Some(at(5))), parked(&bad, 2, None), parked(&bad, 3, None)];
    let work = Forwarded { park: park.clone(), ..forwarded(held, 3) };
    assert_eq!(forward(&*outbox, 1, work).await, NONE);

    assert!(hold(&*outbox, ONE, 1, 100).await[place].parked);
    assert_eq!(outbox.parked_keys(&[bad.clone(), good]).await, Ok(vec![bad.clone()]));
    assert_eq!(due(&*outbox, held.partition, 4).await, []);
    assert_eq!(due(&*outbox, held.partition, 5).await, [park[0].clone()]);

    let again = Parked { attempts: 2, reason: "still".to_owned(), due: Some(at(8)), ..park[0].clone() };
    let work = Forwarded { park: vec![again.clone()], ..forwarded(held, 3) };
    assert_eq!(forward(&*outbox, 5, work).await, NONE);
    assert_eq!(due(&*outbox, held.partition, 7).await, []);
    assert_eq!(due(&*outbox, held.partition, 8).await, [again]);

    for offset in 1..=3 {
        let work = Forwarded { unpark: vec![offset], ..forwarded(held, 3) };
        assert_eq!(forward(&*outbox, 9, work).await, NONE);
        let next: Vec<_> =
            due(&*outbox, held.partition, 9).await.iter().map(|parked| parked.offset).collect();
        assert_eq!(next, if offset < 3 { vec![offset + 1] } else { vec![] });
    }
    assert_eq!(outbox.parked_keys(&[bad]).await, Ok(vec![]));
    assert!(!hold(&*outbox, ONE, 9, 100).await[place].parked);
}

/// Several partitions are written down at once, and each on its own account.
pub async fn partitions_do_not_meddle_with_each_other(harness: impl StoreHarness) {
    let store = harness.open().await;
    let outbox = harness.outbox().await;
    let keys: Vec<Key> = (0..8).map(|number| key(&number.to_string())).collect();
    let of = |key: &Key| usize::from(key.partition(store.partitions()));
    let one = keys[0].clone();
    let other = keys.iter().find(|key| of(key) != of(&one)).expect("two partitions").clone();
    for key in [&one, &other] {
        commit(&*store, events(key, 1, 4)).await;
    }
    let held = hold(&*outbox, ONE, 0, 10).await;
    let (first, second) = (held[of(&one)], held[of(&other)]);
    let both = |key: &Key| vec![parked(key, 1, Some(at(1))), parked(key, 2, None), parked(key, 3, None)];
    let work = vec![
        Forwarded { park: both(&other), ..forwarded(second, 3) },
        Forwarded { park: both(&one), ..forwarded(first, 4) },
    ];
    assert_eq!(outbox.forward(at(1), work).await, Ok(vec![]));
    for (hold, key) in [(first, &one), (second, &other)] {
        assert_eq!(due(&*outbox, hold.partition, 1).await, [parked(key, 1, Some(at(1)))]);
    }
    let mut known = outbox.parked_keys(&keys).await.expect("reads");
    known.sort_unstable();
    let mut expected = vec![one.clone(), other.clone()];
    expected.sort_unstable();
    assert_eq!(known, expected);

    // One of the two is lost: its part is not written, the other one's is.
    outbox.release(ONE).await.expect("releases");
    let taken = hold(&*outbox, OTHER, 2, 12).await;
    let work = vec![
        Forwarded { unpark: vec![1], ..forwarded(first, 4) },
        Forwarded { unpark: vec![1, 2], ..forwarded(taken[of(&other)], 4) },
    ];
    assert_eq!(outbox.forward(at(3), work).await, Ok(vec![first.partition]));
    assert_eq!(due(&*outbox, first.partition, 3).await, [parked(&one, 1, Some(at(1)))]);
    assert_eq!(
        due(&*outbox, second.partition, 3).await,
        [Parked { due: Some(at(3)), ..parked(&other, 3, None) }]
    );
    let cursors = store.cursors(Tally::NAME).await.expect("reads");
    assert!(
        cursors.contains(&(first.partition, 4)) && cursors.contains(&(second.partition, 4)),
        "{cursors:?}"
    );
}
