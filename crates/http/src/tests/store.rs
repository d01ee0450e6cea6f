//! The store port in memory, as small as the tests of this crate need it: states, claims, notes, one partition of a log.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use engine::store::NextDue;
use engine::{
    Claim, Claimed, Cursors, DeadLetter, Fault, Key, Loaded, Log, Note, Record, Scheduled, Service, Store,
    Stream, Transaction, Writes,
};
use jiff::Timestamp;

/// A store in memory. Clones share it.
pub(super) struct Memory<S: Service>(Arc<Mutex<Data<S::State>>>);

/// All that is committed.
pub(super) struct Data<T> {
    pub states: BTreeMap<Key, Arc<T>>,
    pub notes: Vec<Note>,
    pub letters: Vec<DeadLetter>,
    /// Whether nobody can read it just now.
    pub is_away: bool,
    log: BTreeMap<u64, Arc<Record>>,
    head: u64,
    streams: HashMap<Key, Stream>,
    claims: HashMap<String, (Claim, String)>,
}

impl<S: Service> Clone for Memory<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<S: Service> Memory<S> {
    pub fn new() -> Self {
        let data = Data {
            states: BTreeMap::new(),
            notes: Vec::new(),
            letters: Vec::new(),
            is_away: false,
            log: BTreeMap::new(),
            head: 0,
            streams: HashMap::new(),
            claims: HashMap::new(),
        };
        Self(Arc::new(Mutex::new(data)))
    }

    pub fn keep(&self, key: Key, state: S::State) {
        self.data().states.insert(key, Arc::new(state));
    }

    pub fn keep_note(&self, note: Note) {
        self.data().notes.push(note);
    }

    pub fn keep_letter(&self, letter: DeadLetter) {
        self.data().letters.push(letter);
    }

    /// As another process would: nobody is told.
    pub fn keep_record(&self, record: Arc<Record>) {
        self.data().append(record);
    }

    /// As another process would: nobody is told.
    pub fn keep_later_note(&self, note: Note) {
        let mut data = self.data();
        data.streams.entry(note.key.clone()).or_default().noted = note.sequence;
        data.notes.push(note);
    }

    pub fn data(&self) -> MutexGuard<'_, Data<S::State>> {
        self.0.lock().unwrap()
    }
}

impl<T> Data<T> {
    fn append(&mut self, record: Arc<Record>) {
        self.head += 1;
        self.log.insert(self.head, record);
    }
}

#[async_trait]
impl<S: Service> Store<S> for Memory<S> {
    async fn begin(&self) -> Result<Box<dyn Transaction<S>>, Fault> {
        Ok(Box::new(Staged { store: self.clone(), writes: None }))
    }

    async fn recover(&self) -> Result<(), Fault> {
        Ok(())
    }

    async fn forget(&self, _now: Timestamp, _limit: usize) -> Result<usize, Fault> {
        Ok(0)
    }
}

struct Staged<S: Service> {
    store: Memory<S>,
    writes: Option<Writes<S::State>>,
}

#[async_trait]
impl<S: Service> Transaction<S> for Staged<S> {
    async fn claim(&mut self, ids: &[&str]) -> Result<Vec<Option<Claimed>>, Fault> {
        let data = self.store.data();
        let claimed = |id: &&str| {
            let (claim, reply) = data.claims.get(*id)?;
            Some(Claimed { fingerprint: claim.fingerprint.clone(), reply: reply.clone() })
        };
        Ok(ids.iter().map(claimed).collect())
    }

    async fn load(&mut self, writes: &[Key], reads: &[Key]) -> Result<Vec<Loaded<S::State>>, Fault> {
        let data = self.store.data();
        let loaded = |key: &Key| Loaded {
            key: key.clone(),
            state: data.states.get(key).cloned(),
            stream: data.streams.get(key).cloned(),
        };
        Ok(writes.iter().chain(reads).map(loaded).collect())
    }

    async fn rows(&mut self, _keys: &[Key]) -> Result<Vec<Scheduled>, Fault> {
        Ok(Vec::new())
    }

    async fn due(&mut self, _now: Timestamp, _limit: usize) -> Result<Vec<Scheduled>, Fault> {
        Ok(Vec::new())
    }

    async fn next_due(&mut self) -> Result<NextDue, Fault> {
        Ok(NextDue::default())
    }

    async fn write(&mut self, writes: Writes<S::State>) -> Result<(), Fault> {
        self.writes = Some(writes);
        Ok(())
    }

    async fn lease(
        &mut self,
        _now: Timestamp,
        _until: Timestamp,
        _limit: usize,
    ) -> Result<Vec<Scheduled>, Fault> {
        Ok(Vec::new())
    }

    async fn commit(self: Box<Self>) -> Result<(), Fault> {
        let Some(writes) = self.writes else { return Ok(()) };
        let mut data = self.store.data();
        data.states.extend(writes.states.into_iter().map(|(key, state, _)| (key, state)));
        data.streams.extend(writes.streams.into_iter().map(|(key, stream, _)| (key, stream)));
        data.claims
            .extend(writes.claims.into_iter().map(|(claim, reply)| (claim.id.clone(), (claim, reply))));
        data.notes.extend(writes.notes);
        writes.events.into_iter().for_each(|record| data.append(record));
        Ok(())
    }
}

#[async_trait]
impl<S: Service> Log for Memory<S> {
    fn partitions(&self) -> u16 {
        1
    }

    async fn read(
        &self,
        _partition: u16,
        after: u64,
        limit: usize,
    ) -> Result<Vec<(u64, Arc<Record>)>, Fault> {
        let data = self.data();
        if data.is_away {
            return Err(Fault::Unavailable("it is away".to_owned()));
        }
        let later = data.log.range(after + 1..).take(limit);
        Ok(later.map(|(offset, record)| (*offset, Arc::clone(record))).collect())
    }

    async fn head(&self, _partition: u16) -> Result<u64, Fault> {
        Ok(self.data().head)
    }

    async fn trim(&self, _partition: u16, through: u64, _limit: usize) -> Result<usize, Fault> {
        self.data().log.retain(|offset, _| *offset > through);
        Ok(0)
    }
}

#[async_trait]
impl<S: Service> Cursors for Memory<S> {
    async fn cursors(&self, _source: &str) -> Result<Vec<(u16, u64)>, Fault> {
        Ok(Vec::new())
    }

    async fn streams(&self, keys: &[Key]) -> Result<Vec<(Key, Stream)>, Fault> {
        let data = self.data();
        let known = keys.iter().filter_map(|key| Some((key.clone(), data.streams.get(key)?.clone())));
        Ok(known.collect())
    }
}
