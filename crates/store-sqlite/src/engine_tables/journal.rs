//! The table `journal`.

use engine::{Key, Note};
use rusqlite::{Connection, params};

use crate::columns::{KeyColumn, StoredTime, TimeColumn};

/// Appends the note.
pub fn append(conn: &Connection, note: &Note) -> rusqlite::Result<()> {
    let sql = "INSERT INTO journal (key, sequence, at, data) VALUES (?1, ?2, ?3, ?4)";
    let values = params![KeyColumn(&note.key), note.sequence.cast_signed(), TimeColumn(note.at), note.data];
    conn.prepare_cached(sql)?.execute(values).map(drop)
}

/// The notes of the key, the oldest first.
pub fn of(conn: &Connection, key: &Key) -> rusqlite::Result<Vec<Note>> {
    let sql = "SELECT sequence, at, data FROM journal WHERE key = ?1 ORDER BY sequence";
    let mut statement = conn.prepare_cached(sql)?;
    let note = |row: &rusqlite::Row<'_>| {
        Ok(Note {
            key: key.clone(),
            sequence: row.get::<_, i64>(0)?.cast_unsigned(),
            at: row.get::<_, StoredTime>(1)?.0,
            data: row.get(2)?,
        })
    };
    statement.query_map([KeyColumn(key)], note)?.collect()
}
