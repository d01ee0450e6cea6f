//! The store of one service: its file, its writer, its readers, and what of it is kept in memory.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use engine::outbox::{Forwarded, Hold, Parked};
use engine::store::Stream;
use engine::{
    Cursors, DeadLetter, DeadLetterState, Fault, Key, Log, Note, Outbox, Record, Service, Store, Transaction,
};
use jiff::Timestamp;
use rusqlite::Connection;
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::cache::Cache;
use crate::connection;
use crate::directory::DataDirectory;
use crate::engine_tables::{claims, cursors, dead_letters, journal, log, outbox, schedule, streams};
use crate::fault::fault;
use crate::migrations::{Migrations, unopened};
use crate::open_error::OpenError;
use crate::readers::Readers;
use crate::scans::Scans;
use crate::shared::Shared;
use crate::tables::Tables;
use crate::tail::Tail;
use crate::transaction::{SqliteTransaction, begin, commit, roll_back};
use crate::writing::Writing;

/// The limits of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SqliteSettings {
    /// Partitions of the log of a new file; an old one keeps its own. One is fastest: a single place to append.
    pub partitions: u16,
    /// States kept in memory.
    pub hot_states: usize,
    /// Log records kept in memory.
    pub hot_records: usize,
    /// The page cache of the writer, KiB.
    pub writer_cache_kib: u32,
    /// The page cache of each reader, KiB.
    pub reader_cache_kib: u32,
}

impl Default for SqliteSettings {
    fn default() -> Self {
        Self {
            partitions: 1,
            hot_states: 10_000,
            hot_records: 4_096,
            writer_cache_kib: 8 << 10,
            reader_cache_kib: 4 << 10,
        }
    }
}

/// The store of one service in one SQLite file. It must be the only one on its file, which the directory's lock and the
/// wiring see to.
pub struct SqliteStore<S: Service> {
    writer: Arc<Mutex<Connection>>,
    shared: Arc<Shared<S>>,
}

impl<S: Service> SqliteStore<S> {
    /// Opens the service's file in the directory, made if need be, and migrates it.
    ///
    /// # Errors
    /// [`OpenError`], one line for an operator.
    pub fn open(
        directory: &DataDirectory,
        tables: impl Tables<S>,
        settings: SqliteSettings,
    ) -> Result<Self, OpenError> {
        let file = directory.file(S::NAME);
        let mut migrations = Migrations::with_cache(directory, &tables, settings.writer_cache_kib)?;
        for migration in migrations.up()? {
            tracing::info!(file = %file.display(), migration, "migrated");
        }
        let conn = migrations.into_connection();
        let heads = log::prepare(&conn, settings.partitions).map_err(|error| unopened(&file, &error))?;
        let shared = Shared {
            tables: Box::new(tables),
            cache: Cache::new(settings.hot_states),
            tail: Tail::new(&heads, settings.hot_records),
            readers: Readers::new(file.clone(), settings.reader_cache_kib),
            scans: Scans::new(),
            writing: Writing::default(),
            file,
            _directory: directory.clone(),
        };
        Ok(Self { writer: Arc::new(Mutex::new(conn)), shared: Arc::new(shared) })
    }

    /// Opens the service's file for its queries alone, also beside the process that holds the directory. It is not
    /// migrated, and whatever would write fails.
    ///
    /// # Errors
    /// [`OpenError::Unavailable`] if there is no such file, or it cannot be read.
    pub fn look_on(directory: &DataDirectory, tables: impl Tables<S>) -> Result<Self, OpenError> {
        let file = directory.file(S::NAME);
        let cache_kib = SqliteSettings::default().reader_cache_kib;
        let conn = connection::reader(&file, cache_kib).map_err(|error| unopened(&file, &error))?;
        let partitions = log::partitions(&conn).map_err(|error| unopened(&file, &error))?;
        let shared = Shared {
            tables: Box::new(tables),
            cache: Cache::new(0),
            tail: Tail::unknown(partitions),
            readers: Readers::new(file.clone(), cache_kib),
            scans: Scans::new(),
            writing: Writing::default(),
            file,
            _directory: directory.clone(),
        };
        Ok(Self { writer: Arc::new(Mutex::new(conn)), shared: Arc::new(shared) })
    }

    /// The file.
    pub fn file(&self) -> &Path {
        &self.shared.file
    }

    /// The state under `key` as it was last committed, if it is in memory. None says nothing: read the file.
    pub fn hot(&self, key: &Key) -> Option<Arc<S::State>> {
        self.shared.cache.state(key)
    }

