//! Restoring: a backup becomes the content of a data directory that nobody uses.
//!
//! All is copied and checked within the directory first. Then what is there is moved aside and the copies are moved up; while that
//! lasts the directory is marked, and no server starts on it.

use std::path::{Path, PathBuf};

use super::Progress;
use super::copy::{copy, sync};
use super::error::{BackupError, unusable};
use super::manifest::Manifest;
use super::swap::{COPYING, entries, swap};
use crate::directory::{DataDirectory, LOCK, MOVING};

/// How the folders begin into which is moved what was there.
const ASIDE: &str = "before-restore-";

/// What came of a restore.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// What the backup consisted of.
    pub manifest: Manifest,
    /// Where what was there is now, if something was.
    pub aside: Option<PathBuf>,
}

/// Puts the backup into the data directory `target`, made if need be. With `aside`, what is there is moved into a folder of this name
/// within it; the name is to be a new one each time.
///
/// # Errors
/// [`BackupError`]; before anything is moved, `target` is as it was. Later it is marked, and the restore has to be repeated.
pub fn restore(
    backup: &Path,
    target: &Path,
    aside: Option<&str>,
    progress: Progress<'_>,
) -> Result<Restored, BackupError> {
    let manifest = Manifest::read(backup)?;
    let _held = DataDirectory::hold(target)?;
    let _folders = hold_folders(target)?;
    let taken = content(target)?;
    if !taken.is_empty() && aside.is_none() {
        return Err(BackupError::TargetFull(target.to_owned()));
    }
    copy_in(backup, &manifest, target, progress).inspect_err(|_| {
        // Left there it would do no harm, but take room.
        let _ = remove(&target.join(COPYING));
    })?;
    let aside = aside.filter(|_| !taken.is_empty()).map(|name| target.join(format!("{ASIDE}{name}")));
    swap(target, &taken, aside.as_deref(), &mut || Ok(()))?;
    Ok(Restored { manifest, aside })
}

/// A payment provider of its own may hold a folder of the directory.
fn hold_folders(target: &Path) -> Result<Vec<DataDirectory>, BackupError> {
    let is_held = |path: &PathBuf| path.join(LOCK).exists();
    let folders = content(target)?.into_iter().filter(is_held);
    folders.map(|folder| DataDirectory::hold(&folder).map_err(BackupError::from)).collect()
}

/// What in the directory is data: not the lock, and nothing of a restore.
fn content(target: &Path) -> Result<Vec<PathBuf>, BackupError> {
    let is_data = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        ![LOCK, COPYING, MOVING].contains(&&*name) && !name.starts_with(ASIDE)
    };
    Ok(entries(target)?.into_iter().filter(is_data).collect())
}

fn copy_in(
    backup: &Path,
    manifest: &Manifest,
    target: &Path,
    progress: Progress<'_>,
) -> Result<(), BackupError> {
    let copying = target.join(COPYING);
    remove(&copying)?;
    std::fs::create_dir(&copying).map_err(unusable(&copying))?;
    let (mut done, total) = (0, manifest.bytes());
    for file in &manifest.files {
        let place = copying.join(&file.path);
        let folder = place.parent().unwrap_or(&copying);
        std::fs::create_dir_all(folder).map_err(unusable(folder))?;
        let from = backup.join(&file.path);
        let (sha256, bytes) = copy(&from, &place)?;
        if (&sha256, bytes) != (&file.sha256, file.bytes) {
            return Err(BackupError::Altered(from));
        }
        sync(folder)?;
        done += bytes;
        progress(done, total);
    }
    sync(&copying)
}

fn remove(folder: &Path) -> Result<(), BackupError> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(unusable(folder)(error)),
        _ => Ok(()),
    }
}
