use std::collections::HashSet;

use async_trait::async_trait;
use engine::{Cursors, Fault, Log};
use futures::executor::block_on;

use super::*;
use crate::{Reading, underway};

/// A log of two partitions with one event about each of these keys, and a reader that has read so many of each.
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
    ) -> Result<Vec<(u64, Arc<engine::Record>)>, Fault> {
        let numbered = (1..).zip(&self.partitions[usize::from(partition)]);
        Ok(numbered
            .filter(|(offset, _)| *offset > after)
            .map(|(offset, key)| (offset, Arc::new(event(Uuid::from_u128(*key)))))
            .take(limit)
            .collect())
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
}

fn event(id: Uuid) -> engine::Record {
    engine::Record {
        source: "orders".to_owned(),
        key: Key::Id(id),
        sequence: Some(1),
        foreign_id: None,
        kind: "order.created".to_owned(),
        time: at(0),
        data: "{}".to_owned(),
    }
}

fn unread(shelf: &Shelf) -> HashSet<Key> {
    block_on(underway(&[Reading { source: "orders", log: shelf, reader: shelf }])).unwrap()
}

#[test]
fn an_event_is_underway_until_it_lies_behind_the_cursor() {
    let mut shelf = Shelf { partitions: [(0..2_500).collect(), vec![9_001, 9_002]], read: [0, 0] };
    assert_eq!(unread(&shelf).len(), 2_502, "nothing is read, and the pages are gone through");
    shelf.read = [2_499, 1];
    assert_eq!(unread(&shelf), HashSet::from([2_499, 9_002].map(|key| Key::Id(Uuid::from_u128(key)))));
    shelf.read = [2_500, 2];
    assert_eq!(unread(&shelf), HashSet::new());
}
