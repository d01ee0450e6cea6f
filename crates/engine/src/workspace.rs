//! The workspace: the states a batch touches, and the overlay on which one message is tried.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::Timestamp;
use smallvec::SmallVec;

use crate::key::Key;
use crate::schedule::{Kind, Scheduled};
use crate::stream::{Loaded, Stream};

/// The states of all keys a batch touches, as they are after the messages handled so far.
#[derive(Debug)]
pub struct Workspace<T> {
    entries: HashMap<Key, Entry<T>>,
}

/// One key of the workspace.
#[derive(Debug)]
pub(crate) struct Entry<T> {
    pub state: Option<Arc<T>>,
    pub stream: Stream,
    /// Whether the store has a state, and a stream, under this key already.
    pub stored_state: bool,
    pub stored_stream: bool,
    pub state_changed: bool,
    pub stream_changed: bool,
    /// The rows of the schedule, where the batch needs them.
    pub rows: Option<BTreeMap<String, Scheduled>>,
}

impl<T> Workspace<T> {
    pub(crate) fn new() -> Self {
        Self { entries: HashMap::new() }
    }

    pub(crate) fn insert(&mut self, loaded: Loaded<T>) {
        let (stored_state, stored_stream) = (loaded.state.is_some(), loaded.stream.is_some());
        self.entries.entry(loaded.key).or_insert(Entry {
            state: loaded.state,
            stream: loaded.stream.unwrap_or_default(),
            stored_state,
            stored_stream,
            state_changed: false,
            stream_changed: false,
            rows: None,
        });
    }

    pub(crate) fn contains(&self, key: &Key) -> bool {
        self.entries.contains_key(key)
    }

    pub(crate) fn entry(&self, key: &Key) -> Option<&Entry<T>> {
        self.entries.get(key)
    }

    pub(crate) fn entry_mut(&mut self, key: &Key) -> Option<&mut Entry<T>> {
        self.entries.get_mut(key)
    }

    pub(crate) fn into_entries(self) -> impl Iterator<Item = (Key, Entry<T>)> {
        self.entries.into_iter()
    }

    pub(crate) fn put(&mut self, key: &Key, state: T) {
        if let Some(entry) = self.entries.get_mut(key) {
            entry.state = Some(Arc::new(state));
            entry.state_changed = true;
        }
    }
}

impl<T> Entry<T> {
    /// The stream, to be changed.
    pub fn stream_mut(&mut self) -> &mut Stream {
        self.stream_changed = true;
        &mut self.stream
    }

    /// Whether a set-aside message of this key keeps the later ones waiting.
    pub fn is_blocked(&self, now: Timestamp) -> bool {
        self.held_rows().any(|row| row.is_blocking(now))
    }

    /// Whether a set-aside message of this key has come too early, or waits for its own transaction.
    pub fn is_waiting(&self) -> bool {
        self.held_rows().any(|row| row.due.is_some())
    }

    /// The set-aside events of this key. The one behind which the others wait comes first, the others by source and
    /// sequence.
    pub fn held_rows(&self) -> impl Iterator<Item = &Scheduled> {
        let rows = || self.rows.iter().flat_map(BTreeMap::values).filter(|row| row.kind == Kind::Held);
        rows().filter(|row| row.due.is_some()).chain(rows().filter(|row| row.due.is_none()))
    }
}

/// The overlay on which one message is tried. It is dropped unless the message ends in a change.
#[derive(Debug)]
pub struct Draft<'a, T> {
    workspace: &'a Workspace<T>,
    writable: &'a [Key],
    puts: SmallVec<[(Key, T); 2]>,
    breach: Option<Key>,
}

impl<'a, T> Draft<'a, T> {
    pub(crate) fn new(workspace: &'a Workspace<T>, writable: &'a [Key]) -> Self {
        Self { workspace, writable, puts: SmallVec::new(), breach: None }
    }

    /// The state under `key` as this message has it so far. None for a key without one, and for a key that the
    /// message did not say it touches.
    pub fn get(&self, key: &Key) -> Option<&T> {
        let drafted = self.puts.iter().rev().find(|(put, _)| put == key).map(|(_, state)| state);
        drafted.or_else(|| self.workspace.entry(key)?.state.as_deref())
    }

    /// Puts the state under `key`. A key that the message did not say it writes makes the message poison.
    pub fn put(&mut self, key: &Key, state: T) {
        if self.writable.contains(key) {
            self.puts.push((key.clone(), state));
        } else {
            self.breach = Some(key.clone());
        }
    }

    /// The drafted states, or the key that was written without leave.
    pub(crate) fn finish(self) -> Result<SmallVec<[(Key, T); 2]>, Key> {
        self.breach.map_or(Ok(self.puts), Err)
    }
}
