//! The tables `holds` and `parked`: what a relay keeps.

use engine::outbox::{Forwarded, Hold, Parked};
use engine::{Fault, Key};
use jiff::Timestamp;
use tokio_postgres::types::Type;
use uuid::Uuid;

use crate::columns::{column, int, key_of, key_texts, limit, number, small};
use crate::engine_tables::log::record;
use crate::session::{Session, Value};

/// Takes hold of what is free, and keeps hold of what the relay has.
pub async fn hold(
    session: &Session,
    service: &str,
    relay: Uuid,
    now: Timestamp,
    until: Timestamp,
) -> Result<Vec<Hold>, Fault> {
    let relay = relay.to_string();
    let take = "INSERT INTO @holds AS h (partition, relay, token, held_until)
        SELECT partition, $1, 1, $3 FROM @heads ORDER BY partition
        ON CONFLICT (partition) DO UPDATE SET
            token = h.token + (h.relay <> excluded.relay OR h.held_until <= $2)::int,
            relay = excluded.relay, held_until = excluded.held_until
        WHERE h.relay = excluded.relay OR h.held_until <= $2";
    let values: &[Value<'_>] =
        &[(&relay, Type::TEXT), (&now, Type::TIMESTAMPTZ), (&until, Type::TIMESTAMPTZ)];
    session.execute(take, values).await?;
    let held = "SELECT h.partition, h.token, coalesce(c.log_offset, 0),
            EXISTS (SELECT FROM @parked AS p WHERE p.partition = h.partition)
        FROM @holds AS h LEFT JOIN @cursors AS c ON c.source = $2 AND c.partition = h.partition
        WHERE h.relay = $1 ORDER BY h.partition";
    let rows = session.query(held, &[(&relay, Type::TEXT), (&service, Type::TEXT)]).await?;
    let hold = |row: &tokio_postgres::Row| {
        Ok(Hold {
            partition: small(row, 0)?,
            token: number(row, 1)?,
            forwarded: number(row, 2)?,
            parked: column(row, 3)?,
        })
    };
    rows.iter().map(hold).collect()
}

/// Ends the holds of a relay. Their tokens stay, so that the next ones are higher.
pub async fn release(session: &Session, relay: Uuid) -> Result<(), Fault> {
    let sql = "WITH mine AS (SELECT partition FROM @holds WHERE relay = $1 ORDER BY partition FOR UPDATE)
        UPDATE @holds AS h SET held_until = '-infinity' FROM mine WHERE h.partition = mine.partition";
    session.execute(sql, &[(&relay.to_string(), Type::TEXT)]).await.map(drop)
}

/// Moves the cursors of partitions that are held so. Answers those that are not any more. The others stay locked until the
/// end of the transaction.
pub async fn forward(session: &Session, service: &str, work: &[Forwarded]) -> Result<Vec<u16>, Fault> {
    let mut work: Vec<&Forwarded> = work.iter().collect();
    work.sort_unstable_by_key(|done| done.hold.partition);
    let sql = "WITH work AS (SELECT * FROM unnest($2, $3, $4) AS work (partition, token, through)),
        held AS (
            SELECT h.partition, work.through FROM @holds AS h
            JOIN work ON work.partition = h.partition AND work.token = h.token
            ORDER BY h.partition FOR UPDATE OF h)
        INSERT INTO @cursors AS known (source, partition, log_offset) SELECT $1, partition, through FROM held
        ON CONFLICT (source, partition)
        DO UPDATE SET log_offset = greatest(known.log_offset, excluded.log_offset)
        RETURNING partition";
    let partitions: Vec<i32> = work.iter().map(|done| i32::from(done.hold.partition)).collect();
    let tokens: Vec<i64> = work.iter().map(|done| done.hold.token.cast_signed()).collect();
    let through: Vec<i64> = work.iter().map(|done| done.through.cast_signed()).collect();
    let values: &[Value<'_>] = &[
        (&service, Type::TEXT),
        (&partitions, Type::INT4_ARRAY),
        (&tokens, Type::INT8_ARRAY),
        (&through, Type::INT8_ARRAY),
    ];
    let rows = session.query(sql, values).await?;
    let held: Vec<u16> = rows.iter().map(|row| small(row, 0)).collect::<Result<_, _>>()?;
    Ok(work.iter().map(|done| done.hold.partition).filter(|partition| !held.contains(partition)).collect())
}

/// Parks records, or parks them on.
pub async fn park(session: &Session, partition: u16, parked: &[Parked]) -> Result<(), Fault> {
    if parked.is_empty() {
        return Ok(());
    }
    let sql = "INSERT INTO @parked
            (partition, log_offset, key, sequence, kind, time, data, steps, reason, attempts, due)
        SELECT $1, * FROM unnest($2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        ON CONFLICT (partition, log_offset)
        DO UPDATE SET reason = excluded.reason, attempts = excluded.attempts, due = excluded.due";
    let offsets: Vec<i64> = parked.iter().map(|parked| parked.offset.cast_signed()).collect();
    let keys = key_texts(parked.iter().map(|parked| &parked.record.key));
    let sequences: Vec<i64> =
        parked.iter().map(|parked| parked.record.sequence.unwrap_or(0).cast_signed()).collect();
    let kinds: Vec<&str> = parked.iter().map(|parked| parked.record.kind.as_str()).collect();
    let times: Vec<Timestamp> = parked.iter().map(|parked| parked.record.time).collect();
    let data: Vec<&str> = parked.iter().map(|parked| parked.record.data.as_str()).collect();
    let steps: Vec<Option<&str>> = parked.iter().map(|parked| parked.record.steps.as_deref()).collect();
    let reasons: Vec<&str> = parked.iter().map(|parked| parked.reason.as_str()).collect();
    let attempts: Vec<i32> = parked.iter().map(|parked| int(parked.attempts)).collect();
    let dues: Vec<Option<Timestamp>> = parked.iter().map(|parked| parked.due).collect();
    let values: &[Value<'_>] = &[
        (&i32::from(partition), Type::INT4),
        (&offsets, Type::INT8_ARRAY),
        (&keys, Type::TEXT_ARRAY),
        (&sequences, Type::INT8_ARRAY),
        (&kinds, Type::TEXT_ARRAY),
        (&times, Type::TIMESTAMPTZ_ARRAY),
        (&data, Type::TEXT_ARRAY),
        (&steps, Type::TEXT_ARRAY),
        (&reasons, Type::TEXT_ARRAY),
        (&attempts, Type::INT4_ARRAY),
        (&dues, Type::TIMESTAMPTZ_ARRAY),
    ];
    session.execute(sql, values).await.map(drop)
}

/// Lets parked records go. The next one of each one's key is due.
pub async fn unpark(session: &Session, partition: u16, offsets: &[u64], now: Timestamp) -> Result<(), Fault> {
    if offsets.is_empty() {
        return Ok(());
    }
    let delete = "DELETE FROM @parked WHERE partition = $1 AND log_offset = ANY($2) RETURNING key";
    let offsets: Vec<i64> = offsets.iter().map(|offset| offset.cast_signed()).collect();
    let values: &[Value<'_>] = &[(&i32::from(partition), Type::INT4), (&offsets, Type::INT8_ARRAY)];
    let rows = session.query(delete, values).await?;
    let keys: Vec<&str> = rows.iter().map(|row| column(row, 0)).collect::<Result<_, _>>()?;
    let follow =
        "UPDATE @parked AS p SET due = $3 WHERE p.partition = $1 AND p.key = ANY($2) AND p.due IS NULL
        AND p.log_offset = (SELECT min(first.log_offset) FROM @parked AS first
            WHERE first.partition = $1 AND first.key = p.key)";
    let values: &[Value<'_>] =
        &[(&i32::from(partition), Type::INT4), (&keys, Type::TEXT_ARRAY), (&now, Type::TIMESTAMPTZ)];
    session.execute(follow, values).await.map(drop)
}

/// Those of the keys that have parked records.
pub async fn parked_keys(session: &Session, keys: &[Key]) -> Result<Vec<Key>, Fault> {
    let sql = "SELECT DISTINCT key FROM @parked WHERE key = ANY($1)";
    let rows = session.query(sql, &[(&key_texts(keys), Type::TEXT_ARRAY)]).await?;
    rows.iter().map(|row| Ok(key_of(column(row, 0)?))).collect()
}

/// The parked records of a partition that are due.
pub async fn due(
    session: &Session,
    service: &str,
    partition: u16,
    now: Timestamp,
    rows: usize,
) -> Result<Vec<Parked>, Fault> {
    let sql = "SELECT log_offset, key, sequence, kind, time, data, steps, reason, attempts, due FROM @parked
        WHERE partition = $1 AND due <= $2 ORDER BY log_offset LIMIT $3";
    let values: &[Value<'_>] =
        &[(&i32::from(partition), Type::INT4), (&now, Type::TIMESTAMPTZ), (&limit(rows), Type::INT8)];
    let parked = |row: &tokio_postgres::Row| {
        let (offset, record) = record(service, row)?;
        Ok(Parked { offset, record, reason: column(row, 7)?, attempts: small(row, 8)?, due: column(row, 9)? })
    };
    session.query(sql, values).await?.iter().map(parked).collect()
}
