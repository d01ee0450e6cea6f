//! The store port in memory, for any service and without tables: as plain as can be, so that what is tested with it is
//! the engine and the service. It can be told to reject what a test does not like. Beside it a broker in memory, as plain.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use engine::outbox::{Forwarded, Hold, Parked};
use engine::store::{DeadLetterWrite, Existing, NextDue};
use engine::{
    Claim, Claimed, Cursors, DeadLetter, DeadLetterState, Delivery, Fault, Inlet, Key, Kind, Leased, Loaded,
    Log, Note, Outbox, Position, Record, Scheduled, Service, Standing, Store, Stream, Transaction, Writes,
};
use jiff::Timestamp;
use tokio::sync::OwnedMutexGuard;
use uuid::Uuid;

/// What a store says no to: the reason, or nothing.
type Rejects<T> = Box<dyn Fn(&Writes<T>) -> Option<String> + Send + Sync>;

/// A store in memory. Clones share it; dropping an applier and making another over it is a restart.
pub struct MemoryStore<S: Service> {
    data: Arc<tokio::sync::Mutex<Data<S::State>>>,
    committed: Committed<S::State>,
    rejects: Arc<Mutex<Option<Rejects<S::State>>>>,
    partitions: u16,
}

/// The committed states, for those who read beside a transaction.
type Committed<T> = Arc<Mutex<HashMap<Key, Arc<T>>>>;

impl<S: Service> Clone for MemoryStore<S> {
    fn clone(&self) -> Self {
        Self {
            data: Arc::clone(&self.data),
            committed: Arc::clone(&self.committed),
            rejects: Arc::clone(&self.rejects),
            partitions: self.partitions,
        }
    }
}

/// All that is committed.
struct Data<T> {
    states: HashMap<Key, Arc<T>>,
    streams: HashMap<Key, Stream>,
    claims: HashMap<String, (Claim, String)>,
    notes: BTreeMap<Key, Vec<Note>>,
    log: Vec<Partition>,
    schedule: BTreeMap<(Key, String), Row>,
    token: u64,
    letters: BTreeMap<(Key, String), DeadLetter>,
    cursors: BTreeMap<(&'static str, u16), u64>,
    holds: BTreeMap<u16, (Uuid, u64, Timestamp)>,
    parked: BTreeMap<(u16, u64), Parked>,
}

#[derive(Clone, Default)]
struct Partition {
    trimmed: u64,
    records: Vec<Arc<Record>>,
}

#[derive(Clone)]
struct Row {
    scheduled: Scheduled,
    lease_until: Option<Timestamp>,
}

impl<T> Clone for Data<T> {
    fn clone(&self) -> Self {
        Self {
            states: self.states.clone(),
            streams: self.streams.clone(),
            claims: self.claims.clone(),
            notes: self.notes.clone(),
            log: self.log.clone(),
            schedule: self.schedule.clone(),
            token: self.token,
            letters: self.letters.clone(),
            cursors: self.cursors.clone(),
            holds: self.holds.clone(),
            parked: self.parked.clone(),
        }
    }
}

impl<S: Service> MemoryStore<S> {
    /// An empty store whose log has so many partitions.
    pub fn new(partitions: u16) -> Self {
        let data = Data {
            states: HashMap::new(),
            streams: HashMap::new(),
            claims: HashMap::new(),
            notes: BTreeMap::new(),
            log: vec![Partition::default(); usize::from(partitions)],
            schedule: BTreeMap::new(),
            token: 0,
            letters: BTreeMap::new(),
            cursors: BTreeMap::new(),
            holds: BTreeMap::new(),
            parked: BTreeMap::new(),
        };
        let data = Arc::new(tokio::sync::Mutex::new(data));
        Self { data, committed: Arc::default(), rejects: Arc::default(), partitions }
    }

    /// From now on rejects the writes for which `rejects` has a reason.
    pub fn reject(&self, rejects: impl Fn(&Writes<S::State>) -> Option<String> + Send + Sync + 'static) {
        *self.rejects.lock().unwrap() = Some(Box::new(rejects));
    }

    /// Rejects nothing any more.
    pub fn accept(&self) {
        *self.rejects.lock().unwrap() = None;
    }

