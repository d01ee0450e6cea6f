//! The search index in a file of its own, beside those of the services.
//!
//! It never makes a service wait, since nobody else writes to its file, and may lose its last commits when the machine fails:
//! what they said is read again. A file of another version is thrown away, and so is one that is broken, at the start or later: it is
//! filled again from the orders. A file that cannot be opened or written for another reason, or is of another program, stays.
//!
//! Terms lie in a full-text table of SQLite's, written as words. What grows best at its end is kept so: an order's place in the
//! index follows from its id, so that the newest come last and are found first.

mod file;
mod find;
mod place;
mod tables;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};

use async_trait::async_trait;
use engine::{Cursors, Fault, Key, Service, Stream};
use jiff::Timestamp;
use orders::Orders;
use rusqlite::Connection;
use search::{Entry, Found, Index, Position, Sweep, Term};
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::directory::DataDirectory;
use crate::fault::fault;
use crate::open_error::OpenError;
use crate::readers::Readers;
use crate::scans::Scans;
use crate::transaction::{begin, commit, roll_back};

/// What the file is called.
const NAME: &str = "search";
/// The page cache of each reader, KiB.
const READER_CACHE_KIB: u32 = 4 << 10;

/// The search index of an embedded shop.
pub struct SqliteIndex {
    file: PathBuf,
    writer: Mutex<Writer>,
    /// Held while anybody reads, so that nobody does while the file is made anew.
    readers: RwLock<Readers>,
    scans: Scans,
    /// How many times the file was made anew, as far as that is over.
    renewals: AtomicU64,
    /// Whether it was made anew behind the back of those who read, and is not filled yet.
    is_refilled: AtomicBool,
    _directory: DataDirectory,
}

/// Who writes.
#[derive(Default)]
struct Writer {
    /// None: the file could not be made anew yet.
    conn: Option<Connection>,
    /// Whether the indexer has asked how far this file is. What it knows of an earlier one must not get into this one.
    is_known: bool,
}

impl SqliteIndex {
    /// Opens the index of the directory, made if need be. One of another version, or a broken one, is replaced by an empty one.
    ///
    /// # Errors
    /// [`OpenError`], one line for an operator.
    pub fn open(directory: &DataDirectory) -> Result<Self, OpenError> {
        let file = directory.file(NAME);
        let writer = Writer { conn: Some(file::open(&file)?), is_known: false };
        let readers = RwLock::new(Readers::new(file.clone(), READER_CACHE_KIB));
        let (writer, scans, renewals) = (Mutex::new(writer), Scans::new(), AtomicU64::new(0));
        let (is_refilled, directory) = (AtomicBool::new(false), directory.clone());
        Ok(Self { file, writer, readers, scans, renewals, is_refilled, _directory: directory })
    }

    fn ask<T>(&self, query: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, Fault> {
        self.readers.read().unwrap_or_else(PoisonError::into_inner).read(query).map_err(fault)
    }

    /// What there is, unless it is only a part of what was there a moment ago.
    fn find_whole(&self, find: impl FnOnce(&Connection) -> rusqlite::Result<Found>) -> Result<Found, Fault> {
        let found = self.ask(|conn| {
            let is_part = self.is_refilled.load(Ordering::Acquire) && !is_filled(conn)?;
            if is_part { Ok(None) } else { find(conn).map(Some) }
        });
        let refilled = || Fault::Unavailable("the search index is being filled again; try again".to_owned());
        found?.ok_or_else(refilled)
    }

    /// Makes a broken index anew, unless somebody has done so since there were so many `renewals`.
    async fn renew(&self, renewals: u64, reason: &str) -> Result<(), Fault> {
        let mut writer = self.writer.lock().await;
        match self.renewals.load(Ordering::Acquire) == renewals {
            true => self.renew_with(&mut writer, reason),
            false => Ok(()),
        }
    }

    fn renew_with(&self, writer: &mut Writer, reason: &str) -> Result<(), Fault> {
        let mut readers = self.readers.write().unwrap_or_else(PoisonError::into_inner);
        // Nobody may have the file open while it is replaced.
        *writer = Writer::default();
        *readers = Readers::new(self.file.clone(), READER_CACHE_KIB);
        self.is_refilled.store(true, Ordering::Release);
        let conn = file::replace_broken(&self.file, reason);
        writer.conn = Some(conn.map_err(|error| Fault::Unavailable(error.to_string()))?);
        self.renewals.fetch_add(1, Ordering::Release);
        Ok(())
    }
}

fn is_filled(conn: &Connection) -> rusqlite::Result<bool> {
    Ok(tables::position(conn)?.sweep == Sweep::Done)
}

fn write(conn: &Connection, entries: &[Entry], position: &Position) -> Result<(), Fault> {
    begin(conn)?;
    let put = tables::put(conn, entries).and_then(|()| tables::set_position(conn, position));
    let put = put.map_err(fault).and_then(|()| commit(conn));
    roll_back(conn);
    put
}

#[async_trait]
impl Index for SqliteIndex {
    async fn position(&self) -> Result<Position, Fault> {
        let renewals = self.renewals.load(Ordering::Acquire);
        match self.ask(tables::position) {
            Err(Fault::Corrupt(reason)) => {
                self.renew(renewals, &reason).await?;
                self.ask(tables::position)
            }
            position => position,
        }
    }

    /// The directory is this process's, so nobody else has a turn.
    async fn turn(
        &self,
        _indexer: Uuid,
        _now: Timestamp,
        _until: Timestamp,
    ) -> Result<Option<Position>, Fault> {
        let mut writer = self.writer.lock().await;
        if writer.conn.is_none() {
            self.renew_with(&mut writer, "it could not be made anew before")?;
        }
        let position = match self.ask(tables::position) {
            Err(Fault::Corrupt(reason)) => {
                self.renew_with(&mut writer, &reason)?;
                self.ask(tables::position)?
            }
            position => position?,
        };
        writer.is_known = true;
        Ok(Some(position))
    }

    /// A broken file is made anew, and nothing is put into that, since the indexer does not know it.
    async fn put(&self, _indexer: Uuid, entries: &[Entry], position: &Position) -> Result<bool, Fault> {
        let mut writer = self.writer.lock().await;
        let Writer { conn: Some(conn), is_known: true } = &*writer else { return Ok(false) };
        match write(conn, entries, position) {
            Err(Fault::Corrupt(reason)) => {
                // Where it breaks again before it is filled, the disk is to blame, and hurry does not help.
                let is_again = self.is_refilled.load(Ordering::Acquire);
                self.renew_with(&mut writer, &reason)?;
                if is_again { Err(Fault::Corrupt(reason)) } else { Ok(false) }
            }
            written => {
                written?;
                if position.sweep == Sweep::Done {
                    self.is_refilled.store(false, Ordering::Release);
                }
                Ok(true)
            }
        }
    }

    async fn find(&self, terms: &[Term], from: Uuid, before: Uuid, limit: usize) -> Result<Found, Fault> {
        let renewals = self.renewals.load(Ordering::Acquire);
        let find = |conn: &Connection| find::find(conn, terms, from, before, limit);
        let found = self.scans.run(|| self.find_whole(find)).await;
        if let Err(Fault::Corrupt(reason)) = &found {
            self.renew(renewals, reason).await?;
            return self.scans.run(|| self.find_whole(find)).await;
        }
        found
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
