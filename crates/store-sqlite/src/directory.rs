//! The data directory: where the files of all services lie, and the lock that keeps it to one process.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::backup::MOVING;
use crate::open_error::OpenError;

/// The file whose lock says who holds the directory.
pub(crate) const LOCK: &str = "ordo.lock";

/// A data directory that this process holds. The lock goes with the last clone of it, or with the process, however
/// that ends (`flock`). The stores in it keep clones.
#[derive(Clone, Debug)]
pub struct DataDirectory {
    path: PathBuf,
    /// None: this process only looks on.
    _lock: Option<Arc<File>>,
}

impl DataDirectory {
    /// Makes the directory if need be, and locks it.
    ///
    /// # Errors
    /// [`OpenError::Directory`], [`OpenError::Locked`] if another process holds it, or [`OpenError::HalfRestored`].
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let held = Self::hold(path)?;
        match path.join(MOVING).exists() {
            true => Err(OpenError::HalfRestored { path: path.to_owned() }),
            false => Ok(held),
        }
    }

    /// The same, whatever is in it: for who is about to put a backup there.
    pub(crate) fn hold(path: &Path) -> Result<Self, OpenError> {
        let unusable = |reason| OpenError::Directory { path: path.to_owned(), reason };
        std::fs::create_dir_all(path).map_err(unusable)?;
        let mut options = OpenOptions::new();
        let options = options.read(true).write(true).create(true).truncate(false);
        let mut lock = options.open(path.join(LOCK)).map_err(unusable)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(OpenError::Locked { path: path.to_owned(), holder: holder(&mut lock) });
            }
            Err(TryLockError::Error(reason)) => return Err(unusable(reason)),
        }
        write_holder(&mut lock).map_err(unusable)?;
        Ok(Self { path: path.to_owned(), _lock: Some(Arc::new(lock)) })
    }

    /// The directory for looking on beside the process that holds it. Only [`SqliteStore::look_on`] takes it.
    ///
    /// [`SqliteStore::look_on`]: crate::SqliteStore::look_on
    pub fn look_on(path: &Path) -> Self {
        Self { path: path.to_owned(), _lock: None }
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The file of the service.
    pub fn file(&self, service: &str) -> PathBuf {
        self.path.join(format!("{service}.db"))
    }
}

/// The process that holds the lock, as it wrote it down.
fn holder(lock: &mut File) -> String {
    let mut written = String::new();
    // Only for the message: whatever cannot be read is not known.
    let read = lock.read_to_string(&mut written);
    let pid = written.trim();
    if read.is_err() || pid.is_empty() { "of unknown id".to_owned() } else { pid.to_owned() }
}

fn write_holder(lock: &mut File) -> std::io::Result<()> {
    lock.set_len(0)?;
    lock.rewind()?;
    writeln!(lock, "{}", std::process::id())
}
