//! What can keep a backup from being made or restored. Each is one line for an operator: what is wrong, and what to do.

use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::open_error::OpenError;

/// Why a backup cannot be made or restored.
#[derive(Debug, Error)]
pub enum BackupError {
    /// There is no database to copy.
    #[error("there is no data in {}; name the data directory with ORDO_DATABASE_URL or --data", .0.display())]
    NoData(PathBuf),
    /// The backup would be put on something else.
    #[error("{} is not empty; name a new directory for the backup", .0.display())]
    TargetTaken(PathBuf),
    /// Another backup to the same directory is being made.
    #[error("a backup to {} is under way, by process {holder}", target.display())]
    UnderWay {
        /// Where it is to be.
        target: PathBuf,
        /// The other process.
        holder: String,
    },
    /// The databases were never free at the same time.
    #[error("{} was busy for too long; try again when there is less to do, or end the program that holds it", .0.display())]
    Busy(PathBuf),
    /// A copy is not what it should be.
    #[error("the copy of {} is damaged ({reason}); see to both disks", file.display())]
    Damaged {
        /// The file that was copied.
        file: PathBuf,
        /// What was found.
        reason: String,
    },
    /// The copies are not of the same moment. Files that were copied by hand, one by one, are like that.
    #[error(
        "{consumer} has read {source_name} up to {read} of {written}: the files of the data directory are not of the same moment; \
        restore all of them from one backup"
    )]
    Disagree {
        /// Who has read.
        consumer: String,
        /// Whose log.
        source_name: String,
        /// The offset that was read.
        read: i64,
        /// The offset that was written last.
        written: i64,
    },
    /// There is no readable manifest.
    #[error("{} is not a finished backup ({reason}); name a directory that 'ordo backup' has made", backup.display())]
    NoBackup {
        /// The directory.
        backup: PathBuf,
        /// What was found.
        reason: String,
    },
    /// The manifest is of a form that this program does not know.
    #[error("{} was made by a newer ordo ({made_by}); restore it with that version", backup.display())]
    Newer {
        /// The directory.
        backup: PathBuf,
        /// The version that made it.
        made_by: String,
    },
    /// A file of the backup is not the one that was written.
    #[error("{} is not the file that was backed up (its checksum differs); restore another backup", .0.display())]
    Altered(PathBuf),
    /// The directory has data in it.
    #[error("{} has data in it; say --force to move it aside, within that directory", .0.display())]
    TargetFull(PathBuf),
    /// A file or directory cannot be read or written.
    #[error("cannot use {}: {reason}; see to the disk's space and the permissions", path.display())]
    Unusable {
        /// The file or directory.
        path: PathBuf,
        /// What the operating system or SQLite says.
        reason: String,
    },
    /// A data directory cannot be opened.
    #[error(transparent)]
    Directory(#[from] OpenError),
}

/// What an error about `path` means here.
pub fn unusable<E: std::fmt::Display>(path: &Path) -> impl FnOnce(E) -> BackupError + use<'_, E> {
    move |reason| BackupError::Unusable { path: path.to_owned(), reason: reason.to_string() }
}
