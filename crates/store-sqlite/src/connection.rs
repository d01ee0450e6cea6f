//! Connections: how a file is opened for writing and for reading.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

/// Says in the file's header whose it is: "ordo".
const APPLICATION_ID: i32 = i32::from_be_bytes(*b"ordo");

/// How long to wait for a foreign program, such as the sqlite3 shell, to let go of the file.
const PATIENCE: Duration = Duration::from_secs(5);

/// Statements kept prepared per connection: all of the engine's and a service's.
const STATEMENTS: usize = 128;

/// The writer: WAL, each commit on the disk when it returns.
///
/// Checkpoints run on this connection, every 2000 pages: further apart they stall for tens of milliseconds, and on a
/// thread of their own they let the WAL grow without end.
pub(crate) fn writer(file: &Path, cache_kib: u32) -> rusqlite::Result<Connection> {
    let conn = Connection::open(file)?;
    common(&conn, cache_kib)?;
    conn.pragma_update(None, "page_size", 4096)?;
    conn.pragma_update(None, "journal_mode", "WAL")?;
    conn.pragma_update(None, "synchronous", "FULL")?;
    conn.pragma_update(None, "wal_autocheckpoint", 2000)?;
    conn.pragma_update(None, "journal_size_limit", 64 << 20)?;
    conn.pragma_update(None, "foreign_keys", false)?;
    Ok(conn)
}

/// A reader, which can never write.
pub(crate) fn reader(file: &Path, cache_kib: u32) -> rusqlite::Result<Connection> {
    let conn = Connection::open_with_flags(
        file,
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    common(&conn, cache_kib)?;
    Ok(conn)
}

/// One that reads a file which is there, and leaves nothing beside it. It may write, and does not: SQLite takes its logs
/// away when the last connection that may is closed, and a reader leaves them there.
pub(crate) fn onlooker(file: &Path) -> rusqlite::Result<Connection> {
    let conn = bystander(file)?;
    conn.pragma_update(None, "query_only", true)?;
    Ok(conn)
}

/// The same, for who takes the lock of writers to keep them out.
pub(crate) fn bystander(file: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(file, flags)?;
    common(&conn, 2048)?;
    Ok(conn)
}

/// Whether the file is new, or was made by this program.
pub(crate) fn is_ours(conn: &Connection) -> rusqlite::Result<bool> {
    let id: i32 = conn.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let empty = conn.query_row("SELECT count(*) = 0 FROM sqlite_schema", (), |row| row.get(0))?;
    Ok(id == APPLICATION_ID || (id == 0 && empty))
}

/// Writes into the file's header whose it is.
pub(crate) fn mark_ours(conn: &Connection) -> rusqlite::Result<()> {
    conn.pragma_update(None, "application_id", APPLICATION_ID)
}

fn common(conn: &Connection, cache_kib: u32) -> rusqlite::Result<()> {
    conn.busy_timeout(PATIENCE)?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS);
    // Without it SQLite looks at the values bound to a LIMIT, and compiles such statements anew whenever they change.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    conn.pragma_update(None, "cache_size", -i64::from(cache_kib))?;
    conn.pragma_update(None, "temp_store", "MEMORY")
}

#[cfg(test)]
mod tests {
    use rusqlite::StatementStatus;

    use super::*;

    #[test]
    fn a_commit_is_on_the_disk_when_it_returns() {
        let directory = tempfile::TempDir::new().unwrap();
        let conn = writer(&directory.path().join("a.db"), 2048).unwrap();
        let synchronous: u8 = conn.pragma_query_value(None, "synchronous", |row| row.get(0)).unwrap();
        assert_eq!(synchronous, 2, "FULL");
    }

    #[test]
    fn a_cached_statement_is_compiled_once_whatever_is_bound_to_it() {
        let directory = tempfile::TempDir::new().unwrap();
        let conn = writer(&directory.path().join("a.db"), 2048).unwrap();
        conn.execute_batch("CREATE TABLE t (a INTEGER PRIMARY KEY); INSERT INTO t VALUES (1), (2)").unwrap();
        let mut statement = conn.prepare("SELECT a FROM t ORDER BY a LIMIT ?1").unwrap();
        for limit in [1_u32, 2] {
            let rows = statement.query_map([limit], |row| row.get(0)).unwrap();
            let found: Vec<i64> = rows.collect::<Result<_, _>>().unwrap();
            assert_eq!(found.len(), limit as usize);
        }
        assert_eq!(statement.get_status(StatementStatus::RePrepare), 0);
    }
}
