//! What is settled, on its way from the inlet to the member of the group that has it committed.
//!
//! The client belongs to the member's thread alone, so a service that settles waits for nothing, and no task can be the
//! last to hold the client. An offset of a partition that has gone to somebody else is passed over: who has it now
//! delivers again what was not committed, and the engine drops what it has seen.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use broker::Acknowledge;
use engine::Fault;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};
use rdkafka::{Offset, TopicPartitionList};

/// How far a partition is done with when a message of it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    /// The partition.
    pub partition: i32,
    /// The offset of the next message, as Kafka counts and commits.
    pub next: i64,
}

/// What is settled and not stored yet: the last mark of each partition.
#[derive(Clone, Debug, Default)]
pub(crate) struct Offsets(Arc<Mutex<BTreeMap<i32, i64>>>);

impl Offsets {
    /// Has the client commit what was settled, with its next commit.
    pub fn store<C: ConsumerContext>(&self, consumer: &BaseConsumer<C>, topic: &str) {
        let marks = self.take();
        if marks.is_empty() {
            return;
        }
        let mut list = TopicPartitionList::with_capacity(marks.len());
        for (partition, next) in marks {
            // An offset that comes from Kafka is one that the list takes.
            let _ = list.add_partition_offset(topic, partition, Offset::Offset(next));
        }
        if let Err(error) = consumer.store_offsets(&list) {
            tracing::debug!(topic, %error, "offsets of partitions that have gone to somebody else");
        }
    }

    fn take(&self) -> BTreeMap<i32, i64> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl Acknowledge<Mark> for Offsets {
    async fn acknowledge(&mut self, tags: Vec<Mark>) -> Result<(), Fault> {
        let marks = tags.into_iter().map(|mark| (mark.partition, mark.next));
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(marks);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;

    use super::*;

    #[test]
    fn the_last_mark_of_a_partition_counts_once() {
        let mut offsets = Offsets::default();
        let mark = |partition, next| Mark { partition, next };
        block_on(offsets.acknowledge(vec![mark(0, 5), mark(1, 2), mark(0, 6)])).unwrap();
        assert_eq!(offsets.clone().take(), [(0, 6), (1, 2)].into());
        assert_eq!(offsets.take(), BTreeMap::new());
    }
}
