//! The table `dead_letters`. They are few: a statement each.

use engine::store::DeadLetterWrite;
use engine::{DeadLetter, DeadLetterState, Fault, FiledLetter, Key, LetterQuestion, OperatorAct, Scheduled};
use jiff::Timestamp;
use tokio_postgres::Row;
use tokio_postgres::types::Type;

use crate::columns::{Word, column, int, key_of, key_text, limit, number, small, word, words};
use crate::engine_tables::schedule;
use crate::session::{Session, Value};

words!(DeadLetterState { Dead = "DEAD", Redriving = "REDRIVING", Resolved = "RESOLVED", Discarded = "DISCARDED" });

const COLUMNS: &str = "letter.key, letter.name, letter.kind, letter.code, letter.reason, letter.attempts, letter.replays,
    letter.state, letter.first_failed_at, letter.last_failed_at, letter.actor, letter.act_reason, letter.acted_at";

/// How many later events are set aside behind a letter: those of its key, if it is one of them.
const WAITING: &str = "(SELECT count(*) FROM @scheduled AS later
    WHERE later.key = letter.key AND later.kind = 'held' AND later.name <> letter.name
        AND EXISTS (SELECT FROM @scheduled AS own
            WHERE own.key = letter.key AND own.name = letter.name AND own.kind = 'held'))";

/// Writes what becomes of dead letters.
pub async fn write(session: &Session, writes: &[DeadLetterWrite]) -> Result<(), Fault> {
    for write in writes {
        match write {
            DeadLetterWrite::Died(letter) => died(session, letter).await?,
            DeadLetterWrite::Moved(key, name, state) => moved(session, key, name, *state).await?,
            DeadLetterWrite::Acted(key, name, act) => acted(session, key, name, act).await?,
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

async fn acted(session: &Session, key: &Key, name: &str, act: &OperatorAct) -> Result<(), Fault> {
    let sql =
        "UPDATE @dead_letters SET actor = $3, act_reason = $4, acted_at = $5 WHERE key = $1 AND name = $2";
    let values: &[Value<'_>] = &[
        (&key_text(key), Type::TEXT),
        (&name, Type::TEXT),
        (&act.actor, Type::TEXT),
        (&act.reason, Type::TEXT),
        (&act.at, Type::TIMESTAMPTZ),
    ];
    session.execute(sql, values).await.map(drop)
}

/// One that died before keeps its first time, its replays and the trace of who redrove it.
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
    let sql = format!("SELECT {COLUMNS} FROM @dead_letters AS letter WHERE key = $1 ORDER BY name");
    let rows = session.query(&sql, &[(&key_text(key), Type::TEXT)]).await?;
    rows.iter().map(letter).collect()
}

/// Up to `rows` dead letters in this state, the newest first.
pub async fn list(session: &Session, state: DeadLetterState, rows: usize) -> Result<Vec<DeadLetter>, Fault> {
    let sql = format!(
        "SELECT {COLUMNS} FROM @dead_letters AS letter WHERE state = $1 ORDER BY last_failed_at DESC LIMIT $2"
    );
    let rows = session.query(&sql, &[(&state.word(), Type::TEXT), (&limit(rows), Type::INT8)]).await?;
    rows.iter().map(letter).collect()
}

/// The letters that a question is about, those that failed last first.
pub async fn ask(session: &Session, question: &LetterQuestion) -> Result<Vec<FiledLetter>, Fault> {
    let sql = format!(
        "SELECT {COLUMNS}, {WAITING} FROM @dead_letters AS letter
        WHERE ($1::timestamptz IS NULL OR last_failed_at <= $1)
            AND ($1::timestamptz IS NULL OR last_failed_at < $1 OR (key, name) < ($2, $3))
            AND ($4::text IS NULL OR kind = $4) AND ($5::text IS NULL OR key = $5)
            AND (cardinality($6::text[]) = 0 OR state = ANY($6))
        ORDER BY last_failed_at DESC, key DESC, name DESC LIMIT $7"
    );
    let failed_at = question.behind.as_ref().map(|place| place.failed_at);
    let letter = question.behind.as_ref().and_then(|place| place.letter.as_ref());
    let (key, name) = (letter.map(|(key, _)| key_text(key)), letter.map(|(_, name)| name));
    let only = question.key.as_ref().map(key_text);
    let states: Vec<&str> = question.states.iter().map(|state| state.word()).collect();
    let values: &[Value<'_>] = &[
        (&failed_at, Type::TIMESTAMPTZ),
        (&key, Type::TEXT),
        (&name, Type::TEXT),
        (&question.kind, Type::TEXT),
        (&only, Type::TEXT),
        (&states, Type::TEXT_ARRAY),
        (&limit(question.limit), Type::INT8),
    ];
    session.query(&sql, values).await?.iter().map(filed).collect()
}

/// One letter, with its row of the schedule.
pub async fn find(
    session: &Session,
    key: &Key,
    name: &str,
) -> Result<Option<(FiledLetter, Option<Scheduled>)>, Fault> {
    let sql =
        format!("SELECT {COLUMNS}, {WAITING} FROM @dead_letters AS letter WHERE key = $1 AND name = $2");
    let rows = session.query(&sql, &[(&key_text(key), Type::TEXT), (&name, Type::TEXT)]).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    Ok(Some((filed(row)?, schedule::find(session, key, name).await?)))
}

/// Forgets up to `rows` letters that are settled and rested since `before`. Answers how many.
pub async fn forget(session: &Session, before: Timestamp, rows: usize) -> Result<usize, Fault> {
    let sql = "DELETE FROM @dead_letters AS letter USING (SELECT key, name FROM @dead_letters
            WHERE state IN ('RESOLVED', 'DISCARDED') AND last_failed_at <= $1 AND coalesce(acted_at, $1) <= $1
            LIMIT $2 FOR UPDATE SKIP LOCKED) AS old
        WHERE letter.key = old.key AND letter.name = old.name";
    let forgotten = session.execute(sql, &[(&before, Type::TIMESTAMPTZ), (&limit(rows), Type::INT8)]).await?;
    Ok(usize::try_from(forgotten).unwrap_or(usize::MAX))
}

fn filed(row: &Row) -> Result<FiledLetter, Fault> {
    Ok(FiledLetter { letter: letter(row)?, waiting: number(row, 13)? })
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
        act: act(row)?,
    })
}

fn act(row: &Row) -> Result<Option<OperatorAct>, Fault> {
    let Some(actor) = column(row, 10)? else { return Ok(None) };
    Ok(Some(OperatorAct { actor, reason: column(row, 11)?, at: column(row, 12)? }))
}
