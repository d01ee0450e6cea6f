//! Delivery: what is published comes, until it is settled, and not any more then.

use std::sync::Arc;

use engine::{Fault, Record};

use tokio::time::interval;

use super::BrokerHarness;
use super::post::{Taker, event, filling, flood, ids, keys, publish, reader, wave, waves};
use crate::patience::{TICK, until};

/// What an inlet may hold, in bytes, where that is little, and how often it is looked whether it holds more.
const ROOM: u32 = 150_000;
const LOOKS: u32 = 20;

/// With every attribute, and with a body that is more than ASCII.
pub async fn what_is_published_arrives_word_for_word_and_in_the_order_of_each_key(
    harness: impl BrokerHarness,
) {
    let process = harness.process(None, &[reader("payments")]);
    until("the broker says that it is there", async || process.check().await.ok()).await;
    let mut taker = Taker::of(&process, reader("payments")).await;
    flood(&*process, 1, 7).await;
    taker.take(&waves(7)).await;
    taker.assert_has_waves(7);
}

/// Nothing there is an answer at once, and what is there comes in as many polls as it takes.
pub async fn a_poll_keeps_to_its_limit_and_does_not_wait(harness: impl BrokerHarness) {
    let process = harness.process(None, &[reader("payments")]);
    let mut taker = Taker::of(&process, reader("payments")).await;
    assert!(taker.poll(9).await.is_empty());
    flood(&*process, 1, 3).await;
    until("all comes, three at a time", async || {
        taker.poll(3).await;
        waves(3).is_subset(&taker.ids()).then_some(())
    })
    .await;
    taker.assert_has_waves(3);
}

/// The batch failed: the same again, in the same order, and what was settled before it not.
pub async fn what_is_not_settled_comes_again_after_a_rewind(harness: impl BrokerHarness) {
    let process = harness.process(None, &[reader("payments")]);
    let mut taker = Taker::of(&process, reader("payments")).await;
    flood(&*process, 1, 3).await;
    taker.take_some(8).await;
    assert!(taker.settle().await);
    let settled = std::mem::take(&mut taker.taken);
    taker.take_some(8).await;
    let lost = std::mem::take(&mut taker.taken);
    taker.rewind().await;
    taker.take_some(8).await;
    assert_eq!(in_order(&taker), lost.iter().map(|lost| lost.record.id()).collect::<Vec<_>>());
    taker.take(&waves(3).difference(&ids(&settled)).cloned().collect()).await;
    assert!(taker.ids().is_disjoint(&ids(&settled)), "what was settled does not come again");
}

fn in_order(taker: &Taker) -> Vec<String> {
    taker.taken.iter().map(|delivery| delivery.record.id()).collect()
}

/// As if the old one's consumer had crashed.
pub async fn what_is_not_settled_comes_again_in_a_new_inlet(harness: impl BrokerHarness) {
    let process = harness.process(None, &[reader("payments")]);
    let mut old = Taker::of(&process, reader("payments")).await;
    flood(&*process, 1, 4).await;
    old.take_some(12).await;
    assert!(old.settle().await);
    let settled = old.ids();
    old.take_some(24).await;
    drop(old);
    let mut new = Taker::of(&process, reader("payments")).await;
    let rest = waves(4).difference(&settled).cloned().collect();
    new.take(&rest).await;
    assert_eq!(new.ids(), rest, "and nothing of what was settled");
}

/// What is published later about the same keys comes behind it, so that it would have come by then.
pub async fn what_is_settled_does_not_come_again_in_a_new_process(harness: impl BrokerHarness) {
    let old = harness.process(None, &[reader("payments")]);
    let mut taker = Taker::of(&old, reader("payments")).await;
    flood(&*old, 1, 3).await;
    taker.take(&waves(3)).await;
    assert!(taker.settle().await);
    drop(taker);
    drop(old);
    let new = harness.process(None, &[reader("payments")]);
    publish(&*new, wave(4)).await;
    let mut taker = Taker::of(&new, reader("payments")).await;
    let later = wave(4).iter().map(|record| record.id()).collect();
    taker.take(&later).await;
    assert_eq!(taker.ids(), later, "nothing of what was settled");
}

/// Until some of it is settled, the rest waits at the broker. What is larger than all that it may hold comes alone.
pub async fn an_inlet_holds_no_more_bytes_than_it_may(harness: impl BrokerHarness) {
    let process = harness.tight(ROOM, &[reader("payments")]);
    let mut taker = Taker::of(&process, reader("payments")).await;
    let large = |(place, record): (usize, Arc<Record>)| {
        let data = filling(if place == 3 { ROOM as usize * 2 } else { ROOM as usize / 3 });
        Arc::new(Record { data, ..(*record).clone() })
    };
    publish(&*process, wave(1).into_iter().enumerate().map(large).collect()).await;
    let mut wanted = waves(1);
    while !wanted.is_empty() {
        taker.take_some(1).await;
        let mut ticks = interval(TICK);
        for _ in 0..LOOKS {
            ticks.tick().await;
            taker.poll(100).await;
        }
        let held: usize = taker.taken.iter().map(|delivery| delivery.record.data.len()).sum();
        assert!(held <= ROOM as usize || taker.taken.len() == 1, "{held} bytes are held");
        assert!(taker.settle().await);
        wanted.retain(|id| !taker.ids().contains(id));
        taker.taken.clear();
    }
}

/// One after the other of its key is taken, too.
pub async fn a_record_that_is_too_large_is_rejected_and_the_others_are_taken(harness: impl BrokerHarness) {
    let process = harness.process(None, &[reader("payments")]);
    let mut taker = Taker::of(&process, reader("payments")).await;
    publish(&*process, wave(1)).await;
    let mut records = wave(2);
    let data = serde_json::json!({ "filling": filling(harness.too_many()) }).to_string();
    records[3] = Arc::new(Record { data, ..(*records[3]).clone() });
    let publisher = process.publisher();
    let results = until("it is known of each record whether it is taken", async || {
        let results = publisher.publish(&records).await;
        let is_known = |result: &Result<(), Fault>| !matches!(result, Err(Fault::Unavailable(_)));
        results.iter().all(is_known).then_some(results)
    })
    .await;
    for (place, result) in results.iter().enumerate() {
        match place {
            3 => assert!(matches!(result, Err(Fault::Rejected(_))), "{result:?}, and it is too large"),
            _ => assert_eq!(*result, Ok(()), "the record at {place} is not too large"),
        }
    }
    publish(&*process, vec![event(&keys()[3], 2)]).await;
    taker.take(&waves(2)).await;
    taker.assert_has_waves(2);
}
