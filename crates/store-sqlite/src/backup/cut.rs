//! The cut: all files as they were at one moment.
//!
//! The services' files refer to each other in a circle. Orders reads the log of payments and payments that of orders, so in
//! whatever order the files were copied one after the other, some consumer's cursor could end up past the end of the log it
//! reads. And the log is cleaned behind the cursors, so a late copy of a log could lack what an early copy of its
//! consumer has not read. So nothing is copied one after the other: a barrier holds the write locks of all files, which means
//! that between the last lock and the first release nobody commits anything anywhere, and in between a read transaction begins
//! on each. Whatever was committed before is in all of them, whatever comes later in none.
//!
//! Every writer holds one file at a time and waits for none while it does, so nobody waits in a circle. All stand still
//! for no longer than [`STANDSTILL`].

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode};

use super::error::{BackupError, unusable};
use crate::connection;

/// How long writers are held up at most while the locks are gathered. Shorter than they wait for a lock.
const STANDSTILL: Duration = Duration::from_secs(2);
/// How long it is tried in all.
const PATIENCE: Duration = Duration::from_secs(60);

/// All files as they were at one moment.
pub struct Cut {
    /// One for each file.
    pub snapshots: Vec<Snapshot>,
}

/// One file as it was at that moment: a read transaction. As long as it lives, the file's write-ahead log grows.
pub struct Snapshot {
    file: PathBuf,
    /// In a read transaction.
    pub(super) conn: Connection,
}

impl Cut {
    /// Waits for a moment in which nobody writes any of the files, and holds on to it. The files may be in use by other
    /// processes, and by this one.
    ///
    /// # Errors
    /// [`BackupError::Busy`] if there is no such moment within a minute, [`BackupError::Unusable`] if a file cannot be
    /// opened for writing, without which it cannot be locked.
    pub fn of(files: &[PathBuf]) -> Result<Self, BackupError> {
        let begun = Instant::now();
        loop {
            match attempt(files) {
                Err(BackupError::Busy(_)) if begun.elapsed() < PATIENCE => {}
                ended => return ended,
            }
        }
    }
}

impl Snapshot {
    /// The file it is of.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// How long its copy will be.
    ///
    /// # Errors
    /// [`BackupError::Unusable`].
    pub fn bytes(&self) -> Result<u64, BackupError> {
        let sql = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size";
        let bytes: i64 = self.conn.query_row(sql, (), |row| row.get(0)).map_err(unusable(&self.file))?;
        Ok(bytes.cast_unsigned())
    }
}

fn attempt(files: &[PathBuf]) -> Result<Cut, BackupError> {
    let locks = open(files)?;
    let readers = open(files)?;
    let mut since = None;
    for (file, lock) in files.iter().zip(&locks) {
        let left = since.map_or(STANDSTILL, |since: Instant| STANDSTILL.saturating_sub(since.elapsed()));
        close_to_writers(lock, left).map_err(|error| refused(file, &error))?;
        since.get_or_insert_with(Instant::now);
    }
    let begun = files.iter().zip(readers).map(|(file, conn)| {
        begin_to_read(&conn).map_err(unusable(file))?;
        Ok(Snapshot { file: file.clone(), conn })
    });
    let snapshots = begun.collect::<Result<_, BackupError>>()?;
    // Only now may anybody write again.
    drop(locks);
    Ok(Cut { snapshots })
}

fn open(files: &[PathBuf]) -> Result<Vec<Connection>, BackupError> {
    let open = |file: &PathBuf| connection::bystander(file).map_err(unusable(file));
    files.iter().map(open).collect()
}

/// Takes the file's write lock, and writes nothing. Closing the connection releases it.
fn close_to_writers(conn: &Connection, patience: Duration) -> rusqlite::Result<()> {
    conn.busy_timeout(patience)?;
    conn.execute_batch("BEGIN IMMEDIATE")
}

/// A transaction reads what was committed when it reads first.
fn begin_to_read(conn: &Connection) -> rusqlite::Result<()> {
    conn.execute_batch("BEGIN")?;
    conn.query_row("SELECT count(*) FROM sqlite_schema", (), |_| Ok(()))
}

fn refused(file: &Path, error: &rusqlite::Error) -> BackupError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy) => BackupError::Busy(file.to_owned()),
        _ => unusable(file)(error),
    }
}
