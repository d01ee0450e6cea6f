//! What SQLite's errors mean to the engine: try again, set the message aside, or call an operator.

use engine::Fault;
use rusqlite::{Error, ErrorCode};

/// The engine's word for an error of SQLite.
#[expect(clippy::needless_pass_by_value, reason = "it is the argument of map_err")]
pub fn fault(error: Error) -> Fault {
    match &error {
        Error::SqliteFailure(failure, _) => failed(failure.code, &error),
        Error::SqlInputError { .. } => {
            Fault::Corrupt(format!("the file's tables are not as expected: {error}"))
        }
        Error::ToSqlConversionFailure(_) => Fault::Rejected(error.to_string()),
        _ => Fault::Corrupt(error.to_string()),
    }
}

fn failed(code: ErrorCode, error: &Error) -> Fault {
    let remedy = match code {
        ErrorCode::ConstraintViolation | ErrorCode::TooBig | ErrorCode::TypeMismatch => {
            return Fault::Rejected(error.to_string());
        }
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase | ErrorCode::Unknown => {
            return Fault::Corrupt(format!("{error}; restore the file from a backup"));
        }
        ErrorCode::DiskFull => "make space on the disk of the data directory",
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
            "end the other program that has the database file open"
        }
        ErrorCode::SystemIoFailure => "check the disk of the data directory",
        ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied => {
            "make the data directory and its files writable"
        }
        _ => "it will be tried again",
    };
    Fault::Unavailable(format!("{error}; {remedy}"))
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;

    fn table() -> Connection {
        let conn = Connection::open_in_memory().unwrap();
        conn.execute_batch("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT NOT NULL) STRICT").unwrap();
        conn
    }

    fn fault_of(conn: &Connection, sql: &str) -> Fault {
        fault(conn.execute_batch(sql).unwrap_err())
    }

    #[test]
    fn a_full_disk_is_unavailable_and_says_what_to_do() {
        let conn = table();
        conn.execute_batch("PRAGMA max_page_count = 3").unwrap();
        let Fault::Unavailable(reason) = fault_of(&conn, "INSERT INTO t VALUES (1, hex(zeroblob(100000)))")
        else {
            panic!("not unavailable");
        };
        assert!(reason.contains("make space"), "{reason}");
    }

    #[test]
    fn what_breaks_a_rule_is_rejected() {
        let conn = table();
        for sql in ["INSERT INTO t VALUES (1, NULL)", "INSERT INTO t VALUES ('x', 'y')"] {
            assert!(matches!(fault_of(&conn, sql), Fault::Rejected(_)), "{sql}");
        }
    }

    #[test]
    fn a_write_on_a_read_only_connection_is_unavailable() {
        let conn = table();
        conn.execute_batch("PRAGMA query_only = ON").unwrap();
        assert!(matches!(fault_of(&conn, "INSERT INTO t VALUES (1, 'a')"), Fault::Unavailable(_)));
    }

    #[test]
    fn a_missing_table_and_unreadable_data_are_corrupt() {
        let conn = table();
        assert!(matches!(fault_of(&conn, "DELETE FROM absent"), Fault::Corrupt(_)));
        let read: rusqlite::Result<i64> = conn.query_row("SELECT 'text'", (), |row| row.get(0));
        assert!(matches!(fault(read.unwrap_err()), Fault::Corrupt(_)));
    }
}
