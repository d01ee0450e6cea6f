//! Making a backup: into a directory beside the one it is for, which gets its name when all is there.

use std::fs::DirBuilder;
use std::io::Read;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use engine::Clock;

use super::Progress;
use super::agreement;
use super::copy::{checksum, sync};
use super::cut::{Cut, Snapshot};
use super::error::{BackupError, unusable};
use super::manifest::{Manifest, StoredFile};
use crate::directory::{DataDirectory, LOCK};
use crate::open_error::OpenError;

/// How every SQLite database begins.
const SQLITE: &[u8; 16] = b"SQLite format 3\0";

/// A data directory, and the folder of the backup that it goes into; the backup's own for the empty path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The data directory.
    pub directory: PathBuf,
    /// The folder.
    pub folder: PathBuf,
}

/// Copies the databases of all sources, as they are at one moment, into the new directory `target`. They may be in use.
///
/// # Errors
/// [`BackupError`]; then there is no `target`.
pub fn make(
    sources: &[Source],
    target: &Path,
    ordo: &str,
    clock: &dyn Clock,
    progress: Progress<'_>,
) -> Result<Manifest, BackupError> {
    let files = databases(sources)?;
    if !is_free(target)? {
        return Err(BackupError::TargetTaken(target.to_owned()));
    }
    let begun = begin(target)?;
    let made = fill(&begun, &files, ordo, clock, progress).and_then(|manifest| {
        finish(&begun, target)?;
        Ok(manifest)
    });
    if made.is_err() {
        // It is recognised as unfinished also if it stays.
        let _ = std::fs::remove_dir_all(begun.path());
    }
    made
}

/// The databases of the sources, each with its place in the backup, in the order of places.
fn databases(sources: &[Source]) -> Result<Vec<(PathBuf, PathBuf)>, BackupError> {
    let mut found = Vec::new();
    for Source { directory, folder } in sources {
        for entry in std::fs::read_dir(directory).map_err(unusable(directory))? {
            let path = entry.map_err(unusable(directory))?.path();
            if is_database(&path).map_err(unusable(&path))? {
                let place = folder.join(path.file_name().unwrap_or_default());
                found.push((place, path));
            }
        }
    }
    found.sort();
    match (found.is_empty(), sources.first()) {
        (true, Some(source)) => Err(BackupError::NoData(source.directory.clone())),
        _ => Ok(found),
    }
}

fn is_database(path: &Path) -> std::io::Result<bool> {
    if !path.is_file() {
        return Ok(false);
    }
    let mut head = Vec::new();
    std::fs::File::open(path)?.take(SQLITE.len() as u64).read_to_end(&mut head)?;
    Ok(head == SQLITE)
}

fn is_free(target: &Path) -> Result<bool, BackupError> {
    match std::fs::read_dir(target) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(unusable(target)(error)),
    }
}

/// The directory in which the backup comes to be, held by this process: whoever else makes the same backup sees that, and
/// what a dead process has left there is taken away.
fn begin(target: &Path) -> Result<DataDirectory, BackupError> {
    let mut name = target.file_name().unwrap_or_default().to_owned();
    name.push(".unfinished");
    let path = target.with_file_name(name);
    let was_there = path.exists();
    if was_there && !path.join(LOCK).exists() {
        return Err(BackupError::TargetTaken(path));
    }
    if !was_there {
        DirBuilder::new().recursive(true).mode(0o700).create(&path).map_err(unusable(&path))?;
    }
    let directory = DataDirectory::open(&path).map_err(|error| match error {
        OpenError::Locked { holder, .. } => BackupError::UnderWay { target: target.to_owned(), holder },
        error => {
            if !was_there {
                // Without room for the lock there is nothing in it that anybody needs.
                let _ = std::fs::remove_dir_all(&path);
            }
            error.into()
        }
    })?;
    for entry in std::fs::read_dir(&path).map_err(unusable(&path))? {
        let entry = entry.map_err(unusable(&path))?.path();
        if entry.file_name().is_some_and(|name| name != LOCK) {
            remove(&entry).map_err(unusable(&entry))?;
        }
    }
    Ok(directory)
}

/// Removes a file, or a folder with all that is in it.
pub(super) fn remove(path: &Path) -> std::io::Result<()> {
    if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) }
}

fn fill(
    begun: &DataDirectory,
    files: &[(PathBuf, PathBuf)],
    ordo: &str,
    clock: &dyn Clock,
    progress: Progress<'_>,
) -> Result<Manifest, BackupError> {
    let originals: Vec<PathBuf> = files.iter().map(|(_, original)| original.clone()).collect();
    let cut = Cut::of(&originals)?;
    let made_at = clock.now();
    let places: Vec<PathBuf> = files.iter().map(|(place, _)| place.clone()).collect();
    let stored = copy_all(begun.path(), cut.snapshots, &places, progress)?;
    let copies: Vec<PathBuf> = places.iter().map(|place| begun.path().join(place)).collect();
    agreement::check(&copies)?;
    let manifest = Manifest::new(ordo, made_at, stored);
    manifest.write(begun.path())?;
    Ok(manifest)
}

fn copy_all(
    directory: &Path,
    snapshots: Vec<Snapshot>,
    places: &[PathBuf],
    progress: Progress<'_>,
) -> Result<Vec<StoredFile>, BackupError> {
    let mut total = 0;
    for snapshot in &snapshots {
        total += snapshot.bytes()?;
    }
    let (mut done, mut stored) = (0, Vec::new());
    for (snapshot, place) in snapshots.into_iter().zip(places) {
        let copy = directory.join(place);
        if let Some(folder) = copy.parent() {
            std::fs::create_dir_all(folder).map_err(unusable(folder))?;
        }
        snapshot.copy_to(&copy, &mut |bytes| progress(done + bytes, total))?;
        let (sha256, bytes) = checksum(&copy)?;
        done += bytes;
        stored.push(StoredFile { path: place.clone(), bytes, sha256 });
    }
    Ok(stored)
}

/// Gives the backup its name.
fn finish(begun: &DataDirectory, target: &Path) -> Result<(), BackupError> {
    let lock = begun.path().join(LOCK);
    std::fs::remove_file(&lock).map_err(unusable(&lock))?;
    for folder in folders(begun.path())? {
        sync(&folder)?;
    }
    sync(begun.path())?;
    std::fs::rename(begun.path(), target).map_err(unusable(target))?;
    match target.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => sync(parent),
        _ => sync(Path::new(".")),
    }
}

fn folders(directory: &Path) -> Result<Vec<PathBuf>, BackupError> {
    let entries = std::fs::read_dir(directory).map_err(unusable(directory))?;
    Ok(entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| path.is_dir()).collect())
}
