//! Backup and restore of data directories.
//!
//! A backup is what `kill -9` at one moment would have left of all files together, so nothing has to be argued about a
//! restored one that is not promised for every crash already. [`cut`] makes it so: for a moment it holds the write locks of all
//! files, and in that moment begins to read each of them.
//!
//! It guarantees that a directory with a [`Manifest`] is a finished backup whose files are what was copied, and that a
//! restore that was interrupted is never taken for a data directory.
//!
//! It deliberately knows no service: what is copied is every database that lies in the directory. It does not copy the lock, and
//! it neither compresses nor encrypts.

mod agreement;
mod copy;
mod cut;
mod error;
mod make;
mod manifest;
mod restore;
mod swap;

pub use cut::{Cut, Snapshot};
pub use error::BackupError;
pub use make::{Source, make};
pub use manifest::{Manifest, StoredFile};
pub use restore::{Restored, restore};

/// Told how many bytes are done, of how many.
pub type Progress<'p> = &'p mut dyn FnMut(u64, u64);
