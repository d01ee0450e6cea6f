//! Whose turn it is to write the index, and how far it is.

use engine::Fault;
use jiff::Timestamp;
use search::{Position, Sweep};
use tokio_postgres::Row;
use tokio_postgres::types::Type;
use uuid::Uuid;

use crate::columns::{column, number};
use crate::session::{Session, Value};

/// How far the index is.
pub async fn position(session: &Session) -> Result<Position, Fault> {
    let sql = "SELECT t.sweep, t.last_id, coalesce(c.log_offset, -1) FROM @search_turn AS t
        LEFT JOIN @search_cursors AS c ON true ORDER BY c.partition";
    let rows = session.query(sql, &[]).await?;
    let sweep = rows.first().map_or(Ok(Sweep::Unbegun), sweep)?;
    if sweep == Sweep::Unbegun {
        return Ok(Position::default());
    }
    let offsets = rows.iter().map(|row| number(row, 2)).collect::<Result<_, _>>()?;
    Ok(Position { sweep, offsets })
}

fn sweep(row: &Row) -> Result<Sweep, Fault> {
    Ok(match column(row, 0)? {
        "unbegun" => Sweep::Unbegun,
        "after" => Sweep::After(column(row, 1)?),
        "done" => Sweep::Done,
        other => return Err(Fault::Corrupt(format!("'{other}' is none of the column's words"))),
    })
}

/// Takes the turn if nobody else has it.
pub async fn take(session: &Session, indexer: Uuid, now: Timestamp, until: Timestamp) -> Result<bool, Fault> {
    let sql = "UPDATE @search_turn SET indexer = $1, until = $3 WHERE indexer = $1 OR until <= $2";
    let indexer = indexer.to_string();
    let values: &[Value<'_>] =
        &[(&indexer, Type::TEXT), (&now, Type::TIMESTAMPTZ), (&until, Type::TIMESTAMPTZ)];
    Ok(session.execute(sql, values).await? > 0)
}

/// Writes down how far the index is, if it is this indexer's turn. The turn stays locked until the end of the transaction.
pub async fn move_to(session: &Session, indexer: Uuid, position: &Position) -> Result<bool, Fault> {
    let (sweep, last) = match position.sweep {
        Sweep::Unbegun => ("unbegun", Uuid::nil()),
        Sweep::After(last) => ("after", last),
        Sweep::Done => ("done", Uuid::nil()),
    };
    let sql = "UPDATE @search_turn SET sweep = $2, last_id = $3 WHERE indexer = $1";
    let indexer = indexer.to_string();
    let values: &[Value<'_>] = &[(&indexer, Type::TEXT), (&sweep, Type::TEXT), (&last, Type::UUID)];
    if session.execute(sql, values).await? == 0 {
        return Ok(false);
    }
    let sql = "INSERT INTO @search_cursors (partition, log_offset)
        SELECT place - 1, log_offset FROM unnest($1) WITH ORDINALITY AS new (log_offset, place)
        ON CONFLICT (partition) DO UPDATE SET log_offset = excluded.log_offset";
    let offsets: Vec<i64> = position.offsets.iter().map(|offset| offset.cast_signed()).collect();
    session.execute(sql, &[(&offsets, Type::INT8_ARRAY)]).await.map(|_| true)
}
