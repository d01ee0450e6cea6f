//! Copying: a snapshot into a file, and a file into another, with the checksum of what was written.

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};
use sha2::{Digest, Sha256};

use super::cut::Snapshot;
use super::error::{BackupError, unusable};
use crate::connection;

/// Pages copied between two words of progress.
const PAGES: i32 = 2_000;
/// Bytes read at a time.
const PIECE: usize = 1 << 20;

impl Snapshot {
    /// Writes the file as it was into a new one, whole and on the disk when this returns. `copied` is told how many bytes are.
    ///
    /// # Errors
    /// [`BackupError::Unusable`], or [`BackupError::Damaged`] if what was written is no sound database.
    pub fn copy_to(self, target: &Path, copied: &mut dyn FnMut(u64)) -> Result<(), BackupError> {
        self.write(target, copied).map_err(unusable(target))?;
        File::open(target).and_then(|file| file.sync_all()).map_err(unusable(target))?;
        match soundness(target).map_err(unusable(target))?.as_str() {
            "ok" => Ok(()),
            reason => Err(BackupError::Damaged { file: self.file().to_owned(), reason: reason.to_owned() }),
        }
    }

    fn write(&self, target: &Path, copied: &mut dyn FnMut(u64)) -> rusqlite::Result<()> {
        let mut copy = Connection::open(target)?;
        // Should this process die, the copy is not finished, and nobody takes it for one.
        copy.pragma_update(None, "journal_mode", "OFF")?;
        copy.pragma_update(None, "synchronous", "OFF")?;
        let page: u32 = self.conn.pragma_query_value(None, "page_size", |row| row.get(0))?;
        let backup = Backup::new(&self.conn, &mut copy)?;
        loop {
            let step = backup.step(PAGES)?;
            let progress = backup.progress();
            copied(u64::try_from(progress.pagecount - progress.remaining).unwrap_or(0) * u64::from(page));
            if step == StepResult::Done {
                return Ok(());
            }
        }
    }
}

/// What SQLite says of all pages of a file: `ok`, or what is wrong first.
fn soundness(file: &Path) -> rusqlite::Result<String> {
    let conn = connection::onlooker(file)?;
    conn.query_row("PRAGMA quick_check(1)", (), |row| row.get(0))
}

/// The SHA-256 of a file, hex, and its length.
pub fn checksum(file: &Path) -> Result<(String, u64), BackupError> {
    pour(file, &mut std::io::sink())
}

/// Copies a file, and answers the checksum and length of what was copied. On the disk when this returns.
pub fn copy(file: &Path, target: &Path) -> Result<(String, u64), BackupError> {
    let mut copy = File::create_new(target).map_err(unusable(target))?;
    let poured = pour(file, &mut copy)?;
    copy.sync_all().map_err(unusable(target))?;
    Ok(poured)
}

fn pour(file: &Path, into: &mut dyn Write) -> Result<(String, u64), BackupError> {
    let mut from = File::open(file).map_err(unusable(file))?;
    let (mut digest, mut length, mut piece) = (Sha256::new(), 0, vec![0; PIECE]);
    loop {
        let read = from.read(&mut piece).map_err(unusable(file))?;
        if read == 0 {
            break;
        }
        digest.update(&piece[..read]);
        into.write_all(&piece[..read]).map_err(unusable(file))?;
        length += read as u64;
    }
    let hex = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok((hex, length))
}

/// Puts the names in a directory on the disk.
pub fn sync(directory: &Path) -> Result<(), BackupError> {
    File::open(directory).and_then(|directory| directory.sync_all()).map_err(unusable(directory))
}