    /// Reads what is committed. For the service's queries: it waits for the disk, never for the writer.
    ///
    /// # Errors
    /// What SQLite's error means to the engine.
    pub fn query<T>(&self, query: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, Fault> {
        self.shared.readers.read(query).map_err(fault)
    }

    /// Like [`Self::query`], for what may read many rows.
    pub(crate) async fn scan_rows<T>(
        &self,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send,
    ) -> Result<T, Fault> {
        self.shared.scans.run(|| self.query(query)).await
    }

    /// Up to `limit` dead letters in this state, the newest first.
    ///
    /// # Errors
    /// [`Fault`] if they cannot be read.
    pub fn dead_letters(&self, state: DeadLetterState, limit: usize) -> Result<Vec<DeadLetter>, Fault> {
        self.query(|conn| dead_letters::list(conn, state, limit))
    }

    /// The journal of `key`, the oldest note first.
    ///
    /// # Errors
    /// [`Fault`] if it cannot be read.
    pub fn journal(&self, key: &Key) -> Result<Vec<Note>, Fault> {
        self.query(|conn| journal::of(conn, key))
    }

    /// Changes the engine's own tables in a transaction.
    async fn change<T>(
        &self,
        change: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send,
    ) -> Result<T, Fault> {
        let writer = self.writer.lock().await;
        let before = writer.total_changes();
        let changed = begin(&writer)
            .and_then(|()| change(&writer).map_err(fault))
            .and_then(|answer| commit(&writer).map(|()| answer));
        roll_back(&writer);
        self.shared.writing.heed(&changed, writer.total_changes() > before);
        changed
    }
}

#[async_trait]
impl<S: Service> Store<S> for SqliteStore<S> {
    async fn begin(&self) -> Result<Box<dyn Transaction<S>>, Fault> {
        let writer = Arc::clone(&self.writer).lock_owned().await;
        Ok(Box::new(SqliteTransaction::begin(writer, Arc::clone(&self.shared))?))
    }

    /// This process holds the directory, so whoever had a lease is dead.
    async fn recover(&self) -> Result<(), Fault> {
        let released = self.change(schedule::release_all).await?;
        self.change(|conn| outbox::release(conn, None)).await?;
        if released > 0 {
            tracing::info!(service = S::NAME, released, "freed the leases of an earlier process");
        }
        Ok(())
    }

    async fn forget(&self, now: Timestamp, limit: usize) -> Result<usize, Fault> {
        self.change(|conn| claims::forget(conn, now, limit)).await
    }

    async fn check(&self) -> Result<(), Fault> {
        self.query(|conn| cursors::of(conn, "").map(drop))?;
        match self.shared.writing.is_doubted() {
            true => self.change(schedule::skip_token).await,
            false => Ok(()),
        }
    }
}

#[async_trait]
impl<S: Service> Log for SqliteStore<S> {
    fn partitions(&self) -> u16 {
        self.shared.tail.partitions()
    }

    async fn read(&self, partition: u16, after: u64, limit: usize) -> Result<Vec<(u64, Arc<Record>)>, Fault> {
        match self.shared.tail.read(partition, after, limit) {
            Some(records) => Ok(records),
            None => self.query(|conn| log::read(conn, S::NAME, partition, after, limit)),
        }
    }

    async fn head(&self, partition: u16) -> Result<u64, Fault> {
        match self.shared.tail.head(partition) {
            Some(head) => Ok(head),
            None => self.query(|conn| log::head(conn, partition)),
        }
    }

    async fn trim(&self, partition: u16, through: u64, limit: usize) -> Result<usize, Fault> {
        let trimmed = self.change(|conn| log::trim(conn, partition, through, limit)).await?;
        let Some((rows, last)) = trimmed else { return Ok(0) };
        self.shared.tail.trim(partition, last);
        Ok(rows)
    }
}

#[async_trait]
impl<S: Service> Cursors for SqliteStore<S> {
    async fn cursors(&self, source: &str) -> Result<Vec<(u16, u64)>, Fault> {
        self.query(|conn| cursors::of(conn, source))
    }

    async fn streams(&self, keys: &[Key]) -> Result<Vec<(Key, Stream)>, Fault> {
        self.query(|conn| {
            let stream = |key: &Key| Ok(streams::load::<S>(conn, key)?.map(|stream| (key.clone(), stream)));
            keys.iter().filter_map(|key| stream(key).transpose()).collect()
        })
    }
}

#[async_trait]
impl<S: Service> Outbox for SqliteStore<S> {
    async fn hold(&self, relay: Uuid, now: Timestamp, until: Timestamp) -> Result<Vec<Hold>, Fault> {
        self.change(|conn| outbox::hold(conn, S::NAME, relay, now, until)).await
    }

    async fn release(&self, relay: Uuid) -> Result<(), Fault> {
        self.change(|conn| outbox::release(conn, Some(relay))).await
    }

    async fn forward(&self, now: Timestamp, work: Vec<Forwarded>) -> Result<Vec<u16>, Fault> {
        self.change(|conn| outbox::forward(conn, S::NAME, now, &work)).await
    }

    async fn parked_keys(&self, keys: &[Key]) -> Result<Vec<Key>, Fault> {
        self.query(|conn| outbox::parked_keys(conn, keys))
    }

    async fn due_parked(&self, partition: u16, now: Timestamp, limit: usize) -> Result<Vec<Parked>, Fault> {
        self.query(|conn| outbox::due(conn, S::NAME, partition, now, limit))
    }
}