    /// The committed state under `key`, whatever is under way.
    pub fn state(&self, key: &Key) -> Option<Arc<S::State>> {
        self.committed.lock().unwrap().get(key).cloned()
    }

    /// All committed states, whatever is under way.
    pub fn states(&self) -> Vec<Arc<S::State>> {
        self.committed.lock().unwrap().values().cloned().collect()
    }

    /// Where `key` stands.
    pub fn stream(&self, key: &Key) -> Stream {
        self.peek(|data| data.streams.get(key).cloned().unwrap_or_default())
    }

    /// The rows of the schedule of `key`.
    pub fn rows(&self, key: &Key) -> Vec<Scheduled> {
        self.peek(|data| {
            data.schedule.values().map(|row| row.scheduled.clone()).filter(|row| row.key == *key).collect()
        })
    }

    /// The dead letters, in any state.
    pub fn letters(&self) -> Vec<DeadLetter> {
        self.peek(|data| data.letters.values().cloned().collect())
    }

    /// The dead letters that wait for an operator.
    pub fn dead(&self) -> Vec<DeadLetter> {
        self.letters().into_iter().filter(|letter| letter.state == DeadLetterState::Dead).collect()
    }

    /// The whole log, partition by partition.
    pub fn records(&self) -> Vec<Arc<Record>> {
        self.peek(|data| data.log.iter().flat_map(|partition| partition.records.iter().cloned()).collect())
    }

    /// The journal of `key`.
    pub fn notes(&self, key: &Key) -> Vec<Note> {
        self.peek(|data| data.notes.get(key).cloned().unwrap_or_default())
    }

    fn peek<T>(&self, look: impl FnOnce(&Data<S::State>) -> T) -> T {
        look(&self.data.try_lock().expect("no transaction is under way"))
    }
}

#[async_trait]
impl<S: Service> Store<S> for MemoryStore<S> {
    async fn begin(&self) -> Result<Box<dyn Transaction<S>>, Fault> {
        let committed = Arc::clone(&self.data).lock_owned().await;
        let draft = committed.clone();
        Ok(Box::new(MemoryTransaction {
            committed,
            visible: Arc::clone(&self.committed),
            draft,
            rejects: Arc::clone(&self.rejects),
            partitions: self.partitions,
            broken: false,
        }))
    }

    async fn recover(&self) -> Result<(), Fault> {
        let mut data = self.data.lock().await;
        let leases = data.schedule.values_mut().filter_map(|row| row.lease_until.as_mut());
        leases.for_each(|until| *until = Timestamp::MIN);
        Ok(())
    }

    async fn forget(&self, now: Timestamp, limit: usize) -> Result<usize, Fault> {
        let mut data = self.data.lock().await;
        let expired = |(claim, _): &(Claim, String)| claim.expires.is_some_and(|expires| expires <= now);
        let ids: Vec<_> =
            data.claims.iter().filter(|(_, claim)| expired(claim)).map(|(id, _)| id.clone()).collect();
        let forgotten: Vec<_> = ids.into_iter().take(limit).collect();
        forgotten.iter().for_each(|id| drop(data.claims.remove(id)));
        Ok(forgotten.len())
    }
}

#[async_trait]
impl<S: Service> Log for MemoryStore<S> {
    fn partitions(&self) -> u16 {
        self.partitions
    }

    async fn read(&self, partition: u16, after: u64, limit: usize) -> Result<Vec<(u64, Arc<Record>)>, Fault> {
        let data = self.data.lock().await;
        let partition = &data.log[usize::from(partition)];
        let skip = usize::try_from(after.saturating_sub(partition.trimmed)).expect("short logs");
        let offsets = after.max(partition.trimmed) + 1..;
        Ok(offsets.zip(partition.records.iter().skip(skip).cloned()).take(limit).collect())
    }

    async fn head(&self, partition: u16) -> Result<u64, Fault> {
        let data = self.data.lock().await;
        let partition = &data.log[usize::from(partition)];
        Ok(partition.trimmed + partition.records.len() as u64)
    }

