//! Readings: who reads whose log, and how far behind they are. For those who watch.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::fault::Fault;
use crate::key::Key;
use crate::record::Record;
use crate::service::Part;
use crate::store::{Cursors, Log};

/// Records of a log in memory.
const PAGE: usize = 1_000;

/// That one service reads another one's log, by a cursor of its own.
#[derive(Clone)]
pub struct Reading {
    /// Whose log.
    pub source: &'static str,
    /// Who reads it.
    pub consumer: &'static str,
    /// In which keys the reader has a part.
    pub part: Part,
    /// The log.
    pub log: Arc<dyn Log>,
    /// Where the source keeps its own streams.
    pub publisher: Arc<dyn Cursors>,
    /// The reader's cursors and streams.
    pub cursors: Arc<dyn Cursors>,
}

/// How far behind a reader is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lag {
    /// Events it has not applied.
    pub events: u64,
    /// How old the oldest of them is.
    pub oldest: Duration,
}

impl Reading {
    /// How far behind the reader is at `now`.
    ///
    /// # Errors
    /// [`Fault`] if a store cannot answer.
    pub async fn lag(&self, now: Timestamp) -> Result<Lag, Fault> {
        let mut lag = Lag::default();
        for (partition, cursor) in self.positions().await? {
            lag.events += self.log.head(partition).await?.saturating_sub(cursor);
            for record in self.page(partition, cursor, 1).await? {
                let age = Duration::try_from(now.duration_since(record.1.time)).unwrap_or_default();
                lag.oldest = lag.oldest.max(age);
            }
        }
        Ok(lag)
    }

    /// The keys of all events that the reader has not applied. An event that was lost is not among them: it has to lie in
    /// the log, behind the cursor.
    ///
    /// # Errors
    /// [`Fault`] if a store cannot answer.
    pub async fn unread(&self) -> Result<HashSet<Key>, Fault> {
        let mut keys = HashSet::new();
        for (partition, mut cursor) in self.positions().await? {
            loop {
                let page = self.page(partition, cursor, PAGE).await?;
                let Some((last, _)) = page.last() else { break };
                cursor = *last;
                let concerning = page.iter().filter(|(_, record)| self.part.has(record.steps.as_deref()));
                keys.extend(concerning.map(|(_, record)| record.key.clone()));
            }
        }
        Ok(keys)
    }

    /// Those of the keys about which the source has published what the reader has not applied. It goes by what both have
    /// written down, so it also knows of events that a broker has, and of events that were lost.
    ///
    /// # Errors
    /// [`Fault`] if a store cannot answer.
    pub async fn behind(&self, keys: &[Key]) -> Result<HashSet<Key>, Fault> {
        let applied: HashMap<_, _> = self.cursors.streams(keys).await?.into_iter().collect();
        let emitted = self.publisher.streams(keys).await?;
        let read = |key: &Key| applied.get(key).map_or(0, |stream| stream.applied(self.source));
        let concerning = emitted.into_iter().filter(|(_, stream)| self.part.has(stream.steps.as_deref()));
        let behind = concerning.filter(|(key, stream)| read(key) < stream.emitted);
        Ok(behind.map(|(key, _)| key).collect())
    }

    /// The cursor in each partition, 0 in one that was never read.
    async fn positions(&self) -> Result<Vec<(u16, u64)>, Fault> {
        let known: BTreeMap<_, _> = self.cursors.cursors(self.source).await?.into_iter().collect();
        let cursor = |partition| known.get(&partition).copied().unwrap_or(0);
        Ok((0..self.log.partitions()).map(|partition| (partition, cursor(partition))).collect())
    }

    async fn page(&self, partition: u16, after: u64, limit: usize) -> Result<Vec<(u64, Arc<Record>)>, Fault> {
        self.log.read(partition, after, limit).await
    }
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use futures::executor::block_on;
    use uuid::Uuid;

    use super::*;
    use crate::stream::Stream;

    /// A log of two partitions with one event about each of these keys, published at the second of its offset, and a reader
    /// that has read so many of each.
    struct Shelf {
        partitions: [Vec<u128>; 2],
        read: [u64; 2],
    }

