//! The table `journal`.

use engine::{Fault, Key, Note};
use tokio_postgres::types::Type;

use crate::columns::{column, key_text, key_texts, number};
use crate::session::{Session, Value};

/// Appends the notes.
pub async fn append(session: &Session, notes: &[Note]) -> Result<(), Fault> {
    let sql = "INSERT INTO @journal (key, sequence, at, data) SELECT * FROM unnest($1, $2, $3, $4)";
    let keys = key_texts(notes.iter().map(|note| &note.key));
    let sequences: Vec<i64> = notes.iter().map(|note| note.sequence.cast_signed()).collect();
    let times: Vec<_> = notes.iter().map(|note| note.at).collect();
    let data: Vec<_> = notes.iter().map(|note| note.data.as_str()).collect();
    let values: &[Value<'_>] = &[
        (&keys, Type::TEXT_ARRAY),
        (&sequences, Type::INT8_ARRAY),
        (&times, Type::TIMESTAMPTZ_ARRAY),
        (&data, Type::TEXT_ARRAY),
    ];
    session.execute(sql, values).await.map(drop)
}

/// The notes of the key, the oldest first.
pub async fn of(session: &Session, key: &Key) -> Result<Vec<Note>, Fault> {
    let sql = "SELECT sequence, at, data FROM @journal WHERE key = $1 ORDER BY sequence";
    let rows = session.query(sql, &[(&key_text(key), Type::TEXT)]).await?;
    let note = |row| {
        Ok(Note { key: key.clone(), sequence: number(row, 0)?, at: column(row, 1)?, data: column(row, 2)? })
    };
    rows.iter().map(note).collect()
}
