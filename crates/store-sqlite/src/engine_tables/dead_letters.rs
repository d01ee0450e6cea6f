//! The table `dead_letters`.

use engine::store::DeadLetterWrite;
use engine::{DeadLetter, DeadLetterState};
use rusqlite::{Connection, Row, params};

use crate::columns::{KeyColumn, StoredKey, StoredTime, TimeColumn, Word, limit, words};

words!(DeadLetterState { Dead = "DEAD", Redriving = "REDRIVING", Resolved = "RESOLVED", Discarded = "DISCARDED" });

/// Writes what becomes of a dead letter.
pub fn write(conn: &Connection, write: &DeadLetterWrite) -> rusqlite::Result<()> {
    match write {
        DeadLetterWrite::Died(letter) => died(conn, letter),
        DeadLetterWrite::Moved(key, name, state) => {
            let sql = "UPDATE dead_letters SET state = ?3, replays = replays + (?3 = 'REDRIVING')
                WHERE key = ?1 AND name = ?2";
            conn.prepare_cached(sql)?.execute(params![KeyColumn(key), name, Word(*state)]).map(drop)
        }
    }
}

/// One that died before keeps its first time and its replays.
fn died(conn: &Connection, letter: &DeadLetter) -> rusqlite::Result<()> {
    let sql = "INSERT INTO dead_letters
            (key, name, kind, code, reason, attempts, replays, state, first_failed_at, last_failed_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
        ON CONFLICT DO UPDATE SET kind = excluded.kind, code = excluded.code, reason = excluded.reason,
            attempts = excluded.attempts, state = excluded.state, last_failed_at = excluded.last_failed_at";
    conn.prepare_cached(sql)?
        .execute(params![
            KeyColumn(&letter.key),
            letter.name,
            letter.kind,
            letter.code,
            letter.reason,
            letter.attempts,
            letter.replays,
            Word(letter.state),
            TimeColumn(letter.first_failed_at),
            TimeColumn(letter.last_failed_at),
        ])
        .map(drop)
}

/// The dead letters of a key, in any state.
pub fn of(conn: &Connection, key: &engine::Key) -> rusqlite::Result<Vec<DeadLetter>> {
    let sql =
        "SELECT key, name, kind, code, reason, attempts, replays, state, first_failed_at, last_failed_at
        FROM dead_letters WHERE key = ?1 ORDER BY name";
    conn.prepare_cached(sql)?.query_map([KeyColumn(key)], letter)?.collect()
}

/// Up to `rows` dead letters in this state, the newest first.
pub fn list(conn: &Connection, state: DeadLetterState, rows: usize) -> rusqlite::Result<Vec<DeadLetter>> {
    let sql =
        "SELECT key, name, kind, code, reason, attempts, replays, state, first_failed_at, last_failed_at
        FROM dead_letters WHERE state = ?1 ORDER BY last_failed_at DESC LIMIT ?2";
    let mut statement = conn.prepare_cached(sql)?;
    statement.query_map(params![Word(state), limit(rows)], letter)?.collect()
}

fn letter(row: &Row<'_>) -> rusqlite::Result<DeadLetter> {
    Ok(DeadLetter {
        key: row.get::<_, StoredKey>(0)?.0,
        name: row.get(1)?,
        kind: row.get(2)?,
        code: row.get(3)?,
        reason: row.get(4)?,
        attempts: row.get(5)?,
        replays: row.get(6)?,
        state: row.get::<_, Word<DeadLetterState>>(7)?.0,
        first_failed_at: row.get::<_, StoredTime>(8)?.0,
        last_failed_at: row.get::<_, StoredTime>(9)?.0,
    })
}
