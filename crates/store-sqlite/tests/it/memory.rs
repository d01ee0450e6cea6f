//! What is kept in memory never says anything but what is committed.
#![allow(clippy::unwrap_used, reason = "the whole file is a test")]

use std::collections::HashSet;
use std::sync::Arc;

use crate::common::{FIRST, Small, SmallTables, open};
use async_trait::async_trait;
use engine::reading::Reading;
use engine::store::{Existing, Stream, Writes};
use engine::{Cursors, Fault, Key, Record, Service, Store};
use futures::executor::block_on;
use jiff::Timestamp;
use rusqlite::Connection;
use store_sqlite::{DataDirectory, SqliteStore};
use tempfile::TempDir;

fn writes(number: u32, existing: Existing) -> Writes<u32> {
    Writes {
        now: Timestamp::UNIX_EPOCH,
        claims: vec![],
        states: vec![(key(), Arc::new(number), existing)],
        streams: vec![],
        notes: vec![],
        events: vec![Arc::new(Record {
            source: Small::NAME.to_owned(),
            key: key(),
            sequence: Some(u64::from(number)),
            foreign_id: None,
            steps: None,
            kind: "small.changed".to_owned(),
            time: Timestamp::UNIX_EPOCH,
            data: "{}".to_owned(),
        })],
        scheduled: vec![],
        dead_letters: vec![],
        cursors: vec![],
    }
}

fn key() -> Key {
    Key::name("a")
}

fn store() -> (TempDir, SqliteStore<Small>) {
    let temporary = TempDir::new().unwrap();
    let directory = DataDirectory::open(temporary.path()).unwrap();
    let store = open(&directory, FIRST).unwrap();
    (temporary, store)
}

/// Loads and writes; commits if told so.
fn change(store: &SqliteStore<Small>, number: u32, existing: Existing, commits: bool) {
    block_on(async {
        let mut tx = store.begin().await.unwrap();
        tx.load(&[key()], &[]).await.unwrap();
        tx.write(writes(number, existing)).await.unwrap();
        assert_ne!(store.hot(&key()).as_deref(), Some(&number), "not before the commit");
        if commits {
            tx.commit().await.unwrap();
        }
    });
}

#[test]
fn a_hot_state_is_the_committed_one() {
    let (_temporary, store) = store();
    assert_eq!(store.hot(&key()), None);
    change(&store, 1, Existing::No, true);
    assert_eq!(store.hot(&key()).as_deref(), Some(&1));
    change(&store, 2, Existing::Yes, false);
    assert_ne!(store.hot(&key()).as_deref(), Some(&2));
    change(&store, 3, Existing::Yes, true);
    assert_eq!(store.hot(&key()).as_deref(), Some(&3));
}

#[test]
fn a_hot_state_is_loaded_without_the_file() {
    let (temporary, store) = store();
    change(&store, 1, Existing::No, true);
    let meddler = Connection::open(temporary.path().join("small.db")).unwrap();
    meddler.execute("UPDATE small SET number = 9", ()).unwrap();
    let loaded = block_on(async { store.begin().await.unwrap().load(&[key()], &[]).await }).unwrap();
    assert_eq!(loaded[0].state.as_deref(), Some(&1));
}

#[test]
fn the_newest_records_are_read_without_the_file_and_shared() {
    let (temporary, store) = store();
    change(&store, 1, Existing::No, true);
    let meddler = Connection::open(temporary.path().join("small.db")).unwrap();
    meddler.execute("DELETE FROM log", ()).unwrap();
    let log: &dyn engine::Log = &store;
    let read = || block_on(log.read(0, 0, 9)).unwrap();
    assert_eq!(read().len(), 1);
    assert!(Arc::ptr_eq(&read()[0].1, &read()[0].1));
}

#[test]
fn a_rejected_batch_is_forgotten_and_the_next_one_works() {
    let (temporary, store) = store();
    change(&store, 1, Existing::No, true);
    block_on(async {
        let mut tx = store.begin().await.unwrap();
        tx.load(&[key()], &[]).await.unwrap();
        tx.write(writes(1, Existing::No)).await.unwrap_err();
        assert!(tx.commit().await.is_err());
    });
    assert_eq!(store.hot(&key()), None, "what was written is not known any more");
    change(&store, 2, Existing::Yes, true);
    let log: &dyn engine::Log = &store;
    assert_eq!(block_on(log.read(0, 0, 9)).unwrap().len(), 2);
    drop(store);
    let directory = DataDirectory::open(temporary.path()).unwrap();
    let store = open(&directory, FIRST).unwrap();
    let loaded = block_on(async { store.begin().await.unwrap().load(&[key()], &[]).await }).unwrap();
    assert_eq!(loaded[0].state.as_deref(), Some(&2));
}

/// An audit reads the log beside the process that writes it.
#[test]
fn who_looks_on_reads_the_log_as_it_grows() {
    let (temporary, store) = store();
    let directory = DataDirectory::look_on(temporary.path());
    let looker = SqliteStore::look_on(&directory, SmallTables(FIRST)).unwrap();
    let reading = Reading {
        source: Small::NAME,
        consumer: "b",
        part: engine::Part::All,
        log: Arc::new(looker),
        publisher: Arc::new(Nowhere),
        cursors: Arc::new(Nowhere),
    };
    let unread = || block_on(reading.unread()).unwrap();
    assert_eq!(unread(), HashSet::new());
    change(&store, 1, Existing::No, true);
    assert_eq!(unread(), HashSet::from([key()]));
}

/// A consumer that has read nothing.
struct Nowhere;

#[async_trait]
impl Cursors for Nowhere {
    async fn cursors(&self, _source: &str) -> Result<Vec<(u16, u64)>, Fault> {
        Ok(Vec::new())
    }

    async fn streams(&self, _keys: &[Key]) -> Result<Vec<(Key, Stream)>, Fault> {
        Ok(Vec::new())
    }
}
