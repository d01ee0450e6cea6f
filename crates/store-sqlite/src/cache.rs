//! The cache of hot entries: states and streams as they are committed, so that a transaction on what was touched
//! lately needs no SELECT.
//!
//! It never has anything newer than what is committed: a transaction's writes enter when its commit has succeeded, and
//! what a transaction wrote without a known end is dropped. Absence is cached too, which is sound because all
//! writes pass here.

use std::sync::Arc;
use std::sync::{Mutex, MutexGuard, PoisonError};

use ahash::AHashMap;
use engine::store::Stream;
use engine::{Key, Loaded};

/// What is committed under a key.
#[derive(Debug)]
pub(crate) struct Hot<T> {
    pub state: Option<Arc<T>>,
    pub stream: Option<Stream>,
}

impl<T> Clone for Hot<T> {
    fn clone(&self) -> Self {
        Self { state: self.state.clone(), stream: self.stream.clone() }
    }
}

impl<T> Hot<T> {
    pub fn under(self, key: &Key) -> Loaded<T> {
        Loaded { key: key.clone(), state: self.state, stream: self.stream }
    }
}

/// A bounded cache in two generations: when the young one is full it becomes the old one, and the old one goes. What
/// is used moves back to the young one.
#[derive(Debug)]
pub(crate) struct Cache<T> {
    generations: Mutex<Generations<T>>,
}

#[derive(Debug)]
struct Generations<T> {
    young: AHashMap<Key, Hot<T>>,
    old: AHashMap<Key, Hot<T>>,
    /// Entries per generation.
    capacity: usize,
}

impl<T> Cache<T> {
    /// A cache of at most `capacity` entries.
    pub fn new(capacity: usize) -> Self {
        let generations =
            Generations { young: AHashMap::new(), old: AHashMap::new(), capacity: capacity / 2 };
        Self { generations: Mutex::new(generations) }
    }

    pub fn get(&self, key: &Key) -> Option<Hot<T>> {
        self.lock().touch(key).map(|hot| hot.clone())
    }

    /// The state alone, without counting as use.
    pub fn state(&self, key: &Key) -> Option<Arc<T>> {
        let generations = self.lock();
        generations.young.get(key).or_else(|| generations.old.get(key))?.state.clone()
    }

    pub fn insert(&self, key: Key, hot: Hot<T>) {
        self.lock().insert(key, hot);
    }

    /// Takes over what was committed, where the entry is there: a part alone makes no entry. A state that is not small
    /// ends its entry.
    pub fn update(
        &self,
        states: Vec<(Key, Arc<T>)>,
        streams: Vec<(Key, Stream)>,
        is_small: impl Fn(&T) -> bool,
    ) {
        let mut generations = self.lock();
        for (key, state) in states {
            if !is_small(&state) {
                generations.remove(&key);
            } else if let Some(hot) = generations.touch(&key) {
                hot.state = Some(state);
            }
        }
        for (key, stream) in streams {
            if let Some(hot) = generations.touch(&key) {
                hot.stream = Some(stream);
            }
        }
    }

    /// Drops what is not known any more.
    pub fn forget<'k>(&self, keys: impl Iterator<Item = &'k Key>) {
        let mut generations = self.lock();
        keys.for_each(|key| generations.remove(key));
    }

    fn lock(&self) -> MutexGuard<'_, Generations<T>> {
        self.generations.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Generations<T> {
    fn touch(&mut self, key: &Key) -> Option<&mut Hot<T>> {
        if let Some((key, hot)) = self.old.remove_entry(key) {
            self.insert(key, hot);
        }
        self.young.get_mut(key)
    }

    fn remove(&mut self, key: &Key) {
        self.young.remove(key);
        self.old.remove(key);
    }

    fn insert(&mut self, key: Key, hot: Hot<T>) {
        if self.capacity == 0 {
            return;
        }
        if self.young.len() >= self.capacity {
            self.old = std::mem::take(&mut self.young);
        }
        self.old.remove(&key);
        self.young.insert(key, hot);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hot(state: u32) -> Hot<u32> {
        Hot { state: Some(Arc::new(state)), stream: None }
    }

    fn key(number: u32) -> Key {
        Key::name(&number.to_string())
    }

    #[test]
    fn it_stays_within_its_bound_and_keeps_what_is_used() {
        let cache = Cache::new(8);
        cache.insert(key(0), hot(0));
        for number in 1..100 {
            assert!(cache.get(&key(0)).is_some(), "after {number}");
            cache.insert(key(number), hot(number));
        }
        let generations = cache.lock();
        assert!(generations.young.len() + generations.old.len() <= 8);
    }

    #[test]
    fn a_part_of_an_unknown_entry_makes_none() {
        let cache = Cache::new(8);
        cache.update(vec![(key(1), Arc::new(1))], vec![], |_| true);
        assert!(cache.get(&key(1)).is_none());
        cache.insert(key(1), Hot { state: None, stream: None });
        cache.update(vec![(key(1), Arc::new(2))], vec![], |_| true);
        assert_eq!(cache.state(&key(1)), Some(Arc::new(2)));
    }

    #[test]
    fn what_grows_too_large_is_not_kept() {
        let cache = Cache::new(8);
        cache.insert(key(1), hot(1));
        cache.update(vec![(key(1), Arc::new(100))], vec![], |state| *state < 10);
        assert!(cache.get(&key(1)).is_none());
    }

    #[test]
    fn what_is_forgotten_is_gone_from_both_generations() {
        let cache = Cache::new(4);
        (0..4).for_each(|number| cache.insert(key(number), hot(number)));
        let keys: Vec<_> = (0..4).map(key).collect();
        cache.forget(keys.iter());
        assert!(keys.iter().all(|key| cache.get(key).is_none()));
    }
}
