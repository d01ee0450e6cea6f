//! The search index in a file of its own, beside those of the services.
//!
//! It never makes a service wait, since nobody else writes to its file, and may lose its last commits when the machine fails:
//! what they said is read again. A file of another version is thrown away, and so may be one that is broken: it is filled again from
//! the orders.
//!
//! Terms lie in a full-text table of SQLite's, written as words. What grows best at its end is kept so: an order's place in the
//! index follows from its id, so that the newest come last and are found first.

mod find;
mod place;
mod tables;

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use engine::{Cursors, Fault, Key, Service, Stream};
use jiff::Timestamp;
use orders::Orders;
use rusqlite::Connection;
use search::{Entry, Found, Index, Position, Term};
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::connection;
use crate::directory::DataDirectory;
use crate::fault::fault;
use crate::migrations::unopened;
use crate::open_error::OpenError;
use crate::readers::Readers;
use crate::scans::Scans;
use crate::transaction::{begin, commit, roll_back};

/// What the file is called.
const NAME: &str = "search";
/// The page cache of the writer and of each reader, KiB.
const WRITER_CACHE_KIB: u32 = 8 << 10;
const READER_CACHE_KIB: u32 = 4 << 10;

/// The search index of an embedded shop.
pub struct SqliteIndex {
    writer: Mutex<Connection>,
    readers: Readers,
    scans: Scans,
    _directory: DataDirectory,
}

impl SqliteIndex {
    /// Opens the index of the directory, made if need be. One of another version is replaced by an empty one.
    ///
    /// # Errors
    /// [`OpenError`], one line for an operator.
    pub fn open(directory: &DataDirectory) -> Result<Self, OpenError> {
        let file = directory.file(NAME);
        let writer = match open(&file)? {
            Some(writer) => writer,
            None => anew(&file)?,
        };
        let (writer, readers) = (Mutex::new(writer), Readers::new(file, READER_CACHE_KIB));
        Ok(Self { writer, readers, scans: Scans::new(), _directory: directory.clone() })
    }

    async fn read<T>(
        &self,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send,
    ) -> Result<T, Fault> {
        self.scans.run(|| self.readers.read(query).map_err(fault)).await
    }
}

/// An empty index in the place of one of another version.
fn anew(file: &Path) -> Result<Connection, OpenError> {
    tracing::info!(file = %file.display(), "the search index is of another version; it is filled again");
    remove(file).map_err(|reason| OpenError::Directory { path: file.to_owned(), reason })?;
    open(file)?.ok_or_else(|| OpenError::Newer { file: file.to_owned(), migration: NAME.to_owned() })
}

/// None: the file is of another version.
fn open(file: &Path) -> Result<Option<Connection>, OpenError> {
    let failed = |error: rusqlite::Error| unopened(file, &error);
    let conn = connection::writer(file, WRITER_CACHE_KIB).map_err(failed)?;
    // What is lost with the machine is read again.
    conn.pragma_update(None, "synchronous", "NORMAL").map_err(failed)?;
    if !connection::is_ours(&conn).map_err(failed)? {
        let reason = "it is a database of another program".to_owned();
        return Err(OpenError::NotOurs { file: file.to_owned(), reason });
    }
    connection::mark_ours(&conn).map_err(failed)?;
    let is_known = tables::prepare(&conn).map_err(failed)?;
    Ok(is_known.then_some(conn))
}

/// Removes the file, with what SQLite has put beside it.
fn remove(file: &Path) -> std::io::Result<()> {
    for suffix in ["", "-wal", "-shm"] {
        let mut path = file.as_os_str().to_owned();
        path.push(suffix);
        match std::fs::remove_file(PathBuf::from(path)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

#[async_trait]
impl Index for SqliteIndex {
    async fn position(&self) -> Result<Position, Fault> {
        self.readers.read(tables::position).map_err(fault)
    }

    /// The directory is this process's, so nobody else has a turn.
    async fn turn(
        &self,
        _indexer: Uuid,
        _now: Timestamp,
        _until: Timestamp,
    ) -> Result<Option<Position>, Fault> {
        self.position().await.map(Some)
    }

    async fn put(&self, _indexer: Uuid, entries: &[Entry], position: &Position) -> Result<bool, Fault> {
        let conn = self.writer.lock().await;
        begin(&conn)?;
        let put = tables::put(&conn, entries).and_then(|()| tables::set_position(&conn, position));
        let put = put.map_err(fault).and_then(|()| commit(&conn));
        roll_back(&conn);
        put.map(|()| true)
    }

    async fn find(&self, terms: &[Term], from: Uuid, before: Uuid, limit: usize) -> Result<Found, Fault> {
        self.read(|conn| find::find(conn, terms, from, before, limit)).await
    }
}

#[async_trait]
impl Cursors for SqliteIndex {
    async fn cursors(&self, source: &str) -> Result<Vec<(u16, u64)>, Fault> {
        match source == Orders::NAME {
            true => Ok((0..).zip(self.position().await?.offsets).collect()),
            false => Ok(Vec::new()),
        }
    }

    async fn streams(&self, _keys: &[Key]) -> Result<Vec<(Key, Stream)>, Fault> {
        Ok(Vec::new())
    }
}
