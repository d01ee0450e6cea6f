//! The cache in memory, for a process that alone writes orders.
//!
//! It has no task and never waits, which is why it is moka's synchronous half: an asynchronous cache would bring a queue for
//! what is one look into a table. It is bounded in size and age; fences are kept apart, where no entry can push them out.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use engine::Fault;
use uuid::Uuid;

use crate::entry::Entry;
use crate::port::{Cache, Fence, Look, Stamp};

/// An entry takes the place of one for every so many bytes that are begun.
const PLACE: usize = 4 << 10;
/// How many fences a generation holds; there are two.
const FENCES: usize = 4_096;

/// The limits of the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemorySettings {
    /// How many entries of the usual size there are at most. Each may have 4 KiB; a larger one counts as several.
    pub entries: usize,
    /// How long an entry lives.
    pub ttl: Duration,
}

impl Default for MemorySettings {
    fn default() -> Self {
        Self { entries: 10_000, ttl: Duration::from_secs(5 * 60) }
    }
}

/// A cache in memory.
pub struct MemoryCache {
    entries: moka::sync::Cache<Uuid, Arc<Entry>>,
    /// Held by everybody who changes an entry.
    marks: Mutex<Marks>,
}

/// What is known besides the entries.
struct Marks {
    epoch: Arc<str>,
    voids: u64,
    fences: u64,
    floors: Floors,
}

/// The highest fence of each order, in two generations: when the young one is full it becomes the old one, and the old one goes.
#[derive(Default)]
struct Floors {
    young: HashMap<Uuid, u64>,
    old: HashMap<Uuid, u64>,
}

impl MemoryCache {
    /// An empty cache.
    pub fn new(settings: MemorySettings) -> Self {
        let entries = moka::sync::Cache::builder()
            .max_capacity(settings.entries as u64)
            .weigher(|_, entry: &Arc<Entry>| places(entry))
            .time_to_live(settings.ttl)
            .build();
        let marks = Marks { epoch: Arc::from("0"), voids: 0, fences: 0, floors: Floors::default() };
        Self { entries, marks: Mutex::new(marks) }
    }

    fn marks(&self) -> MutexGuard<'_, Marks> {
        self.marks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The version that is kept of an order.
    fn version(&self, id: Uuid) -> Option<u64> {
        self.entries.get(&id).map(|entry| entry.order.version)
    }
}

/// How many places an entry takes.
fn places(entry: &Arc<Entry>) -> u32 {
    let bytes = entry.encode().map_or(usize::MAX, |text| text.len());
    u32::try_from(bytes / PLACE + 1).unwrap_or(u32::MAX)
}

#[async_trait]
impl Cache for MemoryCache {
    async fn get(&self, id: Uuid) -> Result<Look, Fault> {
        if let Some(entry) = self.entries.get(&id) {
            return Ok(Look::Hit(Box::new((*entry).clone())));
        }
        let marks = self.marks();
        Ok(Look::Miss(Stamp { epoch: Arc::clone(&marks.epoch), fences: marks.fences }))
    }

    async fn put(&self, stamp: &Stamp, entry: &Entry) -> Result<(), Fault> {
        let (id, version) = (entry.order.id, entry.order.version);
        let marks = self.marks();
        if marks.admits(stamp, id, version) && self.version(id).is_none_or(|known| known <= version) {
            self.entries.insert(id, Arc::new(entry.clone()));
        }
        Ok(())
    }

    async fn fence(&self, fences: &[Fence]) -> Result<(), Fault> {
        let mut marks = self.marks();
        marks.fences += 1;
        for Fence { id, version } in fences.iter().copied() {
            marks.floors.raise(id, version);
            if self.version(id).is_some_and(|known| known < version) {
                self.entries.invalidate(&id);
            }
        }
        Ok(())
    }

    async fn void(&self) -> Result<(), Fault> {
        let mut marks = self.marks();
        marks.voids += 1;
        marks.epoch = Arc::from(marks.voids.to_string());
        self.entries.invalidate_all();
        Ok(())
    }
}

impl Marks {
    /// Whether nothing came between a stamp and now that may concern this version of the order.
    fn admits(&self, stamp: &Stamp, id: Uuid, version: u64) -> bool {
        stamp.epoch == self.epoch
            && match self.floors.of(id) {
                Some(floor) => floor <= version,
                // One that is forgotten may have been this order's.
                None => stamp.fences == self.fences,
            }
    }
}

impl Floors {
    fn of(&self, id: Uuid) -> Option<u64> {
        self.young.get(&id).or_else(|| self.old.get(&id)).copied()
    }

    fn raise(&mut self, id: Uuid, version: u64) {
        let floor = self.of(id).map_or(version, |known| known.max(version));
        if self.young.len() >= FENCES {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(id, floor);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fences_are_bounded_and_the_latest_are_known() {
        let mut floors = Floors::default();
        for number in 0..100_000 {
            floors.raise(Uuid::from_u128(number), 7);
            floors.raise(Uuid::from_u128(number / 2 * 2), 3);
        }
        assert!(floors.young.len() <= FENCES && floors.old.len() <= FENCES);
        let latest = 100_000 - FENCES as u128..100_000;
        assert!(latest.map(Uuid::from_u128).all(|id| floors.of(id) == Some(7)));
        assert_eq!(floors.of(Uuid::from_u128(0)), None);
    }
}
