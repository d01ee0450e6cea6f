//! The transaction: a connection between `BEGIN` and `COMMIT`, which it takes with it when it is dropped before.
//!
//! A batch is few round trips: what belongs together is sent together. The log is appended to last, right before the
//! commit, so that the heads of its partitions are locked as shortly as can be.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use engine::store::{Existing, NextDue, Stream};
use engine::{Claimed, Fault, Key, Leased, Loaded, Record, Scheduled, Service, Transaction, Writes};
use futures::FutureExt;
use futures::future::{BoxFuture, join_all};
use jiff::Timestamp;

use crate::engine_tables::{claims, cursors, dead_letters, journal, log, schedule, streams};
use crate::fault::ABORTED;
use crate::session::{Database, Session};
use crate::tables::Tables;

/// A transaction of a service.
pub(crate) struct PostgresTransaction<S: Service> {
    /// None behind a commit.
    session: Option<Session>,
    tables: Arc<dyn Tables<S>>,
    partitions: u16,
    /// Claims that were asked for and not made yet, by their digests.
    asked: Vec<Vec<u8>>,
    events: Vec<Arc<Record>>,
    /// Whether rows were put into the schedule.
    scheduled: bool,
    database: Database,
    /// Something was refused half way: it must not commit.
    broken: Option<Fault>,
}

type Work<'w> = BoxFuture<'w, Result<(), Fault>>;

impl<S: Service> PostgresTransaction<S> {
    /// A transaction on a connection that is in one.
    pub fn new(session: Session, database: Database, tables: Arc<dyn Tables<S>>, partitions: u16) -> Self {
        let (session, asked, events) = (Some(session), Vec::new(), Vec::new());
        Self { session, tables, partitions, asked, events, scheduled: false, database, broken: None }
    }

    /// The connection, unless something was refused: then PostgreSQL takes no more.
    fn session(&self) -> Result<&Session, Fault> {
        match (&self.broken, &self.session) {
            (Some(fault), _) => Err(fault.clone()),
            (None, Some(session)) => Ok(session),
            (None, None) => Err(Fault::Unavailable("the transaction has ended".to_owned())),
        }
    }

    fn note<T>(&mut self, result: Result<T, Fault>) -> Result<T, Fault> {
        self.broken = self.broken.take().or_else(|| result.as_ref().err().cloned());
        result
    }

    async fn load_all(&self, writes: &[Key], reads: &[Key]) -> Result<Vec<Loaded<S::State>>, Fault> {
        let session = self.session()?;
        let (locked, read) =
            futures::join!(self.load_some(session, writes, true), self.load_some(session, reads, false));
        let mut loaded = locked?;
        loaded.extend(read?);
        Ok(loaded)
    }

    /// Streams before states: that is the order in which everybody locks them.
    async fn load_some(
        &self,
        session: &Session,
        keys: &[Key],
        lock: bool,
    ) -> Result<Vec<Loaded<S::State>>, Fault> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let (streams, states) =
            futures::join!(streams::load::<S>(session, keys, lock), self.tables.load(session, keys, lock));
        let mut streams: HashMap<Key, Stream> = streams?.into_iter().collect();
        let mut states: HashMap<Key, S::State> = states?.into_iter().collect();
        let loaded = keys.iter().map(|key| Loaded {
            key: key.clone(),
            state: states.remove(key).map(Arc::new),
            stream: streams.remove(key),
        });
        Ok(loaded.collect())
    }

    async fn write_all(&self, writes: &Writes<S::State>) -> Result<(), Fault> {
        let session = self.session()?;
        log::check_own(S::NAME, &writes.events)?;
        let of = |wanted| move |existing: &Existing| *existing == wanted;
        let (is_new, is_old) = (of(Existing::No), of(Existing::Yes));
        let states = |is: &dyn Fn(&Existing) -> bool| {
            let states = writes.states.iter().filter(|(_, _, existing)| is(existing));
            states.map(|(key, state, _)| (key, &**state)).collect::<Vec<_>>()
        };
        let marks = |is: &dyn Fn(&Existing) -> bool| {
            let streams = writes.streams.iter().filter(|(_, _, existing)| is(existing));
            streams.map(|(key, stream, _)| (key, stream)).collect::<Vec<_>>()
        };
        let (new_states, old_states) = (states(&is_new), states(&is_old));
        let (new_streams, old_streams) = (marks(&is_new), marks(&is_old));
        let put: Vec<_> = writes.scheduled.iter().filter_map(|(_, _, row)| row.as_ref()).collect();
        let gone = writes.scheduled.iter().filter(|(_, _, row)| row.is_none());
        let gone: Vec<_> = gone.map(|(key, name, _)| (key, name.as_str())).collect();

        let work: [(bool, Work<'_>); 9] = [
            (writes.claims.is_empty(), claims::insert(session, &writes.claims).boxed()),
            (new_streams.is_empty(), streams::insert(session, &new_streams).boxed()),
            (old_streams.is_empty(), streams::update(session, &old_streams).boxed()),
            (new_states.is_empty(), self.tables.insert(session, &new_states)),
            (old_states.is_empty(), self.tables.update(session, &old_states)),
            (writes.notes.is_empty(), journal::append(session, &writes.notes).boxed()),
            (gone.is_empty(), schedule::delete(session, &gone).boxed()),
            (put.is_empty(), schedule::put(session, &put).boxed()),
            (writes.cursors.is_empty(), cursors::put(session, &writes.cursors).boxed()),
        ];
        let work = work.into_iter().filter(|(is_empty, _)| !is_empty).map(|(_, work)| work);
        worst(join_all(work).await)?;
        // Behind what the schedule's rows say of their dead letters.
        dead_letters::write(session, &writes.dead_letters).await
    }

    async fn commit_all(&self) -> Result<(), Fault> {
        let session = self.session()?;
        let mut work: Vec<Work<'_>> = Vec::new();
        if !self.asked.is_empty() {
            work.push(claims::take_back(session, &self.asked).boxed());
        }
        if !self.events.is_empty() {
            work.push(log::append(session, self.partitions, &self.events).boxed());
        }
        worst(join_all(work).await)?;
        // Alone: a statement that has yet to be prepared would else be sent behind it, and stand outside.
        session.batch("COMMIT").await
    }
}