    async fn trim(&self, partition: u16, through: u64, limit: usize) -> Result<usize, Fault> {
        let mut data = self.data.lock().await;
        let partition = &mut data.log[usize::from(partition)];
        let rows = usize::try_from(through.saturating_sub(partition.trimmed)).expect("short logs");
        let rows = rows.min(limit).min(partition.records.len());
        partition.records.drain(..rows);
        partition.trimmed += rows as u64;
        Ok(rows)
    }
}

#[async_trait]
impl<S: Service> Cursors for MemoryStore<S> {
    async fn cursors(&self, source: &str) -> Result<Vec<(u16, u64)>, Fault> {
        let data = self.data.lock().await;
        let known = data.cursors.iter().filter(|((known, _), _)| *known == source);
        Ok(known.map(|((_, partition), offset)| (*partition, *offset)).collect())
    }

    async fn streams(&self, keys: &[Key]) -> Result<Vec<(Key, Stream)>, Fault> {
        let data = self.data.lock().await;
        let stream = |key: &Key| Some((key.clone(), data.streams.get(key)?.clone()));
        Ok(keys.iter().filter_map(stream).collect())
    }
}

#[async_trait]
impl<S: Service> Outbox for MemoryStore<S> {
    async fn hold(&self, relay: Uuid, now: Timestamp, until: Timestamp) -> Result<Vec<Hold>, Fault> {
        let mut data = self.data.lock().await;
        let data = &mut *data;
        let mut held = Vec::new();
        for partition in 0..self.partitions {
            let (holder, token, end) = data.holds.entry(partition).or_insert((relay, 0, Timestamp::MIN));
            if *end > now && *holder != relay {
                continue;
            }
            *token += u64::from(*end <= now);
            (*holder, *end) = (relay, until);
            let forwarded = data.cursors.get(&(S::NAME, partition)).copied().unwrap_or(0);
            let parked = data.parked.keys().any(|(known, _)| *known == partition);
            held.push(Hold { partition, token: *token, forwarded, parked });
        }
        Ok(held)
    }

    async fn release(&self, relay: Uuid) -> Result<(), Fault> {
        let mut data = self.data.lock().await;
        let of_relay = data.holds.values_mut().filter(|(holder, ..)| *holder == relay);
        of_relay.for_each(|(_, _, end)| *end = Timestamp::MIN);
        Ok(())
    }

    async fn forward(&self, now: Timestamp, work: Vec<Forwarded>) -> Result<Vec<u16>, Fault> {
        let mut data = self.data.lock().await;
        let mut lost = Vec::new();
        for done in work {
            let partition = done.hold.partition;
            if data.holds.get(&partition).is_none_or(|(_, token, _)| *token != done.hold.token) {
                lost.push(partition);
                continue;
            }
            let cursor = data.cursors.entry((S::NAME, partition)).or_default();
            *cursor = done.through.max(*cursor);
            for parked in done.park {
                data.parked.insert((partition, parked.offset), parked);
            }
            for offset in done.unpark {
                let Some(gone) = data.parked.remove(&(partition, offset)) else { continue };
                let mut of_key = data.parked.values_mut().filter(|row| row.record.key == gone.record.key);
                if let Some(next) = of_key.next() {
                    next.due.get_or_insert(now);
                }
            }
        }
        Ok(lost)
    }

    async fn parked_keys(&self, keys: &[Key]) -> Result<Vec<Key>, Fault> {
        let data = self.data.lock().await;
        let is_parked = |key: &&Key| data.parked.values().any(|row| row.record.key == **key);
        Ok(keys.iter().filter(is_parked).cloned().collect())
    }

