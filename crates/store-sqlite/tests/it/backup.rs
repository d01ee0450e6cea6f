//! Backup and restore: one moment, whole files, and nothing half done that is taken for whole.
#![allow(clippy::unwrap_used, clippy::panic, reason = "the whole file is a test")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use engine::SystemClock;
use rusqlite::Connection;
use store_sqlite::DataDirectory;
use store_sqlite::backup::{BackupError, Cut, Manifest, Source, make, restore};
use tempfile::TempDir;

/// A file with one number in it.
fn counter(directory: &Path, name: &str) -> (PathBuf, Connection) {
    let file = directory.join(name);
    let conn = Connection::open(&file).unwrap();
    conn.pragma_update(None, "journal_mode", "WAL").unwrap();
    conn.pragma_update(None, "synchronous", "OFF").unwrap();
    conn.busy_timeout(std::time::Duration::from_secs(60)).unwrap();
    conn.execute_batch("CREATE TABLE counter (number INTEGER); INSERT INTO counter VALUES (0)").unwrap();
    (file, conn)
}

fn count(file: &Path) -> u32 {
    Connection::open(file).unwrap().query_row("SELECT number FROM counter", (), |row| row.get(0)).unwrap()
}

fn source(directory: &Path) -> Source {
    Source { directory: directory.to_owned(), folder: PathBuf::new() }
}

fn backup(sources: &[Source], target: &Path) -> Result<Manifest, BackupError> {
    make(sources, target, "1.0.0", &SystemClock, &mut |_, _| {})
}

/// A directory with one database, and a folder with another.
fn data() -> (TempDir, Vec<Source>) {
    let temporary = TempDir::new().unwrap();
    let folder = temporary.path().join("deep");
    fs::create_dir(&folder).unwrap();
    counter(temporary.path(), "a.db");
    counter(&folder, "b.db");
    fs::write(temporary.path().join("letter.txt"), "no database").unwrap();
    let sources = vec![source(temporary.path()), Source { directory: folder, folder: PathBuf::from("deep") }];
    (temporary, sources)
}

/// The writer of each file goes through the files in a circle, each step behind the commit of the one before: at every moment
/// the numbers fall by one at the most from the first to the last. Copies of different moments break that in either direction.
#[test]
fn a_cut_is_one_moment_of_all_files() {
    let temporary = TempDir::new().unwrap();
    let (files, conns): (Vec<_>, Vec<_>) =
        ["a.db", "b.db", "c.db"].map(|name| counter(temporary.path(), name)).into_iter().unzip();
    let ended = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let (end, ended) = (End(&ended), &ended);
        scope.spawn(move || {
            let mut number = 0;
            while !ended.load(Ordering::Acquire) {
                number += 1;
                for conn in &conns {
                    conn.execute("UPDATE counter SET number = ?1", [number]).unwrap();
                }
            }
        });
        let mut seen = 0;
        for round in 0..200 {
            let cut = Cut::of(&files).unwrap();
            let numbers: Vec<u32> = cut
                .snapshots
                .into_iter()
                .map(|snapshot| {
                    let copy = temporary.path().join(format!("copy-{round}"));
                    let _ = fs::remove_file(&copy);
                    snapshot.copy_to(&copy, &mut |_| {}).unwrap();
                    count(&copy)
                })
                .collect();
            let (first, last) = (numbers[0], numbers[2]);
            assert!(numbers.is_sorted_by(|one, next| one >= next), "{numbers:?}");
            assert!(first - last <= 1, "{numbers:?}");
            assert!(first >= seen, "{numbers:?} behind {seen}");
            seen = first;
        }
        drop(end);
        assert!(seen > 0, "nothing was written beside it");
    });
}

/// Ends the writer, also where an assertion fails.
struct End<'e>(&'e AtomicBool);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

#[test]
fn what_is_restored_is_what_was_backed_up() {
    let (temporary, sources) = data();
    let target = temporary.path().join("backup");
    let mut told = Vec::new();
    let manifest =
        make(&sources, &target, "1.0.0", &SystemClock, &mut |done, total| told.push((done, total))).unwrap();
    let files: Vec<_> = manifest.files.iter().map(|file| file.path.to_str().unwrap()).collect();
    assert_eq!((files, manifest.ordo.as_str()), (vec!["a.db", "deep/b.db"], "1.0.0"));
    assert_eq!(told.last(), Some(&(manifest.bytes(), manifest.bytes())));
    assert!(!temporary.path().join("backup.unfinished").exists());

    let back = temporary.path().join("back");
    let restored = restore(&target, &back, None, &mut |_, _| {}).unwrap();
    assert_eq!((&restored.manifest, restored.aside), (&manifest, None));
    assert_eq!((count(&back.join("a.db")), count(&back.join("deep/b.db"))), (0, 0));
    DataDirectory::open(&back).unwrap();
}

