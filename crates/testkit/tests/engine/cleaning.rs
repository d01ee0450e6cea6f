//! The cleaner never deletes what a consumer has not read, nor the newest.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use engine::cleaner::Cleaner;
use engine::embedded::EmbeddedInlet;
use engine::observe::Unobserved;
use engine::retry::earlier;
use engine::store::Stream;
use engine::{
    Clock, Cursors, DeadLetters, Fault, FiledLetter, Inlet, Key, LetterQuestion, Log, Scheduled, Step, Store,
};
use futures::FutureExt;
use jiff::Timestamp;
use proptest::prelude::*;

use crate::tiny::{Bench, Say};

/// A consumer that has read so far.
#[derive(Default)]
struct Reader(Mutex<BTreeMap<u16, u64>>);

#[async_trait]
impl Cursors for Reader {
    async fn cursors(&self, _source: &str) -> Result<Vec<(u16, u64)>, Fault> {
        Ok(self.0.lock().unwrap().iter().map(|(partition, offset)| (*partition, *offset)).collect())
    }

    async fn streams(&self, _keys: &[Key]) -> Result<Vec<(Key, Stream)>, Fault> {
        Ok(Vec::new())
    }
}

proptest! {
    #[test]
    fn what_a_consumer_has_not_read_stays_and_so_do_the_newest(
        published in 1_u64..40,
        reads in prop::collection::vec((0_usize..2, 0_u16..2, 0_u64..30), 1..12),
        limit in 1_usize..8,
        kept in prop::sample::select(vec![0_u64, 0, 3, 100]),
    ) {
        let mut bench = Bench::new();
        for number in 0..published {
            bench.ask(&number.to_string(), Say::Add(1), vec![]);
        }
        bench.settle();
        let readers = [Arc::new(Reader::default()), Arc::new(Reader::default())];
        let heads = [0, 1].map(|partition| bench.store.head(partition).now_or_never().unwrap().unwrap());
        let consumers = readers.iter().map(|reader| Arc::clone(reader) as Arc<dyn Cursors>).collect();
        let store = Arc::new(bench.store.clone()) as Arc<dyn Store<_>>;
        let clock = Arc::clone(&bench.clock) as Arc<dyn Clock>;
        let mut cleaner = Cleaner::new(store, consumers, clock, Arc::new(Unobserved), limit, Duration::from_millis(1)).keeping(kept);
        for (reader, partition, offset) in reads {
            let offset = offset.min(heads[usize::from(partition)]);
            let mut cursors = readers[reader].0.lock().unwrap();
            let cursor = cursors.entry(partition).or_default();
            *cursor = offset.max(*cursor);
            drop(cursors);
            for _ in 0..50 {
                cleaner.step().now_or_never().unwrap().unwrap();
                bench.advance(2);
            }
            for partition in [0, 1] {
                let of = |reader: &Reader| reader.0.lock().unwrap().get(&partition).copied().unwrap_or(0);
                let lowest = readers.iter().map(|reader| of(reader)).min().unwrap();
                let left = bench.store.read(partition, 0, 1_000).now_or_never().unwrap().unwrap();
                let offsets: Vec<_> = left.iter().map(|(offset, _)| *offset).collect();
                let head = heads[usize::from(partition)];
                let expected: Vec<_> = (lowest.min(head.saturating_sub(kept)) + 1..=head).collect();
                prop_assert_eq!(offsets, expected, "partition {}", partition);
            }
        }
    }
}

/// A place where letters are forgotten, three in all.
#[derive(Default)]
struct Graves(Mutex<Vec<(Timestamp, usize)>>);

#[async_trait]
impl DeadLetters for Graves {
    async fn letters(&self, _question: &LetterQuestion) -> Result<Vec<FiledLetter>, Fault> {
        Ok(Vec::new())
    }

    async fn letter(
        &self,
        _key: &Key,
        _name: &str,
    ) -> Result<Option<(FiledLetter, Option<Scheduled>)>, Fault> {
        Ok(None)
    }

    async fn forget_letters(&self, before: Timestamp, limit: usize) -> Result<usize, Fault> {
        let mut asked = self.0.lock().unwrap();
        asked.push((before, limit));
        Ok(if asked.len() == 1 { limit } else { 1 })
    }
}

#[test]
fn letters_are_forgotten_so_long_after_they_were_settled() {
    let bench = Bench::new();
    let (store, clock) = (Arc::new(bench.store.clone()), Arc::clone(&bench.clock) as Arc<dyn Clock>);
    let (graves, period) = (Arc::new(Graves::default()), Duration::from_secs(1));
    let mut cleaner = Cleaner::new(store, Vec::new(), clock, Arc::new(Unobserved), 2, period)
        .forgetting(Arc::clone(&graves) as Arc<dyn DeadLetters>, Duration::from_secs(60));
    let expected = (earlier(bench.clock.now(), Duration::from_secs(60)), 2);
    for _ in 0..4 {
        cleaner.step().now_or_never().unwrap().unwrap();
    }
    assert_eq!(
        *graves.0.lock().unwrap(),
        [expected; 2],
        "once more where there may be more, then not before its period"
    );
}

#[test]
fn a_gap_in_front_of_a_cursor_is_told_and_not_passed_over() {
    let mut bench = Bench::new();
    for _ in 0..4 {
        bench.tell("a", Say::Add(1), vec![]);
    }
    let log = Arc::new(bench.store.clone());
    let head = |partition| log.head(partition).now_or_never().unwrap().unwrap();
    let partition = if head(0) > 0 { 0 } else { 1 };
    log.trim(partition, 2, 9).now_or_never().unwrap().unwrap();
    let poll = |cursors: &[(u16, u64)]| {
        let reader = Arc::new(Reader(Mutex::new(cursors.iter().copied().collect())));
        let mut inlet = EmbeddedInlet::new("tiny", Arc::clone(&log) as Arc<dyn Log>, reader);
        inlet.poll(9).now_or_never().unwrap().map(|deliveries| deliveries.len())
    };
    assert!(matches!(poll(&[(partition, 1)]), Err(Fault::Corrupt(_))));
    assert_eq!(poll(&[(partition, 2)]).unwrap(), 2);
    assert_eq!(poll(&[]).unwrap(), 2, "a new consumer begins with what is there");
}
