//! The transaction: the file's one writer connection between `BEGIN IMMEDIATE` and the end.
//!
//! What it writes enters the cache and the log's tail behind the commit, while it still holds the writer. Dropped, it
//! is rolled back.

use std::sync::Arc;

use async_trait::async_trait;
use engine::store::{NextDue, Stream};
use engine::{Claimed, Fault, Key, Loaded, Scheduled, Service, Transaction, Writes};
use jiff::Timestamp;
use rusqlite::Connection;
use tokio::sync::OwnedMutexGuard;

use crate::cache::Hot;
use crate::engine_tables::{claims, cursors, dead_letters, journal, log, schedule, streams};
use crate::fault::fault;
use crate::shared::Shared;
use crate::tail::Appended;

/// A transaction that holds the writer.
pub(crate) struct SqliteTransaction<S: Service> {
    writer: OwnedMutexGuard<Connection>,
    shared: Arc<Shared<S>>,
    written: Written<S::State>,
    /// How many rows the connection had changed before.
    before: u64,
    /// Something was refused half way: it must not commit.
    broken: Option<Fault>,
}

/// What has to be known of the writes behind the commit.
struct Written<T> {
    states: Vec<(Key, Arc<T>)>,
    streams: Vec<(Key, Stream)>,
    records: Vec<Appended>,
}

impl<T> Written<T> {
    const fn nothing() -> Self {
        Self { states: Vec::new(), streams: Vec::new(), records: Vec::new() }
    }

    fn keys(&self) -> impl Iterator<Item = &Key> {
        self.states.iter().map(|(key, _)| key).chain(self.streams.iter().map(|(key, _)| key))
    }
}

impl<S: Service> SqliteTransaction<S> {
    pub fn begin(writer: OwnedMutexGuard<Connection>, shared: Arc<Shared<S>>) -> Result<Self, Fault> {
        let begun = begin(&writer);
        shared.writing.heed(&begun, false);
        begun?;
        let before = writer.total_changes();
        Ok(Self { before, writer, shared, written: Written::nothing(), broken: None })
    }

    fn load_key(&self, key: &Key) -> Result<Loaded<S::State>, Fault> {
        // Behind its own writes a transaction sees what the cache must not.
        let is_clean = self.written.states.is_empty() && self.written.streams.is_empty();
        if let (true, Some(hot)) = (is_clean, self.shared.cache.get(key)) {
            return Ok(hot.under(key));
        }
        let state = self.shared.tables.load(&self.writer, key).map_err(fault)?.map(Arc::new);
        let stream = streams::load::<S>(&self.writer, key).map_err(fault)?;
        let hot = Hot { state, stream };
        let is_small = hot.state.as_ref().is_none_or(|state| self.shared.tables.is_small(state));
        if is_clean && is_small {
            self.shared.cache.insert(key.clone(), hot.clone());
        }
        Ok(hot.under(key))
    }

    fn write_all(&mut self, writes: Writes<S::State>) -> Result<(), Fault> {
        let conn: &Connection = &self.writer;
        // Before the first row, so that a roll-back half way knows what to forget.
        let streams = writes.streams.iter().map(|(key, stream, _)| (key.clone(), stream.clone()));
        self.written.streams.extend(streams);
        let states = writes.states.iter().map(|(key, state, _)| (key.clone(), Arc::clone(state)));
        self.written.states.extend(states);
        for (claim, reply) in &writes.claims {
            claims::insert(conn, claim, reply).map_err(fault)?;
        }
        for (key, state, existing) in &writes.states {
            self.shared.tables.save(conn, key, state, *existing).map_err(fault)?;
        }
        for (key, stream, existing) in &writes.streams {
            streams::save(conn, key, stream, *existing).map_err(fault)?;
        }
        writes.notes.iter().try_for_each(|note| journal::append(conn, note)).map_err(fault)?;
        self.written.records.extend(log::append(
            conn,
            S::NAME,
            self.shared.tail.partitions(),
            writes.events,
        )?);
        for (key, name, row) in &writes.scheduled {
            match row {
                Some(row) => schedule::put(conn, row).map_err(fault)?,
                None => schedule::delete(conn, key, name).map_err(fault)?,
            }
        }
        for write in &writes.dead_letters {
            dead_letters::write(conn, write).map_err(fault)?;
        }
        for (source, partition, offset) in writes.cursors {
            cursors::put(conn, source, partition, offset).map_err(fault)?;
        }
        Ok(())
    }
}

