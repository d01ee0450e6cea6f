//! The table `dead_letters`. They are few: a statement each.

use engine::store::DeadLetterWrite;
use engine::{DeadLetter, DeadLetterState, Fault, Key};
use tokio_postgres::Row;
use tokio_postgres::types::Type;

use crate::columns::{Word, column, int, key_of, key_text, limit, small, word, words};
use crate::session::{Session, Value};

words!(DeadLetterState { Dead = "DEAD", Redriving = "REDRIVING", Resolved = "RESOLVED", Discarded = "DISCARDED" });

/// Writes what becomes of dead letters.
pub async fn write(session: &Session, writes: &[DeadLetterWrite]) -> Result<(), Fault> {
    for write in writes {
        match write {
            DeadLetterWrite::Died(letter) => died(session, letter).await?,
            DeadLetterWrite::Moved(key, name, state) => moved(session, key, name, *state).await?,
        }
    }
    Ok(())
}

async fn moved(session: &Session, key: &Key, name: &str, state: DeadLetterState) -> Result<(), Fault> {
    let sql = "UPDATE @dead_letters SET state = $3, replays = replays + ($3 = 'REDRIVING')::int
        WHERE key = $1 AND name = $2";
    let (key, state) = (key_text(key), state.word());
    session.execute(sql, &[(&key, Type::TEXT), (&name, Type::TEXT), (&state, Type::TEXT)]).await.map(drop)
}

/// One that died before keeps its first time and its replays.
async fn died(session: &Session, letter: &DeadLetter) -> Result<(), Fault> {
    let sql = "INSERT INTO @dead_letters
            (key, name, kind, code, reason, attempts, replays, state, first_failed_at, last_failed_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        ON CONFLICT (key, name) DO UPDATE SET kind = excluded.kind, code = excluded.code,
            reason = excluded.reason, attempts = excluded.attempts, state = excluded.state,
            last_failed_at = excluded.last_failed_at";
    let values: &[Value<'_>] = &[
        (&key_text(&letter.key), Type::TEXT),
        (&letter.name, Type::TEXT),
        (&letter.kind, Type::TEXT),
        (&letter.code, Type::TEXT),
        (&letter.reason, Type::TEXT),
        (&int(letter.attempts), Type::INT4),
        (&int(letter.replays), Type::INT4),
        (&letter.state.word(), Type::TEXT),
        (&letter.first_failed_at, Type::TIMESTAMPTZ),
        (&letter.last_failed_at, Type::TIMESTAMPTZ),
    ];
    session.execute(sql, values).await.map(drop)
}

/// The dead letters of a key, in any state.
pub async fn of(session: &Session, key: &Key) -> Result<Vec<DeadLetter>, Fault> {
    let sql =
        "SELECT key, name, kind, code, reason, attempts, replays, state, first_failed_at, last_failed_at
        FROM @dead_letters WHERE key = $1 ORDER BY name";
    let rows = session.query(sql, &[(&key_text(key), Type::TEXT)]).await?;
    rows.iter().map(letter).collect()
}

/// Up to `rows` dead letters in this state, the newest first.
pub async fn list(session: &Session, state: DeadLetterState, rows: usize) -> Result<Vec<DeadLetter>, Fault> {
    let sql =
        "SELECT key, name, kind, code, reason, attempts, replays, state, first_failed_at, last_failed_at
        FROM @dead_letters WHERE state = $1 ORDER BY last_failed_at DESC LIMIT $2";
    let rows = session.query(sql, &[(&state.word(), Type::TEXT), (&limit(rows), Type::INT8)]).await?;
    rows.iter().map(letter).collect()
}

fn letter(row: &Row) -> Result<DeadLetter, Fault> {
    Ok(DeadLetter {
        key: key_of(column(row, 0)?),
        name: column(row, 1)?,
        kind: column(row, 2)?,
        code: column(row, 3)?,
        reason: column(row, 4)?,
        attempts: small(row, 5)?,
        replays: small(row, 6)?,
        state: word(row, 7)?,
        first_failed_at: column(row, 8)?,
        last_failed_at: column(row, 9)?,
    })
}
