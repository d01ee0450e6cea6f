//! The table `scheduled`, and the sequence `fencing`.

use engine::store::NextDue;
use engine::{Fault, Key, Kind, Leased, Scheduled, Standing};
use jiff::Timestamp;
use tokio_postgres::Row;
use tokio_postgres::types::Type;

use crate::columns::{Word, column, int, key_of, key_text, key_texts, limit, number, small, word, words};
use crate::session::{Session, Value};

words!(Kind { Timer = "timer", Held = "held", Effect = "effect" });
words!(Standing { Live = "live", Dead = "dead", Redriven = "redriven" });

/// The rows of the keys, by name.
pub async fn of(session: &Session, keys: &[Key]) -> Result<Vec<Scheduled>, Fault> {
    let sql = "SELECT key, name, kind, due, standing, attempts, token, message, data FROM @scheduled
        WHERE key = ANY($1) ORDER BY key, name";
    let rows = session.query(sql, &[(&key_texts(keys), Type::TEXT_ARRAY)]).await?;
    rows.iter().map(scheduled).collect()
}

/// The row of this key and name.
pub async fn find(session: &Session, key: &Key, name: &str) -> Result<Option<Scheduled>, Fault> {
    let sql = "SELECT key, name, kind, due, standing, attempts, token, message, data FROM @scheduled
        WHERE key = $1 AND name = $2";
    let rows = session.query(sql, &[(&key_text(key), Type::TEXT), (&name, Type::TEXT)]).await?;
    rows.first().map(scheduled).transpose()
}

/// Up to `rows` timers and set-aside events due at `now`, the longest due first. They are not locked: another instance
/// may be about to take them, and whoever has their key finds out.
pub async fn due(session: &Session, now: Timestamp, rows: usize) -> Result<Vec<Scheduled>, Fault> {
    let sql = "SELECT key, name, kind, due, standing, attempts, token, message, data FROM @scheduled
        WHERE kind <> 'effect' AND due IS NOT NULL AND due <= $1 ORDER BY due LIMIT $2";
    let rows = session.query(sql, &[(&now, Type::TIMESTAMPTZ), (&limit(rows), Type::INT8)]).await?;
    rows.iter().map(scheduled).collect()
}

/// When the next message and the next effect are due.
pub async fn next_due(session: &Session) -> Result<NextDue, Fault> {
    let sql = "SELECT (SELECT min(due) FROM @scheduled WHERE kind <> 'effect' AND due IS NOT NULL),
        (SELECT min(coalesce(lease_until, due)) FROM @scheduled WHERE kind = 'effect' AND due IS NOT NULL)";
    let rows = session.query(sql, &[]).await?;
    let next = |row| Ok(NextDue { message: column(row, 0)?, effect: column(row, 1)? });
    rows.first().map_or(Ok(NextDue::default()), next)
}

/// Puts rows, each in place of one with its key and name. A lease ends. The dead letter of a dead row that a live one
/// replaces is discarded.
pub async fn put(session: &Session, rows: &[&Scheduled]) -> Result<(), Fault> {
    let discard = "UPDATE @dead_letters AS letter SET state = 'DISCARDED'
        FROM unnest($1, $2, $3) AS new (key, name, standing)
        JOIN @scheduled AS old ON old.key = new.key AND old.name = new.name
        WHERE letter.key = new.key AND letter.name = new.name AND letter.state = 'DEAD'
            AND old.standing = 'dead' AND new.standing = 'live'";
    let sql = "INSERT INTO @scheduled (key, name, kind, due, standing, attempts, token, message, data)
        SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9)
        ON CONFLICT (key, name) DO UPDATE SET kind = excluded.kind, due = excluded.due, lease_until = NULL,
            standing = excluded.standing, attempts = excluded.attempts, token = excluded.token,
            message = excluded.message, data = excluded.data";
    let keys = key_texts(rows.iter().map(|row| &row.key));
    let names: Vec<_> = rows.iter().map(|row| row.name.as_str()).collect();
    let kinds: Vec<_> = rows.iter().map(|row| row.kind.word()).collect();
    let dues: Vec<_> = rows.iter().map(|row| row.due).collect();
    let standings: Vec<_> = rows.iter().map(|row| row.standing.word()).collect();
    let attempts: Vec<_> = rows.iter().map(|row| int(row.attempts)).collect();
    let tokens: Vec<i64> = rows.iter().map(|row| row.token.cast_signed()).collect();
    let messages: Vec<_> = rows.iter().map(|row| row.message.as_str()).collect();
    let data: Vec<_> = rows.iter().map(|row| row.data.as_str()).collect();
    let replaced: &[Value<'_>] =
        &[(&keys, Type::TEXT_ARRAY), (&names, Type::TEXT_ARRAY), (&standings, Type::TEXT_ARRAY)];
    let values: &[Value<'_>] = &[
        (&keys, Type::TEXT_ARRAY),
        (&names, Type::TEXT_ARRAY),
        (&kinds, Type::TEXT_ARRAY),
        (&dues, Type::TIMESTAMPTZ_ARRAY),
        (&standings, Type::TEXT_ARRAY),
        (&attempts, Type::INT4_ARRAY),
        (&tokens, Type::INT8_ARRAY),
        (&messages, Type::TEXT_ARRAY),
        (&data, Type::TEXT_ARRAY),
    ];
    let (discarded, put) = futures::join!(session.execute(discard, replaced), session.execute(sql, values));
    discarded.and(put).map(drop)
}

