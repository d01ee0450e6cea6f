//! The ring: the newest events, bounded in number and in bytes, for all who listen, each at a pace of its own.
//!
//! Who falls behind it is told so, and nothing waits for anybody. It deliberately keeps nothing that the logs do not have
//! as well.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::lanes::Tailed;

/// So many events are in the ring at most.
const EVENTS: usize = 4096;
/// So many bytes, of data mostly. One event stays whatever it takes.
const BYTES: usize = 8 << 20;
/// What an event takes beside its data, in bytes, roughly.
const BESIDE_DATA: usize = 256;

/// What a listener hears.
#[derive(Clone, Debug)]
pub(crate) enum Heard {
    /// An event.
    Event(Tailed),
    /// Something may be missing here.
    Gap,
}

/// The ring. Clones share it.
#[derive(Clone)]
pub(super) struct Ring {
    kept: Arc<Mutex<Kept>>,
    /// Behind the newest one.
    end: watch::Sender<u64>,
}

/// What is in it.
#[derive(Default)]
struct Kept {
    /// The number of the oldest one.
    first: u64,
    heard: VecDeque<Heard>,
    bytes: usize,
}

/// One who listens, and how far.
pub(super) struct Reader {
    ring: Ring,
    next: u64,
    end: watch::Receiver<u64>,
}

impl Ring {
    /// An empty ring.
    pub fn new() -> Self {
        Self { kept: Arc::default(), end: watch::Sender::new(0) }
    }

    /// Puts these in, and lets go of as many old ones as it takes.
    pub fn extend(&self, heard: impl Iterator<Item = Heard>) {
        let mut kept = self.kept();
        heard.for_each(|heard| kept.push(heard));
        let end = kept.end();
        drop(kept);
        self.end.send_if_modified(|known| std::mem::replace(known, end) != end);
    }

    /// Lets go of everything.
    pub fn clear(&self) {
        let mut kept = self.kept();
        *kept = Kept { first: kept.end(), ..Kept::default() };
    }

    /// Listens to what comes from now on.
    pub fn reader(&self) -> Reader {
        let kept = self.kept();
        Reader { ring: self.clone(), next: kept.end(), end: self.end.subscribe() }
    }

    /// How many listen.
    pub fn readers(&self) -> usize {
        self.end.receiver_count()
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn push(&mut self, heard: Heard) {
        self.bytes += size(&heard);
        self.heard.push_back(heard);
        while self.heard.len() > EVENTS || (self.bytes > BYTES && self.heard.len() > 1) {
            self.bytes -= self.heard.pop_front().map_or(0, |oldest| size(&oldest));
            self.first += 1;
        }
    }

    fn end(&self) -> u64 {
        self.first + self.heard.len() as u64
    }

    /// What bears a number. None: it is gone, or has not come yet.
    fn at(&self, number: u64) -> Option<Heard> {
        let index = usize::try_from(number.checked_sub(self.first)?).ok()?;
        self.heard.get(index).cloned()
    }
}

impl Reader {
    /// What comes next. None: that is gone already.
    pub async fn next(&mut self) -> Option<Heard> {
        let next = self.next;
        // The one who fills the ring is there as long as it.
        let _ = self.end.wait_for(|end| *end > next).await;
        let heard = self.ring.kept().at(next)?;
        self.next += 1;
        Some(heard)
    }
}

fn size(heard: &Heard) -> usize {
    match heard {
        Heard::Event(event) => event.record.data.len() + BESIDE_DATA,
        Heard::Gap => BESIDE_DATA,
    }
}

#[cfg(test)]
mod tests {
    use engine::{Key, Record};
    use futures::FutureExt;
    use jiff::Timestamp;

    use super::*;

    fn event(offset: u64, bytes: usize) -> Heard {
        let record = Record {
            source: "orders".to_owned(),
            key: Key::name("a"),
            sequence: Some(offset),
            foreign_id: None,
            steps: None,
            kind: "order.paid".to_owned(),
            time: Timestamp::UNIX_EPOCH,
            data: "x".repeat(bytes),
        };
        Heard::Event(Tailed { lane: 0, offset, record: Arc::new(record) })
    }

    fn offset(heard: Option<Option<Heard>>) -> Option<u64> {
        match heard?? {
            Heard::Event(event) => Some(event.offset),
            Heard::Gap => None,
        }
    }

    #[test]
    fn everybody_hears_what_came_since() {
        let ring = Ring::new();
        let mut early = ring.reader();
        ring.extend([event(1, 1), event(2, 1)].into_iter());
        let mut late = ring.reader();
        ring.extend([event(3, 1)].into_iter());
        assert_eq!([1, 2, 3].map(|_| offset(early.next().now_or_never())), [Some(1), Some(2), Some(3)]);
        assert_eq!(offset(late.next().now_or_never()), Some(3));
        assert!(late.next().now_or_never().is_none(), "nothing more has come");
        assert_eq!(ring.readers(), 2);
    }

    #[test]
    fn it_is_bounded_in_number_and_in_bytes() {
        let kept = |count: u64, bytes: usize| {
            let ring = Ring::new();
            ring.extend((0..count).map(|number| event(number, bytes)));
            let kept = ring.kept();
            assert_eq!(kept.bytes, kept.heard.iter().map(size).sum::<usize>());
            kept.heard.len()
        };
        assert_eq!(kept(10_000, 1), EVENTS);
        assert_eq!(kept(100, 1 << 20), 7, "with what stands beside the data, 8 do not fit");
        assert_eq!(kept(3, BYTES), 1, "the newest stays");
    }

    #[test]
    fn who_falls_behind_is_told_so() {
        let ring = Ring::new();
        let mut slow = ring.reader();
        ring.extend((0..5_000).map(|number| event(number, 1)));
        assert!(matches!(slow.next().now_or_never(), Some(None)));
        let mut gone = ring.reader();
        ring.extend([event(5_000, 1)].into_iter());
        ring.clear();
        assert!(matches!(gone.next().now_or_never(), Some(None)));
        assert_eq!(ring.kept().bytes, 0);
    }
}
