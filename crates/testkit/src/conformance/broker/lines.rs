//! Lines to the broker, and how they break: it costs nothing but time.

use std::collections::BTreeSet;
use std::time::Duration;

use super::BrokerHarness;
use super::post::{Taker, assert_unavailable, flood, ids, publish, reader, wave, waves};
use crate::patience::{until, within};

/// How often the line is cut, and after how many bytes: a few waves, so that it gets on between two cuts.
const CUTS: u32 = 5;
const BYTES: usize = 30_000;
/// What a slow line takes for every chunk.
const SLOWNESS: Duration = Duration::from_millis(20);

/// Nobody listens there, and later somebody does.
pub async fn a_broker_that_is_away_is_waited_for(harness: impl BrokerHarness) {
    let line = harness.line().await;
    line.refuse().await;
    let process = harness.process(Some(&line), &[reader("payments")]);
    let mut taker = Taker::of(&process, reader("payments")).await;
    assert_unavailable(&within("a check ends", process.check()).await);
    let published = within("publishing ends", process.publisher().publish(&wave(1))).await;
    assert_eq!(published.len(), wave(1).len());
    published.iter().for_each(assert_unavailable);
    assert!(taker.poll(9).await.is_empty());
    line.heal().await;
    flood(&*process, 1, 2).await;
    taker.take(&waves(2)).await;
    taker.assert_has_waves(2);
    until("the broker says that it is there again", async || process.check().await.ok()).await;
}

/// For those who publish, and for those who wait and do nothing.
pub async fn a_broker_that_goes_away_comes_back_by_itself(harness: impl BrokerHarness) {
    let line = harness.line().await;
    let process = harness.process(Some(&line), &[reader("payments")]);
    let mut taker = Taker::of(&process, reader("payments")).await;
    publish(&*process, wave(1)).await;
    taker.take(&waves(1)).await;
    line.refuse().await;
    assert_unavailable(&within("a check ends", process.check()).await);
    assert!(taker.poll(9).await.is_empty());
    line.heal().await;
    let beside = harness.process(None, &[reader("payments")]);
    publish(&*beside, wave(2)).await;
    taker.take(&waves(2)).await;
    publish(&*process, wave(3)).await;
    taker.take(&waves(3)).await;
}

/// Nothing is known then of what was on its way, and nobody waits for ever.
pub async fn a_broker_that_falls_silent_is_unavailable_in_time(harness: impl BrokerHarness) {
    let line = harness.line().await;
    let process = harness.process(Some(&line), &[reader("payments")]);
    let mut taker = Taker::of(&process, reader("payments")).await;
    publish(&*process, wave(1)).await;
    taker.take(&waves(1)).await;
    line.silence().await;
    let published = within("publishing ends", process.publisher().publish(&wave(2))).await;
    assert_eq!(published.len(), wave(2).len());
    published.iter().for_each(assert_unavailable);
    assert_unavailable(&within("a check ends", process.check()).await);
    within("a poll ends", taker.poll(9)).await;
    assert_eq!(taker.ids(), waves(1), "nothing comes through");
    line.heal().await;
    flood(&*process, 2, 3).await;
    taker.take(&waves(3)).await;
    taker.assert_has_waves(3);
    until("the broker says that it is there again", async || process.check().await.ok()).await;
}

/// What is not acknowledged is published again, and only then the next event of its key.
pub async fn connections_cut_while_publishing_lose_nothing_and_keep_the_order(harness: impl BrokerHarness) {
    let line = harness.line().await;
    let publishing = harness.process(Some(&line), &[reader("payments")]);
    let reading = harness.process(None, &[reader("payments")]);
    let mut taker = Taker::of(&reading, reader("payments")).await;
    publish(&*publishing, wave(1)).await;
    line.storm(CUTS, BYTES);
    let mut sequence = 1;
    while !line.is_calm() {
        sequence += 1;
        publish(&*publishing, wave(sequence)).await;
    }
    flood(&*publishing, sequence + 1, sequence + 2).await;
    taker.take(&waves(sequence + 2)).await;
    taker.assert_has_waves(sequence + 2);
}

/// What the consumer was done with is the only thing that the broker may forget.
pub async fn connections_cut_while_consuming_lose_nothing_and_settle_nothing(harness: impl BrokerHarness) {
    let line = harness.line().await;
    let publishing = harness.process(None, &[reader("payments")]);
    let consuming = harness.process(Some(&line), &[reader("payments")]);
    let mut taker = Taker::of(&consuming, reader("payments")).await;
    publish(&*publishing, wave(1)).await;
    taker.take(&waves(1)).await;
    taker.taken.clear();
    taker.rewind().await;
    line.storm(CUTS, BYTES);
    let (mut sequence, mut round) = (1, 0);
    let (mut settled, mut unsure) = (BTreeSet::new(), BTreeSet::new());
    until("the storm is over, and some is not settled", async || {
        round += 1;
        sequence += 1;
        publish(&*publishing, wave(sequence)).await;
        taker.poll(10).await;
        if round % 3 == 0 {
            taker.rewind().await;
            taker.taken.clear();
        } else if !line.is_calm() {
            match taker.settle().await {
                true => settled.extend(ids(&std::mem::take(&mut taker.taken))),
                // The line may have been cut behind it, and the broker has heard it.
                false => unsure.extend(ids(&taker.taken)),
            }
        }
        (line.is_calm() && !taker.taken.is_empty()).then_some(())
    })
    .await;
    assert!(!settled.is_empty(), "nothing is settled, so nothing is shown");
    settled.extend(unsure);
    drop(taker);
    let mut rest = Taker::of(&publishing, reader("payments")).await;
    rest.take(&waves(sequence).difference(&settled).cloned().collect()).await;
}

/// Late is not lost.
pub async fn over_a_slow_line_everything_arrives(harness: impl BrokerHarness) {
    let line = harness.line().await;
    line.slow(SLOWNESS).await;
    let process = harness.process(Some(&line), &[reader("payments")]);
    let mut taker = Taker::of(&process, reader("payments")).await;
    flood(&*process, 1, 3).await;
    taker.take(&waves(3)).await;
    taker.assert_has_waves(3);
}
