//! Whether files are of the same moment, as far as they tell themselves: nobody has read more of a log than there is.

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::error::{BackupError, unusable};
use crate::connection;

/// Files of one folder agree with each other. What is not a service's database has nothing to say.
pub fn check(files: &[PathBuf]) -> Result<(), BackupError> {
    for consumer in files {
        for (source, partition, read) in cursors(consumer).map_err(unusable(consumer))? {
            let Some(producer) = files.iter().find(|file| is_of(file, consumer, &source)) else { continue };
            let written = head(producer, partition).map_err(unusable(producer))?;
            if read > written {
                let consumer = name(consumer);
                return Err(BackupError::Disagree { consumer, source_name: source, read, written });
            }
        }
    }
    Ok(())
}

fn is_of(file: &Path, beside: &Path, service: &str) -> bool {
    file.parent() == beside.parent() && name(file) == service
}

fn name(file: &Path) -> String {
    file.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

fn cursors(file: &Path) -> rusqlite::Result<Vec<(String, i64, i64)>> {
    let conn = connection::onlooker(file)?;
    if !conn.table_exists(None, "cursors")? {
        return Ok(Vec::new());
    }
    let mut statement = conn.prepare("SELECT source, partition, offset FROM cursors")?;
    statement.query_map((), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?.collect()
}

fn head(file: &Path, partition: i64) -> rusqlite::Result<i64> {
    let conn: Connection = connection::onlooker(file)?;
    let sql = "SELECT coalesce(max(offset), 0) FROM heads WHERE partition = ?1";
    conn.query_row(sql, [partition], |row| row.get(0))
}