    async fn due_parked(&self, partition: u16, now: Timestamp, limit: usize) -> Result<Vec<Parked>, Fault> {
        let data = self.data.lock().await;
        let rows = data.parked.range((partition, 0)..=(partition, u64::MAX)).map(|(_, row)| row);
        Ok(rows.filter(|row| row.due.is_some_and(|due| due <= now)).take(limit).cloned().collect())
    }
}

struct MemoryTransaction<S: Service> {
    committed: OwnedMutexGuard<Data<S::State>>,
    visible: Committed<S::State>,
    draft: Data<S::State>,
    rejects: Arc<Mutex<Option<Rejects<S::State>>>>,
    partitions: u16,
    broken: bool,
}

impl<S: Service> MemoryTransaction<S> {
    fn write_all(&mut self, writes: Writes<S::State>) -> Result<(), Fault> {
        let draft = &mut self.draft;
        for (claim, reply) in writes.claims {
            draft.claims.insert(claim.id.clone(), (claim, reply));
        }
        for (key, state, existing) in writes.states {
            expect_existing(existing, draft.states.insert(key.clone(), state).is_some(), &key)?;
        }
        for (key, stream, existing) in writes.streams {
            expect_existing(existing, draft.streams.insert(key.clone(), stream).is_some(), &key)?;
        }
        for note in writes.notes {
            draft.notes.entry(note.key.clone()).or_default().push(note);
        }
        for record in writes.events {
            let partition = record.key.partition(self.partitions);
            draft.log[usize::from(partition)].records.push(record);
        }
        for (key, name, scheduled) in writes.scheduled {
            let place = (key, name);
            let lives = scheduled.as_ref().is_none_or(|row| row.standing == Standing::Live);
            let before = match scheduled {
                Some(scheduled) => draft.schedule.insert(place.clone(), Row { scheduled, lease_until: None }),
                None => draft.schedule.remove(&place),
            };
            let was_dead = before.is_some_and(|row| row.scheduled.standing == Standing::Dead);
            if let (true, true, Some(letter)) = (was_dead, lives, draft.letters.get_mut(&place)) {
                letter.state = DeadLetterState::Discarded;
            }
        }
        for write in writes.dead_letters {
            write_letter(&mut draft.letters, write);
        }
        for (source, partition, offset) in writes.cursors {
            let cursor = draft.cursors.entry((source, partition)).or_default();
            *cursor = offset.max(*cursor);
        }
        Ok(())
    }
}

fn expect_existing(existing: Existing, found: bool, key: &Key) -> Result<(), Fault> {
    if (existing == Existing::Yes) == found {
        return Ok(());
    }
    Err(Fault::Rejected(format!("{key} is {existing:?}, and there is one: {found}")))
}

fn write_letter(letters: &mut BTreeMap<(Key, String), DeadLetter>, write: DeadLetterWrite) {
    match write {
        DeadLetterWrite::Died(mut letter) => {
            let place = (letter.key.clone(), letter.name.clone());
            if let Some(known) = letters.get(&place) {
                (letter.first_failed_at, letter.replays) = (known.first_failed_at, known.replays);
                letter.act = known.act.clone();
            }
            letters.insert(place, letter);
        }
        DeadLetterWrite::Moved(key, name, state) => {
            if let Some(letter) = letters.get_mut(&(key, name)) {
                letter.replays += u32::from(state == DeadLetterState::Redriving);
                letter.state = state;
            }
        }
        DeadLetterWrite::Acted(key, name, act) => {
            if let Some(letter) = letters.get_mut(&(key, name)) {
                letter.act = Some(act);
            }
        }
    }
}

#[async_trait]
impl<S: Service> Transaction<S> for MemoryTransaction<S> {
    async fn claim(&mut self, ids: &[&str]) -> Result<Vec<Option<Claimed>>, Fault> {
        let claimed = |id: &&str| {
            let (claim, reply) = self.draft.claims.get(*id)?;
            Some(Claimed { fingerprint: claim.fingerprint.clone(), reply: reply.clone() })
        };
        Ok(ids.iter().map(claimed).collect())
    }

    async fn load(&mut self, writes: &[Key], reads: &[Key]) -> Result<Vec<Loaded<S::State>>, Fault> {
        let load = |key: &Key| Loaded {
            key: key.clone(),
            state: self.draft.states.get(key).cloned(),
            stream: self.draft.streams.get(key).cloned(),
        };
        Ok(writes.iter().chain(reads).map(load).collect())
    }

    async fn rows(&mut self, keys: &[Key]) -> Result<Vec<Scheduled>, Fault> {
        let rows = self.draft.schedule.values().map(|row| &row.scheduled);
        Ok(rows.filter(|row| keys.contains(&row.key)).cloned().collect())
    }

    async fn due(&mut self, now: Timestamp, limit: usize) -> Result<Vec<Scheduled>, Fault> {
        let rows = self.draft.schedule.values().map(|row| &row.scheduled);
        let due = |row: &&Scheduled| row.kind != Kind::Effect && row.due.is_some_and(|due| due <= now);
        let mut rows: Vec<_> = rows.filter(due).cloned().collect();
        rows.sort_by_key(|row| row.due);
        rows.truncate(limit);
        Ok(rows)
    }

