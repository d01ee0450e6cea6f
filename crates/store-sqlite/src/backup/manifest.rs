//! The manifest: what a backup consists of. It is written last, so a directory that has one is a finished backup.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::error::{BackupError, unusable};

/// The file.
pub const MANIFEST: &str = "manifest.json";
/// How manifests are written today. Raised when an older program would misread one.
const FORMAT: u32 = 1;

/// What a backup consists of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// How this is written.
    pub format: u32,
    /// The version of ordo that made it.
    pub ordo: String,
    /// The moment it is of.
    pub made_at: Timestamp,
    /// The databases.
    pub files: Vec<StoredFile>,
}

/// A database in a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredFile {
    /// Its place in the backup, and in the data directory.
    pub path: PathBuf,
    /// Its length.
    pub bytes: u64,
    /// The SHA-256 of it, hex.
    pub sha256: String,
}

/// What every manifest says, however the rest is written.
#[derive(Deserialize)]
struct Head {
    format: u32,
    ordo: String,
}

impl Manifest {
    /// Of a backup that is made now.
    pub(super) fn new(ordo: &str, made_at: Timestamp, files: Vec<StoredFile>) -> Self {
        Self { format: FORMAT, ordo: ordo.to_owned(), made_at, files }
    }

    /// How many bytes its databases have.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }

    /// Reads the manifest of a backup.
    ///
    /// # Errors
    /// [`BackupError::NoBackup`] where there is none that can be read, [`BackupError::Newer`] where it is written in a way that this
    /// program does not know.
    pub fn read(backup: &Path) -> Result<Self, BackupError> {
        let no_backup = |reason: String| BackupError::NoBackup { backup: backup.to_owned(), reason };
        let text = std::fs::read_to_string(backup.join(MANIFEST))
            .map_err(|error| no_backup(format!("{MANIFEST}: {error}")))?;
        let unreadable = |error: serde_json::Error| no_backup(format!("{MANIFEST}: {error}"));
        let head: Head = serde_json::from_str(&text).map_err(unreadable)?;
        if head.format > FORMAT {
            return Err(BackupError::Newer { backup: backup.to_owned(), made_by: head.ordo });
        }
        let manifest: Self = serde_json::from_str(&text).map_err(unreadable)?;
        match manifest.files.iter().find(|file| !is_within(&file.path)) {
            Some(file) => Err(no_backup(format!("it names {}", file.path.display()))),
            None => Ok(manifest),
        }
    }

    /// Writes it into a backup, on the disk when this returns.
    pub(super) fn write(&self, backup: &Path) -> Result<(), BackupError> {
        let path = backup.join(MANIFEST);
        let write = || -> std::io::Result<()> {
            let mut file = File::create(&path)?;
            serde_json::to_writer_pretty(&mut file, self)?;
            file.write_all(b"\n")?;
            file.sync_all()
        };
        write().map_err(unusable(&path))
    }
}

/// A file's name, perhaps in a folder: nothing that leads out of the directory.
fn is_within(path: &Path) -> bool {
    path.components().all(|part| matches!(part, std::path::Component::Normal(_)))
        && path.components().next().is_some()
}