#[async_trait]
impl<S: Service> Transaction<S> for SqliteTransaction<S> {
    async fn claim(&mut self, ids: &[&str]) -> Result<Vec<Option<Claimed>>, Fault> {
        ids.iter().map(|id| claims::find(&self.writer, id).map_err(fault)).collect()
    }

    async fn load(&mut self, writes: &[Key], reads: &[Key]) -> Result<Vec<Loaded<S::State>>, Fault> {
        writes.iter().chain(reads).map(|key| self.load_key(key)).collect()
    }

    async fn rows(&mut self, keys: &[Key]) -> Result<Vec<Scheduled>, Fault> {
        let mut rows = Vec::new();
        for key in keys {
            rows.extend(schedule::of(&self.writer, key).map_err(fault)?);
        }
        Ok(rows)
    }

    async fn due(&mut self, now: Timestamp, limit: usize) -> Result<Vec<Scheduled>, Fault> {
        schedule::due(&self.writer, now, limit).map_err(fault)
    }

    async fn next_due(&mut self) -> Result<NextDue, Fault> {
        schedule::next_due(&self.writer).map_err(fault)
    }

    async fn write(&mut self, writes: Writes<S::State>) -> Result<(), Fault> {
        let written = self.write_all(writes);
        self.broken = self.broken.take().or(written.clone().err());
        self.shared.writing.heed(&written, false);
        written
    }

    async fn lease(
        &mut self,
        now: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<Scheduled>, Fault> {
        let leased = schedule::lease(&self.writer, now, until, limit).map_err(fault);
        self.broken = self.broken.take().or(leased.as_ref().err().cloned());
        leased
    }

    async fn commit(mut self: Box<Self>) -> Result<(), Fault> {
        if let Some(fault) = self.broken.take() {
            return Err(fault);
        }
        let committed = commit(&self.writer);
        self.shared.writing.heed(&committed, self.writer.total_changes() > self.before);
        if let Err(fault) = committed {
            // Whether it is on the disk is not known, so neither is where the log ends.
            self.shared.tail.forget();
            return Err(fault);
        }
        let written = std::mem::replace(&mut self.written, Written::nothing());
        let is_small = |state: &S::State| self.shared.tables.is_small(state);
        self.shared.cache.update(written.states, written.streams, is_small);
        self.shared.tail.append(written.records);
        Ok(())
    }
}

impl<S: Service> Drop for SqliteTransaction<S> {
    fn drop(&mut self) {
        roll_back(&self.writer);
        self.shared.cache.forget(self.written.keys());
    }
}

/// Begins to write.
pub(crate) fn begin(conn: &Connection) -> Result<(), Fault> {
    roll_back(conn);
    conn.prepare_cached("BEGIN IMMEDIATE").and_then(|mut begin| begin.execute(())).map_err(fault).map(drop)
}

/// Makes it durable.
pub(crate) fn commit(conn: &Connection) -> Result<(), Fault> {
    conn.prepare_cached("COMMIT").and_then(|mut commit| commit.execute(())).map_err(fault).map(drop)
}

/// Undoes what was begun and not committed, if there is such.
pub(crate) fn roll_back(conn: &Connection) {
    if conn.is_autocommit() {
        return;
    }
    if let Err(error) = conn.execute_batch("ROLLBACK") {
        tracing::error!(%error, "the roll-back failed; it is tried again before the next transaction");
    }
}
