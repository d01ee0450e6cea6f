//! Opening: each thing that can be in the way is one clear line.
#![allow(clippy::unwrap_used, reason = "the whole file is a test")]

use crate::common::{FIRST, open};
use engine::{Log, Store};
use futures::executor::block_on;
use rusqlite::Connection;
use store_sqlite::{DataDirectory, OpenError, SqliteSettings, SqliteStore};
use tempfile::TempDir;

fn directory() -> (TempDir, DataDirectory) {
    let temporary = TempDir::new().unwrap();
    let directory = DataDirectory::open(temporary.path()).unwrap();
    (temporary, directory)
}

#[test]
fn a_missing_directory_is_made() {
    let temporary = TempDir::new().unwrap();
    let directory = DataDirectory::open(&temporary.path().join("deep/er")).unwrap();
    open(&directory, FIRST).unwrap();
    assert!(temporary.path().join("deep/er/small.db").exists());
}

#[test]
fn a_directory_that_cannot_be_made_is_named() {
    let temporary = TempDir::new().unwrap();
    let file = temporary.path().join("file");
    std::fs::write(&file, "").unwrap();
    let error = DataDirectory::open(&file.join("below")).unwrap_err();
    assert!(matches!(error, OpenError::Directory { .. }));
    assert_one_line(&error, &["file/below", "make it writable"]);
}

#[test]
fn a_held_directory_is_locked_and_names_its_holder() {
    let (temporary, directory) = directory();
    let store = open(&directory, FIRST).unwrap();
    drop(directory);
    let error = DataDirectory::open(temporary.path()).unwrap_err();
    assert!(matches!(error, OpenError::Locked { .. }));
    assert_one_line(&error, &[&std::process::id().to_string(), "stop that process"]);
    drop(store);
    DataDirectory::open(temporary.path()).unwrap();
}

#[test]
fn an_open_transaction_holds_the_directory_too() {
    let (temporary, directory) = directory();
    let store = open(&directory, FIRST).unwrap();
    let tx = block_on(store.begin()).unwrap();
    drop((store, directory));
    assert!(matches!(DataDirectory::open(temporary.path()), Err(OpenError::Locked { .. })));
    drop(tx);
    DataDirectory::open(temporary.path()).unwrap();
}

#[test]
fn what_is_no_database_is_not_ours() {
    let (temporary, directory) = directory();
    std::fs::write(temporary.path().join("small.db"), "this is a letter, not a database".repeat(300))
        .unwrap();
    let error = open(&directory, FIRST).err().unwrap();
    assert!(matches!(error, OpenError::NotOurs { .. }), "{error:?}");
    assert_one_line(&error, &["small.db", "restore it from a backup"]);
}

#[test]
fn a_damaged_database_is_not_ours() {
    let (temporary, directory) = directory();
    drop(open(&directory, FIRST).unwrap());
    let file = temporary.path().join("small.db");
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[100..].fill(0xAA);
    std::fs::write(&file, bytes).unwrap();
    assert!(matches!(open(&directory, FIRST).err().unwrap(), OpenError::NotOurs { .. }));
}

#[test]
fn the_database_of_another_program_is_left_alone() {
    let (temporary, directory) = directory();
    let file = temporary.path().join("small.db");
    Connection::open(&file).unwrap().execute_batch("CREATE TABLE theirs (a)").unwrap();
    assert!(matches!(open(&directory, FIRST).err().unwrap(), OpenError::NotOurs { .. }));
    let tables = "SELECT count(*) FROM sqlite_schema";
    let count: u32 = Connection::open(&file).unwrap().query_row(tables, (), |row| row.get(0)).unwrap();
    assert_eq!(count, 1);
}

#[test]
fn a_file_that_cannot_be_opened_says_so() {
    let (temporary, directory) = directory();
    std::fs::create_dir(temporary.path().join("small.db")).unwrap();
    let error = open(&directory, FIRST).err().unwrap();
    assert!(matches!(error, OpenError::Unavailable { .. }), "{error:?}");
    assert_one_line(&error, &["small.db"]);
}

#[test]
fn a_file_keeps_its_number_of_partitions() {
    let (_temporary, directory) = directory();
    for (wanted, given) in [(3, 3), (8, 3)] {
        let settings = SqliteSettings { partitions: wanted, ..SqliteSettings::default() };
        let store = SqliteStore::open(&directory, crate::common::SmallTables(FIRST), settings).unwrap();
        assert_eq!(store.partitions(), given);
    }
}

#[test]
fn the_file_is_in_wal_mode_and_readers_cannot_write() {
    let (_temporary, directory) = directory();
    let store = open(&directory, FIRST).unwrap();
    let mode: String =
        store.query(|conn| conn.pragma_query_value(None, "journal_mode", |row| row.get(0))).unwrap();
    assert_eq!(mode, "wal");
    assert!(store.query(|conn| conn.execute("DELETE FROM small", ())).is_err(), "readers cannot write");
}

fn assert_one_line(error: &OpenError, said: &[&str]) {
    let line = error.to_string();
    assert!(!line.contains('\n'), "{line}");
    said.iter().for_each(|word| assert!(line.contains(word), "'{line}' does not say {word}"));
}