/// Deletes rows that are there. A dead row leaves a discarded dead letter behind; a redriven one has done what it was
/// redriven for.
pub async fn delete(session: &Session, rows: &[(&Key, &str)]) -> Result<(), Fault> {
    let sql = "WITH gone AS (
            DELETE FROM @scheduled AS old USING unnest($1, $2) AS row (key, name)
            WHERE old.key = row.key AND old.name = row.name RETURNING old.key, old.name, old.standing)
        UPDATE @dead_letters AS letter
        SET state = CASE gone.standing WHEN 'dead' THEN 'DISCARDED' ELSE 'RESOLVED' END
        FROM gone WHERE letter.key = gone.key AND letter.name = gone.name
            AND (gone.standing, letter.state) IN (('dead', 'DEAD'), ('redriven', 'REDRIVING'))";
    let keys: Vec<_> = rows.iter().map(|(key, _)| key_text(key)).collect();
    let names: Vec<_> = rows.iter().map(|(_, name)| *name).collect();
    session.execute(sql, &[(&keys, Type::TEXT_ARRAY), (&names, Type::TEXT_ARRAY)]).await.map(drop)
}

/// Leases up to `rows` effects that are due at `now` and not leased, until `until`. What another transaction is about to
/// lease is passed over.
pub async fn lease(
    session: &Session,
    now: Timestamp,
    until: Timestamp,
    rows: usize,
) -> Result<Vec<Leased>, Fault> {
    let sql = "WITH free AS (
            SELECT key, name, coalesce(lease_until, due) AS since, lease_until IS NOT NULL AS interrupted
            FROM @scheduled
            WHERE kind = 'effect' AND due IS NOT NULL AND coalesce(lease_until, due) <= $1
            ORDER BY coalesce(lease_until, due) LIMIT $2 FOR UPDATE SKIP LOCKED),
        leased AS (
            UPDATE @scheduled AS row SET lease_until = $3, token = nextval('@fencing')
            FROM free WHERE row.key = free.key AND row.name = free.name
            RETURNING row.key, row.name, kind, due, standing, attempts, token, message, data, since, interrupted)
        SELECT key, name, kind, due, standing, attempts, token, message, data, interrupted
        FROM leased ORDER BY since, key, name";
    let values: &[Value<'_>] =
        &[(&now, Type::TIMESTAMPTZ), (&limit(rows), Type::INT8), (&until, Type::TIMESTAMPTZ)];
    let leased = |row| Ok(Leased { row: scheduled(row)?, interrupted: column(row, 9)? });
    session.query(sql, values).await?.iter().map(leased).collect()
}

fn scheduled(row: &Row) -> Result<Scheduled, Fault> {
    Ok(Scheduled {
        key: key_of(column(row, 0)?),
        name: column(row, 1)?,
        kind: word(row, 2)?,
        due: column(row, 3)?,
        standing: word(row, 4)?,
        attempts: small(row, 5)?,
        token: number(row, 6)?,
        message: column(row, 7)?,
        data: column(row, 8)?,
    })
}
