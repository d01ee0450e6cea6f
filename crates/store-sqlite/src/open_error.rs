//! What can keep a data directory or one of its files from being opened. Each is one line for an operator: what is
//! wrong with which file, and what to do.

use std::path::PathBuf;

use thiserror::Error;

/// Why a data directory or a file in it cannot be opened.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The directory cannot be made, or not be written to.
    #[error("cannot use the data directory {}: {reason}; make it writable, make space on its disk, or name another one", path.display())]
    Directory {
        /// The directory.
        path: PathBuf,
        /// What the operating system says.
        reason: std::io::Error,
    },
    /// Another process holds the directory.
    #[error(
        "the data directory {} is in use by process {holder}; stop that process or give this one a directory of its own",
        path.display()
    )]
    Locked {
        /// The directory.
        path: PathBuf,
        /// The other's process id, as it wrote it down.
        holder: String,
    },
    /// A backup was being put into the directory when that ended half way.
    #[error(
        "a restore into {} was not finished; repeat it with 'ordo restore --force'",
        path.display()
    )]
    HalfRestored {
        /// The directory.
        path: PathBuf,
    },
    /// The file is damaged, or something else altogether.
    #[error(
        "{} is damaged or not a database of ordo ({reason}); restore it from a backup, or move it away to begin anew",
        file.display()
    )]
    NotOurs {
        /// The file.
        file: PathBuf,
        /// What was seen.
        reason: String,
    },
    /// The file has a migration that this program does not know.
    #[error(
        "{} was last used by a newer ordo (it has migration {migration}); run that version or restore a backup",
        file.display()
    )]
    Newer {
        /// The file.
        file: PathBuf,
        /// The first unknown migration.
        migration: String,
    },
    /// A migration was changed after it was applied.
    #[error(
        "migration {migration} is not the one that was applied to {}; run the version of ordo that made the file",
        file.display()
    )]
    Altered {
        /// The file.
        file: PathBuf,
        /// The migration.
        migration: String,
    },
    /// A migration failed. The file is as it was before.
    #[error("migration {migration} of {} failed and was undone: {reason}", file.display())]
    Migration {
        /// The file.
        file: PathBuf,
        /// The migration.
        migration: String,
        /// What SQLite says.
        reason: String,
    },
    /// The disk, the permissions or another process are in the way.
    #[error("cannot open {}: {reason}; see to the disk's space and the file's permissions, then start again", file.display())]
    Unavailable {
        /// The file.
        file: PathBuf,
        /// What SQLite says.
        reason: String,
    },
}
