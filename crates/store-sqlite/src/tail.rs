//! The tail of the log in memory: the newest committed records, shared by all who read them.
//!
//! Every consumer of an embedded log reads each record within milliseconds of its commit; from here that costs no SELECT
//! and no copy. What lies further back is read from the file. Where a commit ended without a known outcome the
//! tail knows nothing, and the file is asked.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use engine::Record;

/// A record with its place.
#[derive(Clone, Debug)]
pub(crate) struct Appended {
    pub partition: u16,
    pub offset: u64,
    pub record: Arc<Record>,
}

/// The newest committed records of every partition.
#[derive(Debug)]
pub(crate) struct Tail {
    partitions: Vec<Mutex<Partition>>,
    /// Records per partition.
    capacity: usize,
}

#[derive(Debug)]
struct Partition {
    /// The newest offset. None: not known.
    head: Option<u64>,
    /// The records that end with the newest, without a gap.
    records: VecDeque<Arc<Record>>,
    /// What their data takes.
    bytes: usize,
}

impl Partition {
    fn push(&mut self, record: Arc<Record>) {
        self.bytes += record.data.len();
        self.records.push_back(record);
    }

    fn pop(&mut self) {
        self.bytes -= self.records.pop_front().map_or(0, |record| record.data.len());
    }

    fn clear(&mut self) {
        self.records.clear();
        self.bytes = 0;
    }
}

/// What the data of a partition's records takes at most.
const MOST_BYTES: usize = 16 << 20;

impl Tail {
    /// Begins behind `heads`, the newest offset per partition, and keeps at most `capacity` records in all.
    pub fn new(heads: &[u64], capacity: usize) -> Self {
        let partition =
            |head: &u64| Mutex::new(Partition { head: Some(*head), records: VecDeque::new(), bytes: 0 });
        let partitions: Vec<_> = heads.iter().map(partition).collect();
        let capacity = capacity / partitions.len().max(1);
        Self { partitions, capacity }
    }

    /// Of a log that somebody else writes: it knows nothing but how many partitions there are.
    pub fn unknown(partitions: usize) -> Self {
        let partition = || Mutex::new(Partition { head: None, records: VecDeque::new(), bytes: 0 });
        Self { partitions: (0..partitions).map(|_| partition()).collect(), capacity: 0 }
    }

    /// How many partitions there are.
    pub fn partitions(&self) -> u16 {
        u16::try_from(self.partitions.len()).unwrap_or(u16::MAX)
    }

    /// The newest offset. None: ask the file.
    pub fn head(&self, partition: u16) -> Option<u64> {
        self.lock(partition)?.head
    }

    /// Up to `limit` records behind `after`. None: ask the file.
    pub fn read(&self, partition: u16, after: u64, limit: usize) -> Option<Vec<(u64, Arc<Record>)>> {
        let partition = self.lock(partition)?;
        let head = partition.head?;
        if after >= head {
            return Some(Vec::new());
        }
        // Behind this offset everything is here.
        let before = head - partition.records.len() as u64;
        let skip = usize::try_from(after.checked_sub(before)?).ok()?;
        let records = partition.records.iter().skip(skip).take(limit);
        Some((after + 1..).zip(records.cloned()).collect())
    }

    /// Takes over committed records.
    pub fn append(&self, appended: Vec<Appended>) {
        for Appended { partition, offset, record } in appended {
            let Some(mut partition) = self.lock(partition) else { continue };
            if partition.head != Some(offset - 1) {
                partition.clear();
            }
            partition.push(record);
            while partition.records.len() > self.capacity || partition.bytes > MOST_BYTES {
                partition.pop();
            }
            partition.head = Some(offset);
        }
    }

    /// Drops the records at or below `through`: they were deleted from the file.
    pub fn trim(&self, partition: u16, through: u64) {
        let Some(mut partition) = self.lock(partition) else { return };
        let Some(head) = partition.head else { return };
        let kept = usize::try_from(head.saturating_sub(through)).unwrap_or(usize::MAX);
        let surplus = partition.records.len().saturating_sub(kept);
        (0..surplus).for_each(|_| partition.pop());
    }

    /// A commit ended without a known outcome.
    pub fn forget(&self) {
        for index in 0..self.partitions() {
            if let Some(mut partition) = self.lock(index) {
                partition.head = None;
                partition.clear();
            }
        }
    }

    fn lock(&self, partition: u16) -> Option<MutexGuard<'_, Partition>> {
        let partition = self.partitions.get(usize::from(partition))?;
        Some(partition.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use engine::Key;
    use jiff::Timestamp;

    use super::*;

    fn record(sequence: u64) -> Arc<Record> {
        Arc::new(Record {
            source: "peer".to_owned(),
            key: Key::name("a"),
            sequence: Some(sequence),
            foreign_id: None,
            steps: None,
            kind: "peer.said".to_owned(),
            time: Timestamp::UNIX_EPOCH,
            data: "{}".to_owned(),
        })
    }

    fn append(tail: &Tail, offsets: std::ops::RangeInclusive<u64>) {
        tail.append(
            offsets.map(|offset| Appended { partition: 0, offset, record: record(offset) }).collect(),
        );
    }

    fn offsets(tail: &Tail, after: u64, limit: usize) -> Option<Vec<u64>> {
        let read = tail.read(0, after, limit)?;
        assert!(read.iter().all(|(offset, record)| record.sequence == Some(*offset)));
        Some(read.into_iter().map(|(offset, _)| offset).collect())
    }

    #[test]
    fn it_answers_what_it_has_and_owns_up_to_what_it_has_not() {
        let tail = Tail::new(&[10], 4);
        assert_eq!(offsets(&tail, 10, 9), Some(vec![]));
        assert_eq!(offsets(&tail, 9, 9), None);
        append(&tail, 11..=16);
        assert_eq!(offsets(&tail, 11, 9), None);
        assert_eq!(offsets(&tail, 12, 9), Some(vec![13, 14, 15, 16]));
        assert_eq!(offsets(&tail, 13, 2), Some(vec![14, 15]));
        assert_eq!(tail.head(0), Some(16));
    }

    #[test]
    fn an_unknown_commit_makes_it_ask_the_file_until_the_next_one() {
        let tail = Tail::new(&[0], 4);
        append(&tail, 1..=2);
        tail.forget();
        assert_eq!((tail.head(0), offsets(&tail, 2, 9)), (None, None));
        append(&tail, 4..=5);
        assert_eq!(offsets(&tail, 2, 9), None);
        assert_eq!(offsets(&tail, 3, 9), Some(vec![4, 5]));
    }

    #[test]
    fn what_is_trimmed_is_left_to_the_file() {
        let tail = Tail::new(&[0], 8);
        append(&tail, 1..=4);
        tail.trim(0, 3);
        assert_eq!(offsets(&tail, 2, 9), None);
        assert_eq!(offsets(&tail, 3, 9), Some(vec![4]));
    }
}
