//! The tables `scheduled` and `fencing`.

use engine::store::NextDue;
use engine::{Key, Kind, Scheduled, Standing};
use jiff::Timestamp;
use rusqlite::{Connection, Row, params};

use crate::columns::{KeyColumn, StoredKey, StoredTime, TimeColumn, Word, limit, words};

words!(Kind { Timer = "timer", Held = "held", Effect = "effect" });
words!(Standing { Live = "live", Dead = "dead", Redriven = "redriven" });

/// The rows of the key, by name.
pub fn of(conn: &Connection, key: &Key) -> rusqlite::Result<Vec<Scheduled>> {
    let sql = "SELECT key, name, kind, due, standing, attempts, token, message, data FROM scheduled
        WHERE key = ?1 ORDER BY name";
    let mut statement = conn.prepare_cached(sql)?;
    statement.query_map([KeyColumn(key)], scheduled)?.collect()
}

/// Up to `rows` timers and set-aside events due at `now`, the longest due first.
pub fn due(conn: &Connection, now: Timestamp, rows: usize) -> rusqlite::Result<Vec<Scheduled>> {
    let sql = "SELECT key, name, kind, due, standing, attempts, token, message, data FROM scheduled
        WHERE kind <> 'effect' AND due IS NOT NULL AND due <= ?1 ORDER BY due LIMIT ?2";
    let mut statement = conn.prepare_cached(sql)?;
    statement.query_map(params![TimeColumn(now), limit(rows)], scheduled)?.collect()
}

/// When the next message and the next effect are due.
pub fn next_due(conn: &Connection) -> rusqlite::Result<NextDue> {
    let message = "SELECT min(due) FROM scheduled WHERE kind <> 'effect' AND due IS NOT NULL";
    let effect =
        "SELECT min(coalesce(lease_until, due)) FROM scheduled WHERE kind = 'effect' AND due IS NOT NULL";
    let first = |sql| {
        let mut statement = conn.prepare_cached(sql)?;
        statement.query_row((), |row| Ok(row.get::<_, Option<StoredTime>>(0)?.map(|time| time.0)))
    };
    Ok(NextDue { message: first(message)?, effect: first(effect)? })
}

/// Puts the row, in place of one with its key and name. A lease ends.
pub fn put(conn: &Connection, row: &Scheduled) -> rusqlite::Result<()> {
    let sql = "INSERT INTO scheduled (key, name, kind, due, standing, attempts, token, message, data)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
        ON CONFLICT DO UPDATE SET kind = excluded.kind, due = excluded.due, lease_until = NULL,
            standing = excluded.standing, attempts = excluded.attempts, token = excluded.token,
            message = excluded.message, data = excluded.data";
    conn.prepare_cached(sql)?
        .execute(params![
            KeyColumn(&row.key),
            row.name,
            Word(row.kind),
            row.due.map(TimeColumn),
            Word(row.standing),
            row.attempts,
            row.token.cast_signed(),
            row.message,
            row.data
        ])
        .map(drop)
}

/// Deletes the row, if it is there.
pub fn delete(conn: &Connection, key: &Key, name: &str) -> rusqlite::Result<()> {
    let sql = "DELETE FROM scheduled WHERE key = ?1 AND name = ?2";
    conn.prepare_cached(sql)?.execute(params![KeyColumn(key), name]).map(drop)
}

/// Leases up to `rows` effects that are due at `now` and not leased, until `until`.
pub fn lease(
    conn: &Connection,
    now: Timestamp,
    until: Timestamp,
    rows: usize,
) -> rusqlite::Result<Vec<Scheduled>> {
    let sql = "SELECT key, name, kind, due, standing, attempts, token, message, data FROM scheduled
        WHERE kind = 'effect' AND due IS NOT NULL AND coalesce(lease_until, due) <= ?1
        ORDER BY coalesce(lease_until, due) LIMIT ?2";
    let mut statement = conn.prepare_cached(sql)?;
    let free = statement.query_map(params![TimeColumn(now), limit(rows)], scheduled)?;
    let mut leased = free.collect::<rusqlite::Result<Vec<Scheduled>>>()?;
    let mut token = draw_tokens(conn, leased.len())?;
    let mut statement = conn
        .prepare_cached("UPDATE scheduled SET lease_until = ?3, token = ?4 WHERE key = ?1 AND name = ?2")?;
    for row in &mut leased {
        token += 1;
        row.token = token.cast_unsigned();
        statement.execute(params![KeyColumn(&row.key), row.name, TimeColumn(until), token])?;
    }
    Ok(leased)
}

/// Reserves so many fencing tokens. Answers the last one before them.
fn draw_tokens(conn: &Connection, count: usize) -> rusqlite::Result<i64> {
    if count == 0 {
        return Ok(0);
    }
    let sql = "UPDATE fencing SET token = token + ?1 WHERE id = 1 RETURNING token - ?1";
    conn.prepare_cached(sql)?.query_row([limit(count)], |row| row.get(0))
}

/// Writes something that harms nobody: tokens only have to grow.
pub fn skip_token(conn: &Connection) -> rusqlite::Result<()> {
    draw_tokens(conn, 1).map(drop)
}

/// Ends every lease.
pub fn release_all(conn: &Connection) -> rusqlite::Result<usize> {
    conn.execute(
        "UPDATE scheduled SET lease_until = NULL WHERE kind = 'effect' AND lease_until IS NOT NULL",
        (),
    )
}

fn scheduled(row: &Row<'_>) -> rusqlite::Result<Scheduled> {
    Ok(Scheduled {
        key: row.get::<_, StoredKey>(0)?.0,
        name: row.get(1)?,
        kind: row.get::<_, Word<Kind>>(2)?.0,
        due: row.get::<_, Option<StoredTime>>(3)?.map(|time| time.0),
        standing: row.get::<_, Word<Standing>>(4)?.0,
        attempts: row.get(5)?,
        token: row.get::<_, i64>(6)?.cast_unsigned(),
        message: row.get(7)?,
        data: row.get(8)?,
    })
}
