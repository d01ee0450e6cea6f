//! The tables `log` and `heads`: the outbox.

use std::collections::BTreeMap;
use std::sync::Arc;

use engine::outbox::Hold;
use engine::{Fault, Record};
use tokio_postgres::Row;
use tokio_postgres::types::Type;

use crate::columns::{column, key_of, key_texts, limit, number, small};
use crate::session::{Session, Value};

/// Makes the partitions of a new schema; an old one keeps its number.
pub async fn prepare(session: &Session, number: u16) -> Result<(), Fault> {
    if partitions(session).await? > 0 {
        return Ok(());
    }
    let sql = "INSERT INTO @heads (partition, log_offset)
        SELECT number, 0 FROM generate_series(0, $1 - 1) AS number WHERE NOT EXISTS (SELECT FROM @heads)
        ON CONFLICT DO NOTHING";
    session.execute(sql, &[(&i32::from(number.max(1)), Type::INT4)]).await.map(drop)
}

/// How many partitions there are.
pub async fn partitions(session: &Session) -> Result<u16, Fault> {
    let rows = session.query("SELECT count(*)::int FROM @heads", &[]).await?;
    rows.first().map_or(Ok(0), |row| small(row, 0))
}

/// The offset of the newest record ever written to the partition.
pub async fn head(session: &Session, partition: u16) -> Result<u64, Fault> {
    let sql = "SELECT log_offset FROM @heads WHERE partition = $1";
    let rows = session.query(sql, &[(&i32::from(partition), Type::INT4)]).await?;
    rows.first().map_or(Ok(0), |row| number(row, 0))
}

/// Appends records in their order, each at the end of its key's partition. From here to the end of the transaction nobody
/// else appends to these partitions, so the order of offsets is the order of commits.
pub async fn append(session: &Session, partitions: u16, records: &[Arc<Record>]) -> Result<(), Fault> {
    let mut counts: BTreeMap<i32, i64> = BTreeMap::new();
    let (mut places, mut nths) = (Vec::with_capacity(records.len()), Vec::with_capacity(records.len()));
    for record in records {
        let partition = i32::from(record.key.partition(partitions));
        let nth = counts.entry(partition).or_default();
        *nth += 1;
        places.push(partition);
        nths.push(*nth);
    }
    let (grown, counts): (Vec<i32>, Vec<i64>) = counts.into_iter().unzip();
    let lock = "SELECT FROM @heads WHERE partition = ANY($1) ORDER BY partition FOR UPDATE";
    let sql = "WITH head AS (
            UPDATE @heads AS h SET log_offset = h.log_offset + grown.count
            FROM unnest($1, $2) AS grown (partition, count) WHERE h.partition = grown.partition
            RETURNING h.partition, h.log_offset - grown.count AS base)
        INSERT INTO @log (partition, log_offset, key, sequence, kind, time, data, steps)
        SELECT head.partition, head.base + nth, key, sequence, kind, time, data, steps
        FROM unnest($3, $4, $5, $6, $7, $8, $9, $10) AS record (partition, nth, key, sequence, kind, time, data, steps)
        JOIN head ON head.partition = record.partition";
    let keys = key_texts(records.iter().map(|record| &record.key));
    let sequences: Vec<i64> =
        records.iter().map(|record| record.sequence.unwrap_or(0).cast_signed()).collect();
    let kinds: Vec<_> = records.iter().map(|record| record.kind.as_str()).collect();
    let times: Vec<_> = records.iter().map(|record| record.time).collect();
    let data: Vec<_> = records.iter().map(|record| record.data.as_str()).collect();
    let steps: Vec<_> = records.iter().map(|record| record.steps.as_deref()).collect();
    let locks: &[Value<'_>] = &[(&grown, Type::INT4_ARRAY)];
    let values: &[Value<'_>] = &[
        (&grown, Type::INT4_ARRAY),
        (&counts, Type::INT8_ARRAY),
        (&places, Type::INT4_ARRAY),
        (&nths, Type::INT8_ARRAY),
        (&keys, Type::TEXT_ARRAY),
        (&sequences, Type::INT8_ARRAY),
        (&kinds, Type::TEXT_ARRAY),
        (&times, Type::TIMESTAMPTZ_ARRAY),
        (&data, Type::TEXT_ARRAY),
        (&steps, Type::TEXT_ARRAY),
    ];
    let (locked, appended) = futures::join!(session.query(lock, locks), session.execute(sql, values));
    locked.and(appended).map(drop)
}