/// The error that the others come from.
fn worst(results: Vec<Result<(), Fault>>) -> Result<(), Fault> {
    let is_aborted = |fault: &Fault| matches!(fault, Fault::Unavailable(reason) if reason == ABORTED);
    let mut faults: Vec<Fault> = results.into_iter().filter_map(Result::err).collect();
    let first = faults.iter().position(|fault| !is_aborted(fault)).unwrap_or(0);
    if faults.is_empty() { Ok(()) } else { Err(faults.swap_remove(first)) }
}

#[async_trait]
impl<S: Service> Transaction<S> for PostgresTransaction<S> {
    async fn claim(&mut self, ids: &[&str]) -> Result<Vec<Option<Claimed>>, Fault> {
        let found = claims::ask(self.session()?, ids).await;
        let mut found = self.note(found)?;
        let mut claimed = Vec::with_capacity(ids.len());
        for id in ids {
            let digest = claims::digest(id);
            claimed.push(found.remove(&digest));
            if claimed.last().is_some_and(Option::is_none) {
                self.asked.push(digest);
            }
        }
        Ok(claimed)
    }

    async fn load(&mut self, writes: &[Key], reads: &[Key]) -> Result<Vec<Loaded<S::State>>, Fault> {
        let loaded = self.load_all(writes, reads).await;
        self.note(loaded)
    }

    async fn rows(&mut self, keys: &[Key]) -> Result<Vec<Scheduled>, Fault> {
        let rows = schedule::of(self.session()?, keys).await;
        self.note(rows)
    }

    async fn due(&mut self, now: Timestamp, limit: usize) -> Result<Vec<Scheduled>, Fault> {
        let due = schedule::due(self.session()?, now, limit).await;
        self.note(due)
    }

    async fn next_due(&mut self) -> Result<NextDue, Fault> {
        let next = schedule::next_due(self.session()?).await;
        self.note(next)
    }

    async fn write(&mut self, writes: Writes<S::State>) -> Result<(), Fault> {
        let written = self.write_all(&writes).await;
        self.note(written)?;
        self.scheduled |= writes.scheduled.iter().any(|(_, _, row)| row.is_some());
        self.events.extend(writes.events);
        Ok(())
    }

    async fn lease(&mut self, now: Timestamp, until: Timestamp, limit: usize) -> Result<Vec<Leased>, Fault> {
        let leased = schedule::lease(self.session()?, now, until, limit).await;
        self.note(leased)
    }

    async fn commit(mut self: Box<Self>) -> Result<(), Fault> {
        self.commit_all().await?;
        let ring = self.database.ring(!self.events.is_empty(), self.scheduled);
        if let (Some(ring), Some(session)) = (ring, &self.session)
            && let Err(fault) = session.batch(&ring).await
        {
            // It is committed all the same. Who was not woken looks by himself.
            tracing::debug!(%fault, "the bell could not be rung");
        }
        // Back to the others: there is nothing left to undo.
        drop(self.session.take());
        Ok(())
    }
}

impl<S: Service> Drop for PostgresTransaction<S> {
    fn drop(&mut self) {
        if let Some(session) = self.session.take() {
            session.discard();
        }
    }
}
