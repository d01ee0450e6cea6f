//! The store of one service: its schema in a database.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use engine::outbox::{Forwarded, Hold, Parked};
use engine::store::Stream;
use engine::{
    Cursors, DeadLetter, DeadLetterState, DeadLetters, Fault, FiledLetter, Key, LetterQuestion, Log, Note,
    Outbox, Record, Scheduled, Service, Signal, Store, Transaction,
};
use jiff::Timestamp;
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::engine_tables::{claims, cursors, dead_letters, journal, log, outbox, streams};
use crate::migrations::Migrations;
use crate::open_error::OpenError;
use crate::session::{Database, Session};
use crate::tables::Tables;
use crate::transaction::PostgresTransaction;

/// The store of one service in a schema of its own. Any number of them, in any number of processes, may be on one schema.
pub struct PostgresStore<S: Service> {
    database: Database,
    tables: Arc<dyn Tables<S>>,
    partitions: u16,
    /// Those who listen for other processes.
    listening: Mutex<Vec<JoinHandle<()>>>,
}

impl<S: Service> PostgresStore<S> {
    /// Opens the service's schema, made if need be, and migrates it. One that was opened before, and lacks nothing, is not
    /// changed.
    ///
    /// # Errors
    /// [`OpenError`], one line for an operator.
    pub async fn open(database: Database, tables: impl Tables<S>) -> Result<Self, OpenError> {
        for migration in Migrations::new(&database, &tables).up().await? {
            tracing::info!(schema = database.schema(), migration, "migrated");
        }
        let prepared =
            async { log::prepare(&database.session().await?, database.settings().partitions).await };
        prepared.await.map_err(|fault| OpenError::of(S::NAME, fault))?;
        Self::look_on(database, tables).await
    }

    /// Opens the service's schema as it is, which is not changed.
    ///
    /// # Errors
    /// [`OpenError::Unavailable`] or [`OpenError::Unfit`] if the schema cannot be read.
    pub async fn look_on(database: Database, tables: impl Tables<S>) -> Result<Self, OpenError> {
        let partitions = async { log::partitions(&database.session().await?).await };
        let partitions = partitions.await.map_err(|fault| OpenError::of(S::NAME, fault))?;
        Ok(Self { database, tables: Arc::new(tables), partitions, listening: Mutex::default() })
    }

    /// A connection outside of any transaction, for the service's queries.
    ///
    /// # Errors
    /// [`Fault::Unavailable`].
    pub async fn session(&self) -> Result<Session, Fault> {
        self.database.session().await
    }

    /// Up to `limit` dead letters in this state, the newest first.
    ///
    /// # Errors
    /// [`Fault`] if they cannot be read.
    pub async fn dead_letters(&self, state: DeadLetterState, limit: usize) -> Result<Vec<DeadLetter>, Fault> {
        dead_letters::list(&self.session().await?, state, limit).await
    }

    /// What is dead of the messages and jobs about `key`, in any state.
    ///
    /// # Errors
    /// [`Fault`] if it cannot be read.
    pub async fn dead_letters_of(&self, key: &Key) -> Result<Vec<DeadLetter>, Fault> {
        dead_letters::of(&self.session().await?, key).await
    }

    /// The journal of `key`, the oldest note first.
    ///
    /// # Errors
    /// [`Fault`] if it cannot be read.
    pub async fn journal(&self, key: &Key) -> Result<Vec<Note>, Fault> {
        journal::of(&self.session().await?, key).await
    }
}

#[async_trait]
impl<S: Service> Store<S> for PostgresStore<S> {
    async fn begin(&self) -> Result<Box<dyn Transaction<S>>, Fault> {
        let session = self.database.transaction().await?;
        let (database, tables) = (self.database.clone(), Arc::clone(&self.tables));
        Ok(Box::new(PostgresTransaction::new(session, database, tables, self.partitions)))
    }

    /// Whoever has a lease may be alive in another process: leases expire.
    async fn recover(&self) -> Result<(), Fault> {
        Ok(())
    }

