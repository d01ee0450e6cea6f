//! The index's file: opened, or put anew in the place of one that is of no use any more.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, ErrorCode};

use super::tables;
use crate::connection;
use crate::migrations::unopened;
use crate::open_error::OpenError;

/// The page cache of the writer, KiB.
const CACHE_KIB: u32 = 8 << 10;

/// What a file was found to be.
enum Opened {
    Usable(Connection),
    OfAnotherVersion,
    /// Damaged, or no database at all.
    Broken(String),
}

/// Opens the file for writing. One that is broken, or of another version, is replaced by an empty one.
pub fn open(file: &Path) -> Result<Connection, OpenError> {
    match look(file)? {
        Opened::Usable(conn) => Ok(conn),
        Opened::Broken(reason) => replace_broken(file, &reason),
        Opened::OfAnotherVersion => {
            tracing::info!(file = %file.display(), "the search index is of another version; it is filled again");
            replace(file)
        }
    }
}

/// Puts an empty file in the place of a broken one. Nobody of this process may have it open.
pub fn replace_broken(file: &Path, reason: &str) -> Result<Connection, OpenError> {
    tracing::warn!(
        file = %file.display(),
        reason,
        "the search index is broken; it is made anew and filled again from the orders"
    );
    replace(file)
}

fn replace(file: &Path) -> Result<Connection, OpenError> {
    remove(file).map_err(|reason| OpenError::Directory { path: file.to_owned(), reason })?;
    match look(file)? {
        Opened::Usable(conn) => Ok(conn),
        Opened::Broken(reason) => Err(OpenError::NotOurs { file: file.to_owned(), reason }),
        Opened::OfAnotherVersion => {
            let reason = "it is not the file that was just made".to_owned();
            Err(OpenError::NotOurs { file: file.to_owned(), reason })
        }
    }
}

/// What is in the way of the file but its content is an error.
fn look(file: &Path) -> Result<Opened, OpenError> {
    match prepare(file) {
        Ok(Some(opened)) => Ok(opened),
        Ok(None) => {
            let reason = "it is a database of another program".to_owned();
            Err(OpenError::NotOurs { file: file.to_owned(), reason })
        }
        Err(error) => match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
                Ok(Opened::Broken(error.to_string()))
            }
            _ => Err(unopened(file, &error)),
        },
    }
}

/// None: it is of another program.
fn prepare(file: &Path) -> rusqlite::Result<Option<Opened>> {
    let conn = connection::writer(file, CACHE_KIB)?;
    // What is lost with the machine is read again.
    conn.pragma_update(None, "synchronous", "NORMAL")?;
    if !connection::is_ours(&conn)? {
        return Ok(None);
    }
    connection::mark_ours(&conn)?;
    let is_known = tables::prepare(&conn)?;
    Ok(Some(if is_known { Opened::Usable(conn) } else { Opened::OfAnotherVersion }))
}

/// Removes the file, with what SQLite has put beside it.
fn remove(file: &Path) -> std::io::Result<()> {
    for suffix in ["", "-wal", "-shm"] {
        let mut path = file.as_os_str().to_owned();
        path.push(suffix);
        match std::fs::remove_file(PathBuf::from(path)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}