    #[async_trait]
    impl Log for Shelf {
        fn partitions(&self) -> u16 {
            2
        }
        async fn read(
            &self,
            partition: u16,
            after: u64,
            limit: usize,
        ) -> Result<Vec<(u64, Arc<Record>)>, Fault> {
            let numbered = (1..).zip(&self.partitions[usize::from(partition)]);
            let behind = numbered.filter(|(offset, _)| *offset > after);
            Ok(behind.map(|(offset, key)| (offset, Arc::new(event(*key, offset)))).take(limit).collect())
        }
        async fn head(&self, partition: u16) -> Result<u64, Fault> {
            Ok(self.partitions[usize::from(partition)].len() as u64)
        }
        async fn trim(&self, _partition: u16, _through: u64, _limit: usize) -> Result<usize, Fault> {
            Ok(0)
        }
    }

    #[async_trait]
    impl Cursors for Shelf {
        async fn cursors(&self, source: &str) -> Result<Vec<(u16, u64)>, Fault> {
            assert_eq!(source, "orders");
            Ok((0..).zip(self.read).filter(|(_, read)| *read > 0).collect())
        }
        async fn streams(&self, _keys: &[Key]) -> Result<Vec<(Key, Stream)>, Fault> {
            Ok(Vec::new())
        }
    }

    /// Streams of these keys, in each of which so much was published, or applied.
    struct Streams(Vec<(u128, u64)>);

    #[async_trait]
    impl Cursors for Streams {
        async fn cursors(&self, _source: &str) -> Result<Vec<(u16, u64)>, Fault> {
            Ok(Vec::new())
        }
        async fn streams(&self, keys: &[Key]) -> Result<Vec<(Key, Stream)>, Fault> {
            let asked = self.0.iter().filter(|(number, _)| keys.contains(&key(*number)));
            let stream = |emitted: u64| {
                let mut stream = Stream { emitted, ..Stream::default() };
                stream.apply("orders", emitted);
                stream
            };
            Ok(asked.map(|(number, emitted)| (key(*number), stream(*emitted))).collect())
        }
    }

    fn key(number: u128) -> Key {
        Key::Id(Uuid::from_u128(number))
    }

    fn at(second: u64) -> Timestamp {
        Timestamp::from_second(second.cast_signed()).unwrap()
    }

    fn event(number: u128, second: u64) -> Record {
        Record {
            source: "orders".to_owned(),
            key: key(number),
            sequence: Some(1),
            foreign_id: None,
            steps: None,
            kind: "order.created".to_owned(),
            time: at(second),
            data: "{}".to_owned(),
        }
    }

    fn reading(read: [u64; 2]) -> Reading {
        let shelf = Arc::new(Shelf { partitions: [(0..2_500).collect(), vec![9_001, 9_002]], read });
        Reading {
            source: "orders",
            consumer: "payments",
            part: Part::Step("payment"),
            log: shelf.clone(),
            publisher: shelf.clone(),
            cursors: shelf,
        }
    }

    #[test]
    fn a_reader_is_behind_until_it_has_applied_all_that_was_published() {
        let publisher = Arc::new(Streams(vec![(1, 3), (2, 3), (3, 1), (4, 1)]));
        let cursors = Arc::new(Streams(vec![(1, 3), (2, 2)]));
        let reading = Reading { publisher, cursors, ..reading([0, 0]) };
        let asked = [key(1), key(2), key(3), key(5)];
        assert_eq!(block_on(reading.behind(&asked)).unwrap(), HashSet::from([key(2), key(3)]));
    }

    #[test]
    fn an_event_is_unread_until_it_lies_behind_the_cursor() {
        let unread = |read| block_on(reading(read).unread()).unwrap();
        assert_eq!(unread([0, 0]).len(), 2_502, "nothing is read, and the pages are gone through");
        assert_eq!(unread([2_499, 1]), HashSet::from([key(2_499), key(9_002)]));
        assert_eq!(unread([2_500, 2]), HashSet::new());
    }

    #[test]
    fn the_lag_counts_what_is_unread_and_its_age() {
        let lag = |read| block_on(reading(read).lag(at(3_000))).unwrap();
        let seconds = Duration::from_secs;
        assert_eq!(lag([0, 0]), Lag { events: 2_502, oldest: seconds(2_999) });
        assert_eq!(lag([2_499, 2]), Lag { events: 1, oldest: seconds(500) });
        assert_eq!(lag([2_500, 2]), Lag::default());
    }
}
