//! The table `cursors`.

use rusqlite::{Connection, params};

/// The last applied offset per partition of the source's log.
pub fn of(conn: &Connection, source: &str) -> rusqlite::Result<Vec<(u16, u64)>> {
    let sql = "SELECT partition, offset FROM cursors WHERE source = ?1 ORDER BY partition";
    let mut statement = conn.prepare_cached(sql)?;
    let rows =
        statement.query_map([source], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.cast_unsigned())))?;
    rows.collect()
}

/// Moves the cursor, never back.
pub fn put(conn: &Connection, source: &str, partition: u16, offset: u64) -> rusqlite::Result<()> {
    let sql = "INSERT INTO cursors (source, partition, offset) VALUES (?1, ?2, ?3)
        ON CONFLICT DO UPDATE SET offset = max(offset, excluded.offset)";
    conn.prepare_cached(sql)?.execute(params![source, partition, offset.cast_signed()]).map(drop)
}