#[test]
fn a_backup_is_put_on_nothing_that_is_there() {
    let (temporary, sources) = data();
    let target = temporary.path().join("backup");
    fs::create_dir(&target).unwrap();
    backup(&sources, &target).unwrap();
    assert!(matches!(backup(&sources, &target), Err(BackupError::TargetTaken(_))));
    // A folder that only happens to be called like an unfinished backup.
    fs::create_dir(temporary.path().join("other.unfinished")).unwrap();
    let error = backup(&sources, &temporary.path().join("other")).unwrap_err();
    assert!(matches!(error, BackupError::TargetTaken(_)), "{error}");
    let empty = TempDir::new().unwrap();
    let error = backup(&[source(empty.path())], &temporary.path().join("none")).unwrap_err();
    assert!(matches!(error, BackupError::NoData(_)), "{error}");
}

#[test]
fn what_a_dead_process_began_is_taken_away_and_what_a_living_one_has_begun_is_left() {
    let (temporary, sources) = data();
    let begun = temporary.path().join("backup.unfinished");
    let living = DataDirectory::open(&begun).unwrap();
    fs::write(begun.join("a.db"), "half a file").unwrap();
    let target = temporary.path().join("backup");
    assert!(matches!(backup(&sources, &target), Err(BackupError::UnderWay { .. })));
    assert!(matches!(restore(&begun, &target, None, &mut |_, _| {}), Err(BackupError::NoBackup { .. })));
    drop(living);
    backup(&sources, &target).unwrap();
    assert!(!begun.exists());
    assert_eq!(count(&target.join("a.db")), 0);
}

#[test]
fn files_that_are_not_of_one_moment_are_no_backup() {
    let temporary = TempDir::new().unwrap();
    let tables = "CREATE TABLE cursors (source TEXT, partition INTEGER, offset INTEGER);
        CREATE TABLE heads (partition INTEGER, offset INTEGER);
        INSERT INTO heads VALUES (0, 7);";
    for (name, other, read) in [("a", "b", 7), ("b", "a", 8)] {
        let conn = Connection::open(temporary.path().join(format!("{name}.db"))).unwrap();
        conn.execute_batch(&format!("{tables} INSERT INTO cursors VALUES ('{other}', 0, {read})")).unwrap();
    }
    let target = temporary.path().join("backup");
    let error = backup(&[source(temporary.path())], &target).unwrap_err();
    assert_eq!(error.to_string().split(':').next(), Some("b has read a up to 8 of 7"));
    assert!(!target.exists() && !temporary.path().join("backup.unfinished").exists());
}

#[test]
fn a_directory_in_use_or_with_data_in_it_is_not_overwritten() {
    let (temporary, sources) = data();
    let (target, back) = (temporary.path().join("backup"), temporary.path().join("back"));
    backup(&sources, &target).unwrap();
    let held = DataDirectory::open(&back).unwrap();
    let error = restore(&target, &back, Some("now"), &mut |_, _| {}).unwrap_err();
    assert!(error.to_string().contains("in use by process"), "{error}");
    drop(held);
    fs::write(back.join("a.db"), "what was there").unwrap();
    let error = restore(&target, &back, None, &mut |_, _| {}).unwrap_err();
    assert!(matches!(error, BackupError::TargetFull(_)), "{error}");

    let restored = restore(&target, &back, Some("now"), &mut |_, _| {}).unwrap();
    let aside = restored.aside.unwrap();
    assert_eq!(fs::read_to_string(aside.join("a.db")).unwrap(), "what was there");
    assert_eq!(count(&back.join("a.db")), 0);
    // What was moved aside is not moved again.
    restore(&target, &back, Some("later"), &mut |_, _| {}).unwrap();
    assert!(aside.exists());
}

#[test]
fn what_was_altered_or_is_of_a_newer_form_is_refused_and_changes_nothing() {
    let (temporary, sources) = data();
    let (target, back) = (temporary.path().join("backup"), temporary.path().join("back"));
    backup(&sources, &target).unwrap();
    let file = target.join("deep/b.db");
    let mut bytes = fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&file, bytes).unwrap();
    let error = restore(&target, &back, None, &mut |_, _| {}).unwrap_err();
    assert!(matches!(&error, BackupError::Altered(altered) if *altered == file), "{error}");
    let left: Vec<_> = fs::read_dir(&back).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["ordo.lock"]);

    let manifest = target.join("manifest.json");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, text.replace("\"format\": 1", "\"format\": 2, \"new\": 1")).unwrap();
    assert!(matches!(restore(&target, &back, None, &mut |_, _| {}), Err(BackupError::Newer { .. })));
    fs::write(&manifest, text.replace("deep/b.db", "../b.db")).unwrap();
    assert!(matches!(restore(&target, &back, None, &mut |_, _| {}), Err(BackupError::NoBackup { .. })));
}

#[test]
fn no_server_starts_on_what_is_half_restored_and_a_second_restore_mends_it() {
    let (temporary, sources) = data();
    let (target, back) = (temporary.path().join("backup"), temporary.path().join("back"));
    backup(&sources, &target).unwrap();
    // As it is when a restore dies between the moves.
    fs::create_dir_all(back.join("restore-moving/deep")).unwrap();
    fs::copy(target.join("a.db"), back.join("a.db")).unwrap();
    let error = DataDirectory::open(&back).unwrap_err();
    assert!(error.to_string().contains("was not finished; repeat it"), "{error}");
    restore(&target, &back, Some("now"), &mut |_, _| {}).unwrap();
    DataDirectory::open(&back).unwrap();
    assert_eq!(count(&back.join("deep/b.db")), 0);
}