    async fn forget(&self, now: Timestamp, limit: usize) -> Result<usize, Fault> {
        claims::forget(&self.session().await?, now, limit).await
    }

    fn listen(&self, published: Vec<Signal>, scheduled: Signal) {
        let listening = self.database.listen(published, scheduled);
        self.listening.lock().unwrap_or_else(PoisonError::into_inner).extend(listening);
    }
}

impl<S: Service> Drop for PostgresStore<S> {
    fn drop(&mut self) {
        let listening = self.listening.get_mut().unwrap_or_else(PoisonError::into_inner);
        listening.iter().for_each(JoinHandle::abort);
    }
}

#[async_trait]
impl<S: Service> Log for PostgresStore<S> {
    fn partitions(&self) -> u16 {
        self.partitions
    }

    async fn read(&self, partition: u16, after: u64, limit: usize) -> Result<Vec<(u64, Arc<Record>)>, Fault> {
        log::read(&self.session().await?, S::NAME, partition, after, limit).await
    }

    async fn head(&self, partition: u16) -> Result<u64, Fault> {
        log::head(&self.session().await?, partition).await
    }

    async fn trim(&self, partition: u16, through: u64, limit: usize) -> Result<usize, Fault> {
        log::trim(&self.session().await?, partition, through, limit).await
    }
}

#[async_trait]
impl<S: Service> Cursors for PostgresStore<S> {
    async fn cursors(&self, source: &str) -> Result<Vec<(u16, u64)>, Fault> {
        cursors::of(&self.session().await?, source).await
    }

    async fn streams(&self, keys: &[Key]) -> Result<Vec<(Key, Stream)>, Fault> {
        streams::load::<S>(&self.session().await?, keys, false).await
    }
}

#[async_trait]
impl<S: Service> Outbox for PostgresStore<S> {
    async fn hold(&self, relay: Uuid, now: Timestamp, until: Timestamp) -> Result<Vec<Hold>, Fault> {
        outbox::hold(&self.session().await?, S::NAME, relay, now, until).await
    }

    async fn backlog(&self, holds: &[Hold], limit: usize) -> Result<Vec<(u16, u64, Arc<Record>)>, Fault> {
        log::backlog(&self.session().await?, S::NAME, holds, limit).await
    }

    async fn release(&self, relay: Uuid) -> Result<(), Fault> {
        outbox::release(&self.session().await?, relay).await
    }

    async fn forward(&self, now: Timestamp, work: Vec<Forwarded>) -> Result<Vec<u16>, Fault> {
        if work.iter().all(|done| done.park.is_empty() && done.unpark.is_empty()) {
            return outbox::forward(&self.session().await?, S::NAME, &work).await;
        }
        let session = self.database.guarded(self.database.begin()).await?;
        let lost = outbox::forward(&session, S::NAME, &work).await?;
        for done in work.iter().filter(|done| !lost.contains(&done.hold.partition)) {
            outbox::park(&session, done.hold.partition, &done.park).await?;
            outbox::unpark(&session, done.hold.partition, &done.unpark, now).await?;
        }
        session.commit().await?;
        Ok(lost)
    }

    async fn parked_keys(&self, keys: &[Key]) -> Result<Vec<Key>, Fault> {
        outbox::parked_keys(&self.session().await?, keys).await
    }

    async fn due_parked(&self, partition: u16, now: Timestamp, limit: usize) -> Result<Vec<Parked>, Fault> {
        outbox::due(&self.session().await?, S::NAME, partition, now, limit).await
    }
}

#[async_trait]
impl<S: Service> DeadLetters for PostgresStore<S> {
    async fn letters(&self, question: &LetterQuestion) -> Result<Vec<FiledLetter>, Fault> {
        dead_letters::ask(&self.session().await?, question).await
    }

    async fn letter(&self, key: &Key, name: &str) -> Result<Option<(FiledLetter, Option<Scheduled>)>, Fault> {
        dead_letters::find(&self.session().await?, key, name).await
    }

    async fn forget_letters(&self, before: Timestamp, limit: usize) -> Result<usize, Fault> {
        dead_letters::forget(&self.session().await?, before, limit).await
    }
}