    async fn next_due(&mut self) -> Result<NextDue, Fault> {
        let rows = || self.draft.schedule.values();
        let message =
            rows().filter(|row| row.scheduled.kind != Kind::Effect).filter_map(|row| row.scheduled.due).min();
        let effects = rows().filter(|row| row.scheduled.kind == Kind::Effect);
        let effect =
            effects.filter_map(|row| row.scheduled.due.map(|due| row.lease_until.unwrap_or(due))).min();
        Ok(NextDue { message, effect })
    }

    async fn write(&mut self, writes: Writes<S::State>) -> Result<(), Fault> {
        let reason = self.rejects.lock().unwrap().as_ref().and_then(|rejects| rejects(&writes));
        let written = match reason {
            Some(reason) => Err(Fault::Rejected(reason)),
            None => self.write_all(writes),
        };
        self.broken |= written.is_err();
        written
    }

    async fn lease(&mut self, now: Timestamp, until: Timestamp, limit: usize) -> Result<Vec<Leased>, Fault> {
        let free = |row: &&mut Row| {
            let due = row.lease_until.or(row.scheduled.due);
            row.scheduled.kind == Kind::Effect
                && row.scheduled.due.is_some()
                && due.is_some_and(|due| due <= now)
        };
        let mut leased = Vec::new();
        for row in self.draft.schedule.values_mut().filter(free).take(limit) {
            self.draft.token += 1;
            row.scheduled.token = self.draft.token;
            let interrupted = row.lease_until.replace(until).is_some();
            leased.push(Leased { row: row.scheduled.clone(), interrupted });
        }
        Ok(leased)
    }

    async fn commit(mut self: Box<Self>) -> Result<(), Fault> {
        if self.broken {
            return Err(Fault::Rejected("a write was rejected".to_owned()));
        }
        self.visible.lock().unwrap().clone_from(&self.draft.states);
        *self.committed = self.draft;
        Ok(())
    }
}

/// What a broker has for one consumer: at least once, in the order in which it was put there.
#[derive(Clone, Debug, Default)]
pub struct Belt(Arc<Mutex<BeltState>>);

#[derive(Debug, Default)]
struct BeltState {
    waiting: VecDeque<Arc<Record>>,
    out: Vec<Arc<Record>>,
    broken: Option<Fault>,
}

impl BeltState {
    fn put_back(&mut self) {
        let out = std::mem::take(&mut self.out);
        out.into_iter().rev().for_each(|record| self.waiting.push_front(record));
    }
}

impl Belt {
    /// Puts events on the belt.
    pub fn put(&self, records: impl IntoIterator<Item = Record>) {
        self.0.lock().unwrap().waiting.extend(records.into_iter().map(Arc::new));
    }

    /// Its end at the consumer, which takes what is on it for events of `source`, and what another consumer took and did not
    /// settle.
    pub fn inlet(&self, source: &'static str) -> Box<dyn Inlet> {
        self.0.lock().unwrap().put_back();
        Box::new(BeltInlet(source, self.clone()))
    }

    /// How many events the consumer took and did not settle.
    pub fn unsettled(&self) -> usize {
        self.0.lock().unwrap().out.len()
    }

    /// The belt stands still, or runs again.
    pub fn stop(&self, broken: Option<Fault>) {
        self.0.lock().unwrap().broken = broken;
    }
}

struct BeltInlet(&'static str, Belt);

#[async_trait]
impl Inlet for BeltInlet {
    fn source(&self) -> &'static str {
        self.0
    }

    fn consumer_keeps_cursor(&self) -> bool {
        false
    }

    async fn poll(&mut self, limit: usize) -> Result<Vec<Delivery>, Fault> {
        let mut belt = self.1.0.lock().unwrap();
        if let Some(fault) = &belt.broken {
            return Err(fault.clone());
        }
        let rows = limit.min(belt.waiting.len());
        let records: Vec<_> = belt.waiting.drain(..rows).collect();
        belt.out.extend(records.iter().cloned());
        let position = Position { partition: 0, offset: 1 };
        Ok(records.into_iter().map(|record| Delivery { record, position }).collect())
    }

    async fn settle(&mut self) -> Result<(), Fault> {
        self.1.0.lock().unwrap().out.clear();
        Ok(())
    }

    async fn rewind(&mut self) {
        self.1.0.lock().unwrap().put_back();
    }
}
