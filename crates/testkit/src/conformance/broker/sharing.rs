//! Sharing: readers get everything each, instances of one reader get it together.

use std::collections::BTreeSet;
use std::sync::Arc;

use broker::Broker;

use super::BrokerHarness;
use super::post::{Taker, flood, publish, reader, wave, waves};
use crate::patience::until;

/// Each at its own pace.
pub async fn every_reader_gets_everything(harness: impl BrokerHarness) {
    let readers = [reader("payments"), reader("processing")];
    let process = harness.process(None, &readers);
    let mut one = Taker::of(&process, readers[0]).await;
    let mut other = Taker::of(&process, readers[1]).await;
    flood(&*process, 1, 3).await;
    one.take(&waves(3)).await;
    assert!(one.settle().await);
    other.take(&waves(3)).await;
    one.assert_has_waves(3);
    other.assert_has_waves(3);
}

/// It is enough that it was named.
pub async fn a_reader_that_did_not_run_gets_what_was_published_meanwhile(harness: impl BrokerHarness) {
    let readers = [reader("payments"), reader("processing")];
    let publishing = harness.process(None, &readers);
    flood(&*publishing, 1, 3).await;
    let mut taker = Taker::of(&publishing, readers[0]).await;
    taker.take(&waves(3)).await;
    assert!(taker.settle().await);
    drop((taker, publishing));
    let late = harness.process(None, &readers);
    let mut taker = Taker::of(&late, readers[1]).await;
    taker.take(&waves(3)).await;
    taker.assert_has_waves(3);
}

/// Two processes with one reader, to whom waves are published until both of them get something.
struct Pair {
    publishing: Arc<dyn Broker>,
    one: Taker,
    other: Taker,
    /// How many waves were published.
    sequence: u64,
}

impl Pair {
    /// Each of them gets something that the other one does not. `other` settles only if it is said here.
    async fn at_work(
        one: &Arc<dyn Broker>,
        other: &Arc<dyn Broker>,
        publishing: Arc<dyn Broker>,
        other_settles: bool,
    ) -> Self {
        let one = Taker::of(one, reader("payments")).await;
        let other = Taker::of(other, reader("payments")).await;
        let mut pair = Self { publishing, one, other, sequence: 0 };
        until("both instances get something of their own", async || {
            pair.more(other_settles).await;
            let (one, other) = (pair.one.ids(), pair.other.ids());
            (!one.is_subset(&other) && !other.is_subset(&one)).then_some(())
        })
        .await;
        pair
    }

    async fn more(&mut self, other_settles: bool) {
        self.sequence += 1;
        publish(&*self.publishing, wave(self.sequence)).await;
        self.poll(other_settles).await;
    }

    async fn poll(&mut self, other_settles: bool) {
        self.one.poll(50).await;
        self.one.settle().await;
        self.other.poll(50).await;
        if other_settles {
            self.other.settle().await;
        }
    }

    fn together(&self) -> BTreeSet<String> {
        self.one.ids().union(&self.other.ids()).cloned().collect()
    }
}

/// Neither gets all of what is published from then on, and together they do.
pub async fn instances_of_a_reader_share_the_work(harness: impl BrokerHarness) {
    let process = || harness.process(None, &[reader("payments")]);
    let mut pair = Pair::at_work(&process(), &process(), process(), true).await;
    let before = pair.sequence;
    for _ in 0..5 {
        pair.more(true).await;
    }
    until("together they get all", async || {
        pair.poll(true).await;
        (pair.together() == waves(pair.sequence)).then_some(())
    })
    .await;
    let later: BTreeSet<_> = waves(pair.sequence).difference(&waves(before)).cloned().collect();
    for taker in [&pair.one, &pair.other] {
        assert!(!later.is_subset(&taker.ids()), "one of them gets all that is published");
        assert!(!later.is_disjoint(&taker.ids()), "one of them gets nothing");
    }
}

/// When its inlet is dropped.
pub async fn another_instance_takes_over_what_was_not_settled(harness: impl BrokerHarness) {
    let process = || harness.process(None, &[reader("payments")]);
    let pair = Pair::at_work(&process(), &process(), process(), false).await;
    let Pair { mut one, other, sequence, .. } = pair;
    drop(other);
    one.take(&waves(sequence)).await;
}

/// And nobody says good-bye: its machine has lost its power.
pub async fn another_instance_takes_over_from_one_that_fell_silent(harness: impl BrokerHarness) {
    let line = harness.line().await;
    let process = || harness.process(None, &[reader("payments")]);
    let silent = harness.process(Some(&line), &[reader("payments")]);
    let mut pair = Pair::at_work(&process(), &silent, process(), false).await;
    line.silence().await;
    pair.one.take(&waves(pair.sequence)).await;
}
