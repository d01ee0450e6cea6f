//! The table `dead_letters`.

use engine::store::DeadLetterWrite;
use engine::{DeadLetter, DeadLetterState, FiledLetter, Key, LetterQuestion, OperatorAct, Scheduled};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, ToSql, params};

use crate::columns::{AsWord, KeyColumn, StoredKey, StoredTime, TimeColumn, Word, limit, words};
use crate::engine_tables::schedule;

words!(DeadLetterState { Dead = "DEAD", Redriving = "REDRIVING", Resolved = "RESOLVED", Discarded = "DISCARDED" });

const COLUMNS: &str = "letter.key, letter.name, letter.kind, letter.code, letter.reason, letter.attempts, letter.replays,
    letter.state, letter.first_failed_at, letter.last_failed_at, letter.actor, letter.act_reason, letter.acted_at";

/// How many later events are set aside behind a letter: those of its key, if it is one of them.
const WAITING: &str = "(SELECT count(*) FROM scheduled AS later
    WHERE later.key = letter.key AND later.kind = 'held' AND later.name <> letter.name
        AND EXISTS (SELECT 1 FROM scheduled AS own
            WHERE own.key = letter.key AND own.name = letter.name AND own.kind = 'held'))";

/// Writes what becomes of a dead letter.
pub fn write(conn: &Connection, write: &DeadLetterWrite) -> rusqlite::Result<()> {
    match write {
        DeadLetterWrite::Died(letter) => died(conn, letter),
        DeadLetterWrite::Moved(key, name, state) => {
            let sql = "UPDATE dead_letters SET state = ?3, replays = replays + (?3 = 'REDRIVING')
                WHERE key = ?1 AND name = ?2";
            conn.prepare_cached(sql)?.execute(params![KeyColumn(key), name, Word(*state)]).map(drop)
        }
        DeadLetterWrite::Acted(key, name, act) => {
            let sql = "UPDATE dead_letters SET actor = ?3, act_reason = ?4, acted_at = ?5
                WHERE key = ?1 AND name = ?2";
            let values = params![KeyColumn(key), name, act.actor, act.reason, TimeColumn(act.at)];
            conn.prepare_cached(sql)?.execute(values).map(drop)
        }
    }
}

/// One that died before keeps its first time, its replays and the trace of who redrove it.
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
pub fn of(conn: &Connection, key: &Key) -> rusqlite::Result<Vec<DeadLetter>> {
    let sql = format!("SELECT {COLUMNS} FROM dead_letters AS letter WHERE key = ?1 ORDER BY name");
    conn.prepare_cached(&sql)?.query_map([KeyColumn(key)], letter)?.collect()
}

/// Up to `rows` dead letters in this state, the newest first.
pub fn list(conn: &Connection, state: DeadLetterState, rows: usize) -> rusqlite::Result<Vec<DeadLetter>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM dead_letters AS letter WHERE state = ?1 ORDER BY last_failed_at DESC LIMIT ?2"
    );
    let mut statement = conn.prepare_cached(&sql)?;
    statement.query_map(params![Word(state), limit(rows)], letter)?.collect()
}

/// The letters that a question is about, those that failed last first.
pub fn ask(conn: &Connection, question: &LetterQuestion) -> rusqlite::Result<Vec<FiledLetter>> {
    // The number of filters is fixed, so there are few statements. The bound of the time is always there, so that SQLite seeks.
    let mut sql = format!(
        "SELECT {COLUMNS}, {WAITING} FROM dead_letters AS letter WHERE last_failed_at <= ?1
            AND (last_failed_at < ?1 OR (key, name) < (?2, ?3)) AND (?4 IS NULL OR kind = ?4)"
    );
    if question.key.is_some() {
        sql += " AND key = ?5";
    } else {
        sql += " AND ?5 IS NULL";
    }
    if !question.states.is_empty() {
        let words = question.states.iter().map(|state| format!("'{}'", state.word()));
        sql += &format!(" AND state IN ({})", words.collect::<Vec<_>>().join(", "));
    }
    sql += " ORDER BY last_failed_at DESC, key DESC, name DESC LIMIT ?6";
    let place = question.behind.as_ref();
    let failed_at = place.map_or(i64::MAX, |place| place.failed_at.as_microsecond());
    let letter = place.and_then(|place| place.letter.as_ref());
    let (key, name) = (letter.map(|(key, _)| KeyColumn(key)), letter.map(|(_, name)| name));
    let only = question.key.as_ref().map(KeyColumn);
    let values: [&dyn ToSql; 6] = [&failed_at, &key, &name, &question.kind, &only, &limit(question.limit)];
    conn.prepare_cached(&sql)?.query_map(values, filed)?.collect()
}

/// One letter, with its row of the schedule.
pub fn find(
    conn: &Connection,
    key: &Key,
    name: &str,
) -> rusqlite::Result<Option<(FiledLetter, Option<Scheduled>)>> {
    let sql = format!("SELECT {COLUMNS}, {WAITING} FROM dead_letters AS letter WHERE key = ?1 AND name = ?2");
    let found = conn.prepare_cached(&sql)?.query_row(params![KeyColumn(key), name], filed).optional()?;
    let Some(found) = found else { return Ok(None) };
    Ok(Some((found, schedule::find(conn, key, name)?)))
}

/// Forgets up to `rows` letters that are settled and rested since `before`. Answers how many.
pub fn forget(conn: &Connection, before: Timestamp, rows: usize) -> rusqlite::Result<usize> {
    let sql = "DELETE FROM dead_letters WHERE (key, name) IN (SELECT key, name FROM dead_letters
        WHERE state IN ('RESOLVED', 'DISCARDED') AND last_failed_at <= ?1 AND coalesce(acted_at, ?1) <= ?1 LIMIT ?2)";
    conn.prepare_cached(sql)?.execute(params![TimeColumn(before), limit(rows)])
}

fn filed(row: &Row<'_>) -> rusqlite::Result<FiledLetter> {
    Ok(FiledLetter { letter: letter(row)?, waiting: row.get::<_, i64>(13)?.cast_unsigned() })
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
        act: act(row)?,
    })
}

fn act(row: &Row<'_>) -> rusqlite::Result<Option<OperatorAct>> {
    let Some(actor) = row.get(10)? else { return Ok(None) };
    Ok(Some(OperatorAct { actor, reason: row.get(11)?, at: row.get::<_, StoredTime>(12)?.0 }))
}