/// The log has no columns for what its own service's events never are.
pub fn check_own(service: &str, records: &[Arc<Record>]) -> Result<(), Fault> {
    let is_own = |record: &&Arc<Record>| {
        record.sequence.is_some() && record.source == service && record.foreign_id.is_none()
    };
    match records.iter().find(|record| !is_own(record)) {
        Some(other) => Err(Fault::Rejected(format!(
            "the event {} of {} is not one of {service}'s own",
            other.id(),
            other.source
        ))),
        None => Ok(()),
    }
}

/// Up to `rows` records of `service` behind offset `after`, in offset order.
pub async fn read(
    session: &Session,
    service: &str,
    partition: u16,
    after: u64,
    rows: usize,
) -> Result<Vec<(u64, Arc<Record>)>, Fault> {
    let sql = "SELECT log_offset, key, sequence, kind, time, data, steps FROM @log
        WHERE partition = $1 AND log_offset > $2 ORDER BY log_offset LIMIT $3";
    let values: &[Value<'_>] = &[
        (&i32::from(partition), Type::INT4),
        (&after.cast_signed(), Type::INT8),
        (&limit(rows), Type::INT8),
    ];
    session.query(sql, values).await?.iter().map(|row| record(service, row)).collect()
}

/// Up to `rows` records of each hold's partition behind what was forwarded, with their partitions, in offset order.
pub async fn backlog(
    session: &Session,
    service: &str,
    holds: &[Hold],
    rows: usize,
) -> Result<Vec<(u16, u64, Arc<Record>)>, Fault> {
    let sql = "SELECT log.* FROM unnest($1, $2) AS hold (partition, forwarded), LATERAL (
            SELECT log_offset, key, sequence, kind, time, data, steps, partition FROM @log AS log
            WHERE log.partition = hold.partition AND log_offset > hold.forwarded ORDER BY log_offset LIMIT $3) AS log
        ORDER BY partition, log_offset";
    let partitions: Vec<i32> = holds.iter().map(|hold| i32::from(hold.partition)).collect();
    let forwarded: Vec<i64> = holds.iter().map(|hold| hold.forwarded.cast_signed()).collect();
    let values: &[Value<'_>] =
        &[(&partitions, Type::INT4_ARRAY), (&forwarded, Type::INT8_ARRAY), (&limit(rows), Type::INT8)];
    let rows = session.query(sql, values).await?;
    let waiting =
        |row| record(service, row).and_then(|(offset, record)| Ok((small(row, 7)?, offset, record)));
    rows.iter().map(waiting).collect()
}

/// The offset and the record of a row that begins with the columns of the log but for the partition.
pub fn record(service: &str, row: &Row) -> Result<(u64, Arc<Record>), Fault> {
    let record = Record {
        source: service.to_owned(),
        key: key_of(column(row, 1)?),
        sequence: Some(number(row, 2)?),
        foreign_id: None,
        steps: column(row, 6)?,
        kind: column(row, 3)?,
        time: column(row, 4)?,
        data: column(row, 5)?,
    };
    Ok((number(row, 0)?, Arc::new(record)))
}

/// Deletes up to `rows` records at or below offset `through`. Answers how many.
pub async fn trim(session: &Session, partition: u16, through: u64, rows: usize) -> Result<usize, Fault> {
    let sql = "DELETE FROM @log WHERE partition = $1 AND log_offset <= (SELECT max(log_offset) FROM (
        SELECT log_offset FROM @log WHERE partition = $1 AND log_offset <= $2 ORDER BY log_offset LIMIT $3) AS oldest)";
    let values: &[Value<'_>] = &[
        (&i32::from(partition), Type::INT4),
        (&through.cast_signed(), Type::INT8),
        (&limit(rows), Type::INT8),
    ];
    let trimmed = session.execute(sql, values).await?;
    Ok(usize::try_from(trimmed).unwrap_or(usize::MAX))
}
