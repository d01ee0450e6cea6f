//! The table `streams`.

use engine::service::source_of;
use engine::store::{Existing, Stream};
use engine::{Key, Service};
use rusqlite::types::Type;
use rusqlite::{Connection, Error, OptionalExtension, params};

use crate::columns::KeyColumn;

/// The stream of the key.
pub fn load<S: Service>(conn: &Connection, key: &Key) -> rusqlite::Result<Option<Stream>> {
    let sql = "SELECT emitted, noted, held, marks, steps FROM streams WHERE key = ?1";
    let mut statement = conn.prepare_cached(sql)?;
    let stream = |row: &rusqlite::Row<'_>| {
        let sequence = |column| row.get::<_, i64>(column).map(i64::cast_unsigned);
        let marks = row.get_ref(3)?.as_str()?;
        Stream::parse(sequence(0)?, sequence(1)?, row.get(2)?, marks, row.get(4)?, source_of::<S>)
            .map_err(|fault| Error::FromSqlConversionFailure(3, Type::Text, Box::new(fault)))
    };
    statement.query_row([KeyColumn(key)], stream).optional()
}

/// Writes the stream of the key.
pub fn save(conn: &Connection, key: &Key, stream: &Stream, existing: Existing) -> rusqlite::Result<()> {
    let sql = match existing {
        Existing::No => {
            "INSERT INTO streams (key, emitted, noted, held, marks, steps) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
        }
        Existing::Yes => {
            "UPDATE streams SET emitted = ?2, noted = ?3, held = ?4, marks = ?5, steps = ?6 WHERE key = ?1"
        }
    };
    let (emitted, noted) = (stream.emitted.cast_signed(), stream.noted.cast_signed());
    let values = params![KeyColumn(key), emitted, noted, stream.held, stream.marks(), stream.steps];
    match conn.prepare_cached(sql)?.execute(values)? {
        1 => Ok(()),
        rows => Err(Error::StatementChangedRows(rows)),
    }
}
