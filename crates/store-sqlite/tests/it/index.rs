//! A search index whose file breaks is begun anew, and nothing else is thrown away.
#![allow(clippy::unwrap_used, reason = "the whole file is a test")]

use std::fs;
use std::path::Path;

use engine::{Cursors, Fault};
use futures::executor::block_on;
use jiff::Timestamp;
use rusqlite::Connection;
use search::{Entry, Found, Index, Position, Sweep, Term};
use store_sqlite::{DataDirectory, OpenError, SqliteIndex};
use tempfile::TempDir;
use uuid::Uuid;

const ME: Uuid = Uuid::from_u128(7);

fn open(directory: &TempDir) -> Result<SqliteIndex, OpenError> {
    SqliteIndex::open(&DataDirectory::open(directory.path()).unwrap())
}

/// A directory with an index in which one order is.
fn filled() -> TempDir {
    let directory = TempDir::new().unwrap();
    let index = open(&directory).unwrap();
    turn(&index);
    assert_eq!(put(&index, 1), Ok(true));
    directory
}

fn turn(index: &SqliteIndex) -> Position {
    block_on(index.turn(ME, Timestamp::UNIX_EPOCH, Timestamp::MAX)).unwrap().unwrap()
}

/// Puts one order, as the last of all.
fn put(index: &SqliteIndex, id: u128) -> Result<bool, Fault> {
    let entries = [Entry { id: Uuid::from_u128(id), terms: vec![Term(5)] }];
    block_on(index.put(ME, &entries, &Position { sweep: Sweep::Done, offsets: vec![9] }))
}

fn find(index: &SqliteIndex) -> Result<Vec<Uuid>, Fault> {
    let found = block_on(index.find(&[Term(5)], Uuid::nil(), Uuid::max(), 10));
    found.map(|Found { ids, .. }| ids)
}

/// Writes over all that is on the disk behind so many bytes.
fn overwrite(directory: &Path, behind: usize) {
    for name in ["search.db", "search.db-wal"] {
        let file = directory.join(name);
        let Ok(mut bytes) = fs::read(&file) else { continue };
        bytes.iter_mut().skip(behind).for_each(|byte| *byte = b'z');
        fs::write(&file, bytes).unwrap();
    }
}

#[test]
fn what_is_broken_at_the_start_is_begun_anew() {
    // No header of a database, and one with nothing behind it that is of use.
    for behind in [0, 100] {
        let directory = filled();
        overwrite(directory.path(), behind);
        let index = open(&directory).unwrap();
        assert_eq!(turn(&index), Position::default(), "it was never begun");
        assert_eq!(put(&index, 2), Ok(true));
        assert_eq!(find(&index), Ok(vec![Uuid::from_u128(2)]));
    }
}

#[test]
fn what_is_of_others_or_cannot_be_opened_is_left_as_it_is() {
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("search.db");
    Connection::open(&file).unwrap().execute_batch("CREATE TABLE theirs (a INTEGER)").unwrap();
    assert!(matches!(open(&directory), Err(OpenError::NotOurs { .. })));
    assert!(Connection::open(&file).unwrap().table_exists(None, "theirs").unwrap());

    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    assert!(matches!(open(&directory), Err(OpenError::Unavailable { .. })));
    assert!(file.is_dir());
}

/// The cleaner of the orders' log asks for cursors, and would stop at a fault.
#[test]
fn what_breaks_for_its_readers_is_begun_anew() {
    let directory = filled();
    let index = open(&directory).unwrap();
    overwrite(directory.path(), 0);
    assert_eq!(block_on(index.cursors("orders")), Ok(vec![]));
    assert_eq!(block_on(index.position()), Ok(Position::default()));
}

/// Who asked how far it was just before must not leave out what was in it, nor believe that it still is.
#[test]
fn what_breaks_for_its_writer_is_begun_anew_and_says_nothing_until_it_is_filled() {
    let directory = filled();
    let index = open(&directory).unwrap();
    assert_eq!(turn(&index).sweep, Sweep::Done);
    overwrite(directory.path(), 0);
    assert_eq!(put(&index, 2), Ok(false), "it is not the file that the indexer knows");
    assert_eq!(put(&index, 2), Ok(false), "nor is the new one");
    assert!(matches!(find(&index), Err(Fault::Unavailable(_))), "it has nothing of what was in it");
    assert_eq!(turn(&index), Position::default());
    assert_eq!(put(&index, 2), Ok(true));
    assert_eq!(find(&index), Ok(vec![Uuid::from_u128(2)]));
}
