use broker::Acknowledge;
use futures::FutureExt;
use tokio::sync::watch;

use crate::settled::{Settled, Tag};

fn settle(settled: &mut Settled, channel: u64, deliveries: &[u64]) {
    let tags = deliveries.iter().map(|delivery| Tag { channel, delivery: *delivery }).collect();
    settled.acknowledge(tags).now_or_never().unwrap().unwrap();
}

fn seen(seen: &watch::Receiver<Tag>) -> (u64, u64) {
    let tag = *seen.borrow();
    (tag.channel, tag.delivery)
}

#[test]
fn what_counts_is_the_delivery_through_which_there_is_no_gap() {
    let (mut settled, through) = Settled::new();
    settle(&mut settled, 1, &[1, 2, 3]);
    assert_eq!(seen(&through), (1, 3));
    settle(&mut settled, 1, &[5, 7]);
    assert_eq!(seen(&through), (1, 3), "the fourth was not settled");
    settle(&mut settled, 1, &[4]);
    assert_eq!(seen(&through), (1, 5));
    settle(&mut settled, 1, &[2, 6]);
    assert_eq!(seen(&through), (1, 7), "the second again changes nothing");
}

#[test]
fn what_is_settled_of_a_channel_that_is_gone_counts_for_nothing() {
    let (mut settled, through) = Settled::new();
    settle(&mut settled, 1, &[1, 3]);
    settle(&mut settled, 2, &[1]);
    assert_eq!(seen(&through), (2, 1));
    settle(&mut settled, 1, &[2, 3, 4]);
    assert_eq!(seen(&through), (2, 1));
    settle(&mut settled, 2, &[2]);
    assert_eq!(seen(&through), (2, 2), "the third was the other channel's");
}
