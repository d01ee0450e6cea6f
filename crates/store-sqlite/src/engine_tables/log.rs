//! The tables `log` and `heads`: the outbox.

use std::sync::Arc;

use engine::{Fault, Record};
use rusqlite::{Connection, Row, params};
use smallvec::SmallVec;

use crate::columns::{KeyColumn, StoredKey, StoredTime, TimeColumn, limit};
use crate::fault::fault;
use crate::tail::Appended;

/// Offsets have 40 bits: a million a second for twelve days, or a thousand a second for 34 years.
const OFFSET_BITS: u32 = 40;
const OFFSET_MASK: i64 = (1 << OFFSET_BITS) - 1;

/// The rowid of a record.
pub fn place(partition: u16, offset: u64) -> i64 {
    (i64::from(partition) << OFFSET_BITS) | offset.cast_signed().clamp(0, OFFSET_MASK)
}

fn offset(place: i64) -> u64 {
    (place & OFFSET_MASK).cast_unsigned()
}

/// Makes the partitions of a new file. Answers the heads of all, by partition: an old file keeps its number.
pub fn prepare(conn: &Connection, partitions: u16) -> rusqlite::Result<Vec<u64>> {
    let heads = || -> rusqlite::Result<Vec<u64>> {
        let mut statement = conn.prepare("SELECT offset FROM heads ORDER BY partition")?;
        statement.query_map((), |row| Ok(row.get::<_, i64>(0)?.cast_unsigned()))?.collect()
    };
    let known = heads()?;
    if !known.is_empty() {
        return Ok(known);
    }
    let sql = "WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < ?1)
        INSERT INTO heads (partition, offset) SELECT n, 0 FROM numbers";
    conn.execute(sql, [partitions.max(1)])?;
    heads()
}

/// How many partitions there are.
pub fn partitions(conn: &Connection) -> rusqlite::Result<usize> {
    let count: i64 = conn.query_row("SELECT count(*) FROM heads", (), |row| row.get(0))?;
    Ok(usize::try_from(count).unwrap_or(0))
}

/// The offset of the newest record ever written to the partition.
pub fn head(conn: &Connection, partition: u16) -> rusqlite::Result<u64> {
    let mut statement = conn.prepare_cached("SELECT offset FROM heads WHERE partition = ?1")?;
    statement.query_row([partition], |row| Ok(row.get::<_, i64>(0)?.cast_unsigned()))
}

/// Appends the records of `service` in their order, each at the end of its key's partition.
pub fn append(
    conn: &Connection,
    service: &str,
    partitions: u16,
    records: Vec<Arc<Record>>,
) -> Result<Vec<Appended>, Fault> {
    let mut heads: SmallVec<[(u16, u64); 8]> = SmallVec::new();
    let mut appended = Vec::with_capacity(records.len());
    for record in records {
        let partition = record.key.partition(partitions);
        let index = match heads.iter().position(|(known, _)| *known == partition) {
            Some(index) => index,
            None => {
                heads.push((partition, head(conn, partition).map_err(fault)?));
                heads.len() - 1
            }
        };
        heads[index].1 += 1;
        let offset = heads[index].1;
        let sequence = own_sequence(service, &record)?;
        insert(conn, place(partition, offset), sequence, &record).map_err(fault)?;
        appended.push(Appended { partition, offset, record });
    }
    heads.iter().try_for_each(|(partition, offset)| set_head(conn, *partition, *offset)).map_err(fault)?;
    Ok(appended)
}

/// The log has no columns for what its own service's events never are.
fn own_sequence(service: &str, record: &Record) -> Result<i64, Fault> {
    match record.sequence {
        Some(sequence) if record.source == service && record.foreign_id.is_none() => {
            Ok(sequence.cast_signed())
        }
        _ => Err(Fault::Rejected(format!(
            "the event {} of {} is not one of {service}'s own",
            record.id(),
            record.source
        ))),
    }
}

fn insert(conn: &Connection, place: i64, sequence: i64, record: &Record) -> rusqlite::Result<()> {
    let sql =
        "INSERT INTO log (place, key, sequence, kind, time, data, steps) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    let (key, time) = (KeyColumn(&record.key), TimeColumn(record.time));
    let values = params![place, key, sequence, record.kind, time, record.data, record.steps];
    conn.prepare_cached(sql)?.execute(values).map(drop)
}

fn set_head(conn: &Connection, partition: u16, offset: u64) -> rusqlite::Result<()> {
    let sql = "UPDATE heads SET offset = ?2 WHERE partition = ?1";
    conn.prepare_cached(sql)?.execute(params![partition, offset.cast_signed()]).map(drop)
}

/// Up to `rows` records of `service` behind offset `after`, in offset order.
pub fn read(
    conn: &Connection,
    service: &str,
    partition: u16,
    after: u64,
    rows: usize,
) -> rusqlite::Result<Vec<(u64, Arc<Record>)>> {
    let sql = "SELECT place, key, sequence, kind, time, data, steps FROM log
        WHERE place > ?1 AND place <= ?2 ORDER BY place LIMIT ?3";
    let mut statement = conn.prepare_cached(sql)?;
    let end = place(partition, u64::MAX >> 1);
    statement
        .query_map(params![place(partition, after), end, limit(rows)], |row| record(service, row))?
        .collect()
}

/// The offset and the record of a row that begins with the columns of the log.
pub fn record(service: &str, row: &Row<'_>) -> rusqlite::Result<(u64, Arc<Record>)> {
    let record = Record {
        source: service.to_owned(),
        key: row.get::<_, StoredKey>(1)?.0,
        sequence: Some(row.get::<_, i64>(2)?.cast_unsigned()),
        foreign_id: None,
        steps: row.get(6)?,
        kind: row.get(3)?,
        time: row.get::<_, StoredTime>(4)?.0,
        data: row.get(5)?,
    };
    Ok((offset(row.get(0)?), Arc::new(record)))
}

/// Deletes up to `rows` records at or below offset `through`. Answers how many, and the last one's offset.
pub fn trim(
    conn: &Connection,
    partition: u16,
    through: u64,
    rows: usize,
) -> rusqlite::Result<Option<(usize, u64)>> {
    let sql = "SELECT max(place) FROM
        (SELECT place FROM log WHERE place > ?1 AND place <= ?2 ORDER BY place LIMIT ?3)";
    let (begin, end) = (place(partition, 0), place(partition, through));
    let mut statement = conn.prepare_cached(sql)?;
    let last: Option<i64> = statement.query_row(params![begin, end, limit(rows)], |row| row.get(0))?;
    let Some(last) = last else { return Ok(None) };
    let sql = "DELETE FROM log WHERE place > ?1 AND place <= ?2";
    Ok(Some((conn.prepare_cached(sql)?.execute([begin, last])?, offset(last))))
}
