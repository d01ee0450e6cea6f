//! The tables `holds` and `parked`: what a relay keeps.

use engine::Key;
use engine::outbox::{Forwarded, Hold, Parked};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};
use uuid::Uuid;

use crate::columns::{KeyColumn, StoredKey, StoredTime, TimeColumn, limit};
use crate::engine_tables::cursors;
use crate::engine_tables::log::{place, record};

/// Takes hold of what is free, and keeps hold of what the relay has.
pub fn hold(
    conn: &Connection,
    service: &str,
    relay: Uuid,
    now: Timestamp,
    until: Timestamp,
) -> rusqlite::Result<Vec<Hold>> {
    let sql = "INSERT INTO holds (partition, relay, token, until) SELECT partition, ?1, 1, ?3 FROM heads WHERE true
        ON CONFLICT DO UPDATE SET
            token = token + (relay <> excluded.relay OR until <= ?2), relay = excluded.relay, until = excluded.until
        WHERE relay = excluded.relay OR until <= ?2";
    let relay = relay.to_string();
    conn.prepare_cached(sql)?.execute(params![relay, TimeColumn(now), TimeColumn(until)])?;
    let sql = "SELECT partition, token,
            coalesce((SELECT offset FROM cursors WHERE source = ?2 AND cursors.partition = holds.partition), 0),
            EXISTS (SELECT 1 FROM parked WHERE place > partition << 40 AND place < (partition + 1) << 40)
        FROM holds WHERE relay = ?1 ORDER BY partition";
    let mut statement = conn.prepare_cached(sql)?;
    let held = |row: &Row<'_>| {
        Ok(Hold {
            partition: row.get(0)?,
            token: row.get::<_, i64>(1)?.cast_unsigned(),
            forwarded: row.get::<_, i64>(2)?.cast_unsigned(),
            parked: row.get(3)?,
        })
    };
    statement.query_map([relay.as_str(), service], held)?.collect()
}

/// Ends the holds of a relay, or of all. Their tokens stay, so that the next ones are higher.
pub fn release(conn: &Connection, relay: Option<Uuid>) -> rusqlite::Result<()> {
    let sql = "UPDATE holds SET until = 0 WHERE ?1 IS NULL OR relay = ?1";
    conn.prepare_cached(sql)?.execute([relay.map(|relay| relay.to_string())]).map(drop)
}

/// Writes down what became of records. Answers the partitions that are not held so any more.
pub fn forward(
    conn: &Connection,
    service: &str,
    now: Timestamp,
    work: &[Forwarded],
) -> rusqlite::Result<Vec<u16>> {
    let mut lost = Vec::new();
    for done in work {
        let sql = "SELECT token FROM holds WHERE partition = ?1";
        let token =
            conn.prepare_cached(sql)?.query_row([done.hold.partition], |row| row.get(0)).optional()?;
        if token != Some(done.hold.token.cast_signed()) {
            lost.push(done.hold.partition);
            continue;
        }
        cursors::put(conn, service, done.hold.partition, done.through)?;
        done.park.iter().try_for_each(|parked| park(conn, done.hold.partition, parked))?;
        done.unpark.iter().try_for_each(|offset| unpark(conn, now, place(done.hold.partition, *offset)))?;
    }
    Ok(lost)
}

fn park(conn: &Connection, partition: u16, parked: &Parked) -> rusqlite::Result<()> {
    let sql = "INSERT INTO parked (place, key, sequence, kind, time, data, steps, reason, attempts, due)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
        ON CONFLICT DO UPDATE SET reason = excluded.reason, attempts = excluded.attempts, due = excluded.due";
    let record = &parked.record;
    let values = params![
        place(partition, parked.offset),
        KeyColumn(&record.key),
        record.sequence.unwrap_or(0).cast_signed(),
        record.kind,
        TimeColumn(record.time),
        record.data,
        record.steps,
        parked.reason,
        parked.attempts,
        parked.due.map(TimeColumn),
    ];
    conn.prepare_cached(sql)?.execute(values).map(drop)
}

/// Lets a parked record go. The next one of its key is due.
fn unpark(conn: &Connection, now: Timestamp, place: i64) -> rusqlite::Result<()> {
    let sql = "DELETE FROM parked WHERE place = ?1 RETURNING key";
    let key = conn.prepare_cached(sql)?.query_row([place], |row| row.get::<_, StoredKey>(0)).optional()?;
    let Some(StoredKey(key)) = key else { return Ok(()) };
    let sql = "UPDATE parked SET due = ?2 WHERE due IS NULL
        AND place = (SELECT place FROM parked WHERE key = ?1 ORDER BY place LIMIT 1)";
    conn.prepare_cached(sql)?.execute(params![KeyColumn(&key), TimeColumn(now)]).map(drop)
}

/// Those of the keys that have parked records.
pub fn parked_keys(conn: &Connection, keys: &[Key]) -> rusqlite::Result<Vec<Key>> {
    let mut statement = conn.prepare_cached("SELECT 1 FROM parked WHERE key = ?1 LIMIT 1")?;
    let mut parked = Vec::new();
    for key in keys {
        if statement.exists([KeyColumn(key)])? {
            parked.push(key.clone());
        }
    }
    Ok(parked)
}

/// The parked records of a partition that are due.
pub fn due(
    conn: &Connection,
    service: &str,
    partition: u16,
    now: Timestamp,
    rows: usize,
) -> rusqlite::Result<Vec<Parked>> {
    let sql = "SELECT place, key, sequence, kind, time, data, steps, reason, attempts, due FROM parked
        WHERE due <= ?3 AND place > ?1 AND place < ?2 ORDER BY place LIMIT ?4";
    let mut statement = conn.prepare_cached(sql)?;
    let (begin, end) = (place(partition, 0), place(partition + 1, 0));
    let parked = |row: &Row<'_>| {
        let (offset, record) = record(service, row)?;
        let due = row.get::<_, Option<StoredTime>>(9)?.map(|due| due.0);
        Ok(Parked { offset, record, reason: row.get(7)?, attempts: row.get(8)?, due })
    };
    statement.query_map(params![begin, end, TimeColumn(now), limit(rows)], parked)?.collect()
}
