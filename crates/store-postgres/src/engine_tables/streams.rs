//! The table `streams`.

use engine::service::source_of;
use engine::store::Stream;
use engine::{Fault, Key, Service};
use tokio_postgres::types::Type;

use crate::columns::{column, int, key_of, key_texts, number, small};
use crate::session::{Session, Value};
use crate::tables::locking;

/// The streams that are there of the keys, by key.
pub async fn load<S: Service>(
    session: &Session,
    keys: &[Key],
    lock: bool,
) -> Result<Vec<(Key, Stream)>, Fault> {
    let lock = locking(lock);
    let sql = format!(
        "SELECT key, emitted, noted, held, marks, steps FROM @streams WHERE key = ANY($1) ORDER BY key {lock}"
    );
    let rows = session.query(&sql, &[(&key_texts(keys), Type::TEXT_ARRAY)]).await?;
    let stream = |row| {
        let (emitted, noted, held) = (number(row, 1)?, number(row, 2)?, small(row, 3)?);
        let stream = Stream::parse(emitted, noted, held, column(row, 4)?, column(row, 5)?, source_of::<S>)?;
        Ok((key_of(column(row, 0)?), stream))
    };
    rows.iter().map(stream).collect()
}

/// Inserts streams of keys that have none.
pub async fn insert(session: &Session, streams: &[(&Key, &Stream)]) -> Result<(), Fault> {
    let sql = "INSERT INTO @streams (key, emitted, noted, held, marks, steps) SELECT * FROM unnest($1, $2, $3, $4, $5, $6)";
    write(session, sql, streams).await.map(drop)
}

/// Updates streams that are there.
pub async fn update(session: &Session, streams: &[(&Key, &Stream)]) -> Result<(), Fault> {
    let sql = "UPDATE @streams AS old SET emitted = new.emitted, noted = new.noted, held = new.held, marks = new.marks,
            steps = new.steps
        FROM unnest($1, $2, $3, $4, $5, $6) AS new (key, emitted, noted, held, marks, steps) WHERE old.key = new.key";
    match write(session, sql, streams).await? {
        rows if rows == streams.len() as u64 => Ok(()),
        rows => Err(Fault::Corrupt(format!("of {} streams {rows} are there", streams.len()))),
    }
}

async fn write(session: &Session, sql: &str, streams: &[(&Key, &Stream)]) -> Result<u64, Fault> {
    let keys = key_texts(streams.iter().map(|(key, _)| *key));
    let emitted: Vec<i64> = streams.iter().map(|(_, stream)| stream.emitted.cast_signed()).collect();
    let noted: Vec<i64> = streams.iter().map(|(_, stream)| stream.noted.cast_signed()).collect();
    let held: Vec<i32> = streams.iter().map(|(_, stream)| int(stream.held)).collect();
    let marks: Vec<String> = streams.iter().map(|(_, stream)| stream.marks()).collect();
    let steps: Vec<Option<&str>> = streams.iter().map(|(_, stream)| stream.steps.as_deref()).collect();
    let values: &[Value<'_>] = &[
        (&keys, Type::TEXT_ARRAY),
        (&emitted, Type::INT8_ARRAY),
        (&noted, Type::INT8_ARRAY),
        (&held, Type::INT4_ARRAY),
        (&marks, Type::TEXT_ARRAY),
        (&steps, Type::TEXT_ARRAY),
    ];
    session.execute(sql, values).await
}
