//! Migrations: up at opening, down step by step, and nothing that was not meant.
#![allow(clippy::unwrap_used, reason = "the whole file is a test")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::common::{FIRST, Small, SmallTables, open};
use rusqlite::Connection;
use store_sqlite::{DataDirectory, Migration, Migrations, OpenError, Status};
use tempfile::TempDir;

const SECOND: &[Migration] = &[
    FIRST[0],
    Migration {
        name: "small/0002_colour",
        up: "ALTER TABLE small ADD COLUMN colour TEXT",
        down: "ALTER TABLE small DROP COLUMN colour",
    },
];

const ALTERED: &[Migration] = &[Migration { up: "CREATE TABLE small (key ANY)", ..FIRST[0] }];

const FAULTY: &[Migration] = &[
    FIRST[0],
    Migration { name: "small/0002_faulty", up: "CREATE TABLE half (a); CREATE TABLE half (a)", down: "" },
];

fn directory() -> (TempDir, DataDirectory) {
    let temporary = TempDir::new().unwrap();
    let directory = DataDirectory::open(temporary.path()).unwrap();
    (temporary, directory)
}

fn migrations(directory: &DataDirectory, known: &'static [Migration]) -> Migrations {
    Migrations::open::<Small>(directory, &SmallTables(known)).unwrap()
}

fn schema(directory: &DataDirectory) -> Vec<String> {
    let conn = Connection::open(directory.file("small")).unwrap();
    let sql = "SELECT name || coalesce(sql, '') FROM sqlite_schema ORDER BY name";
    let mut statement = conn.prepare(sql).unwrap();
    statement.query_map((), |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
}

#[test]
fn opening_applies_what_is_missing_and_nothing_twice() {
    let (_temporary, directory) = directory();
    drop(open(&directory, FIRST).unwrap());
    let mut second = migrations(&directory, SECOND);
    assert_eq!(second.up().unwrap(), ["small/0002_colour"]);
    assert_eq!(second.up().unwrap(), [""; 0]);
}

#[test]
fn what_goes_up_comes_down_without_a_trace() {
    let (_temporary, directory) = directory();
    let mut all = migrations(&directory, SECOND);
    let before = schema(&directory);
    let mut names = all.up().unwrap();
    assert_eq!(
        names,
        [
            "engine/0001_engine",
            "engine/0002_outbox",
            "engine/0003_steps",
            "small/0001_small",
            "small/0002_colour"
        ]
    );
    assert_ne!(schema(&directory), before);
    names.reverse();
    for undone in &names {
        assert_eq!(all.down().unwrap(), Some(*undone));
    }
    assert_eq!(all.down().unwrap(), None);
    assert_eq!(schema(&directory), before);
    assert_eq!(all.up().unwrap().len(), names.len());
}

#[test]
fn the_status_names_all_and_what_is_applied() {
    let (_temporary, directory) = directory();
    drop(open(&directory, FIRST).unwrap());
    let status = |name, applied| Status { name, applied };
    let expected = [
        status("engine/0001_engine", true),
        status("engine/0002_outbox", true),
        status("engine/0003_steps", true),
        status("small/0001_small", true),
        status("small/0002_colour", false),
    ];
    assert_eq!(migrations(&directory, SECOND).status().unwrap(), expected);
}

/// Every file of a directory with what is in it.
fn files(path: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let files = std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path());
    files.map(|file| (file.clone(), std::fs::read(&file).unwrap())).collect()
}

#[test]
fn looking_makes_nothing_and_changes_nothing() {
    let temporary = TempDir::new().unwrap();
    let absent = DataDirectory::look_on(&temporary.path().join("absent"));
    let looked = Migrations::look::<Small>(&absent, &SmallTables(SECOND)).unwrap();
    assert_eq!(looked.iter().map(|status| status.applied).collect::<Vec<_>>(), [false; 5]);
    assert!(!absent.path().exists());

    drop(open(&DataDirectory::open(temporary.path()).unwrap(), FIRST).unwrap());
    let before = files(temporary.path());
    let looked = DataDirectory::look_on(temporary.path());
    let looked = Migrations::look::<Small>(&looked, &SmallTables(SECOND)).unwrap();
    assert_eq!(
        looked.iter().map(|status| status.applied).collect::<Vec<_>>(),
        [true, true, true, true, false]
    );
    assert!(files(temporary.path()) == before, "a file was made or changed");
}

/// Also beside the one who has it, and what is wrong with it is told.
#[test]
fn looking_is_open_to_all() {
    let (temporary, directory) = directory();
    let store = open(&directory, SECOND).unwrap();
    let onlooker = DataDirectory::look_on(temporary.path());
    let looked = Migrations::look::<Small>(&onlooker, &SmallTables(SECOND)).unwrap();
    assert!(looked.iter().all(|status| status.applied));
    let error = Migrations::look::<Small>(&onlooker, &SmallTables(FIRST)).unwrap_err();
    assert!(matches!(error, OpenError::Newer { .. }), "{error:?}");
    drop(store);
    std::fs::write(directory.file("small"), "something else that is long enough").unwrap();
    let error = Migrations::look::<Small>(&onlooker, &SmallTables(FIRST)).unwrap_err();
    assert!(matches!(error, OpenError::NotOurs { .. }), "{error:?}");
}

/// A file that was made before the engine had its second and third migration gets them behind the service's first.
#[test]
fn a_migration_may_come_late() {
    let (_temporary, directory) = directory();
    let mut all = migrations(&directory, SECOND);
    all.up().unwrap();
    let conn = Connection::open(directory.file("small")).unwrap();
    conn.execute_batch(
        "ALTER TABLE log DROP COLUMN steps; ALTER TABLE streams DROP COLUMN steps;
        DROP TABLE parked; DROP TABLE holds; DELETE FROM migrations WHERE name IN ('engine/0002_outbox', 'engine/0003_steps')",
    )
    .unwrap();
    assert_eq!(migrations(&directory, SECOND).up().unwrap(), ["engine/0002_outbox", "engine/0003_steps"]);
    assert_eq!(all.down().unwrap(), Some("engine/0003_steps"));
}

#[test]
fn a_newer_file_is_refused() {
    let (_temporary, directory) = directory();
    drop(open(&directory, SECOND).unwrap());
    let error = open(&directory, FIRST).err().unwrap();
    assert!(
        matches!(&error, OpenError::Newer { migration, .. } if migration == "small/0002_colour"),
        "{error:?}"
    );
}

#[test]
fn a_changed_migration_is_refused() {
    let (_temporary, directory) = directory();
    drop(open(&directory, FIRST).unwrap());
    let error = open(&directory, ALTERED).err().unwrap();
    assert!(
        matches!(&error, OpenError::Altered { migration, .. } if migration == "small/0001_small"),
        "{error:?}"
    );
}

#[test]
fn a_migration_that_fails_leaves_the_file_as_it_was() {
    let (_temporary, directory) = directory();
    drop(open(&directory, FIRST).unwrap());
    let before = schema(&directory);
    let error = open(&directory, FAULTY).err().unwrap();
    assert!(
        matches!(&error, OpenError::Migration { migration, .. } if migration == "small/0002_faulty"),
        "{error:?}"
    );
    assert_eq!(schema(&directory), before);
    drop(open(&directory, FIRST).unwrap());
}
