//! The table `cursors`.

use engine::Fault;
use tokio_postgres::types::Type;

use crate::columns::{number, small};
use crate::session::{Session, Value};

/// The last applied offset per partition of the source's log.
pub async fn of(session: &Session, source: &str) -> Result<Vec<(u16, u64)>, Fault> {
    let sql = "SELECT partition, log_offset FROM @cursors WHERE source = $1 ORDER BY partition";
    let rows = session.query(sql, &[(&source, Type::TEXT)]).await?;
    rows.iter().map(|row| Ok((small(row, 0)?, number(row, 1)?))).collect()
}

/// Moves the cursors, never back.
pub async fn put(session: &Session, cursors: &[(&'static str, u16, u64)]) -> Result<(), Fault> {
    let mut cursors = cursors.to_vec();
    cursors.sort_unstable();
    let sql = "INSERT INTO @cursors AS known (source, partition, log_offset) SELECT * FROM unnest($1, $2, $3)
        ON CONFLICT (source, partition)
        DO UPDATE SET log_offset = greatest(known.log_offset, excluded.log_offset)";
    let sources: Vec<&str> = cursors.iter().map(|(source, ..)| *source).collect();
    let partitions: Vec<i32> = cursors.iter().map(|(_, partition, _)| i32::from(*partition)).collect();
    let offsets: Vec<i64> = cursors.iter().map(|(.., offset)| offset.cast_signed()).collect();
    let values: &[Value<'_>] =
        &[(&sources, Type::TEXT_ARRAY), (&partitions, Type::INT4_ARRAY), (&offsets, Type::INT8_ARRAY)];
    session.execute(sql, values).await.map(drop)
}
