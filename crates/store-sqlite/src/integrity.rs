//! Integrity: whether a file is what SQLite once wrote, looked at without changing it.

use std::time::{Duration, Instant};

use rusqlite::ErrorCode;

use crate::connection;
use crate::directory::DataDirectory;
use crate::migrations::unopened;
use crate::open_error::OpenError;

/// After so many of SQLite's own instructions it is looked at the clock.
const LOOK_AT_CLOCK: i32 = 10_000;

/// What a look at a file found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Integrity {
    /// It is in order.
    Sound,
    /// It is damaged, in SQLite's words.
    Damaged(String),
    /// Nothing was found in the time there was, and there is more.
    Unfinished,
}

/// Looks at a service's file for at most so long, also beside the process that has it.
///
/// # Errors
/// [`OpenError`] if it cannot be read at all.
pub fn integrity(directory: &DataDirectory, service: &str, limit: Duration) -> Result<Integrity, OpenError> {
    let file = directory.file(service);
    let failed = |error: rusqlite::Error| unopened(&file, &error);
    let mut conn = connection::onlooker(&file).map_err(failed)?;
    let begun = Instant::now();
    conn.progress_handler(LOOK_AT_CLOCK, Some(move || begun.elapsed() > limit)).map_err(failed)?;
    match conn.query_row("PRAGMA quick_check(1)", (), |row| row.get::<_, String>(0)) {
        Ok(found) if found == "ok" => Ok(Integrity::Sound),
        Ok(found) => Ok(Integrity::Damaged(found)),
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted) => {
            Ok(Integrity::Unfinished)
        }
        Err(error) => Err(failed(error)),
    }
}
