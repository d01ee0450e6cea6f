//! Finding orders by their terms, from the newest on, in so many parts of the index and no more.

use rusqlite::{Connection, OptionalExtension, params};
use search::{Found, Term};
use uuid::Uuid;

use super::{place, tables};
use crate::columns::limit;

/// Parts that are looked through at once: half a million orders.
const PARTS: i64 = 8;

/// The newest orders that have all the terms, of those from `from` on and before `before`.
pub fn find(
    conn: &Connection,
    terms: &[Term],
    from: Uuid,
    before: Uuid,
    rows: usize,
) -> rusqlite::Result<Found> {
    let mut found = placed(conn, terms, from, before, rows)?;
    found.ids.extend(tables::crowded(conn, terms, found.down_to, before)?);
    found.ids.sort_unstable_by(|one, other| other.cmp(one));
    if found.ids.len() > rows {
        found.ids.truncate(rows);
        found.down_to = found.ids.last().copied().unwrap_or(found.down_to);
    }
    Ok(found)
}

/// Those of them that have a place.
fn placed(
    conn: &Connection,
    terms: &[Term],
    from: Uuid,
    before: Uuid,
    rows: usize,
) -> rusqlite::Result<Found> {
    let nothing = Found { ids: Vec::new(), down_to: from };
    let (Some(last), Some(first)) = (place::below(conn, before)?, place::above(conn, from)?) else {
        return Ok(nothing);
    };
    let part = first_of_parts(conn, last)?;
    let ids = matching(conn, terms, first.max(part), last, rows)?;
    let down_to = match ids.last() {
        Some(oldest) if ids.len() == rows => *oldest,
        _ if part > first => id_from(conn, part)?.unwrap_or(from),
        _ => from,
    };
    Ok(Found { ids, down_to })
}

/// The first place of the oldest of the parts that are looked through from this place back.
fn first_of_parts(conn: &Connection, last: i64) -> rusqlite::Result<i64> {
    let sql =
        "SELECT min(first) FROM (SELECT first FROM parts WHERE first <= ?1 ORDER BY first DESC LIMIT ?2)";
    let first: Option<i64> = conn.prepare_cached(sql)?.query_row([last, PARTS], |row| row.get(0))?;
    Ok(first.unwrap_or(i64::MIN))
}

fn matching(
    conn: &Connection,
    terms: &[Term],
    first: i64,
    last: i64,
    rows: usize,
) -> rusqlite::Result<Vec<Uuid>> {
    // The terms lead to the places, never the other way round.
    let sql =
        "SELECT places.id FROM terms_of_orders CROSS JOIN places ON places.place = terms_of_orders.rowid
        WHERE terms_of_orders MATCH ?1 AND terms_of_orders.rowid BETWEEN ?2 AND ?3
        ORDER BY terms_of_orders.rowid DESC LIMIT ?4";
    let mut statement = conn.prepare_cached(sql)?;
    let values = params![tables::question(terms), first, last, limit(rows)];
    statement.query_map(values, |row| Ok(Uuid::from_bytes(row.get(0)?)))?.collect()
}

fn id_from(conn: &Connection, place: i64) -> rusqlite::Result<Option<Uuid>> {
    let sql = "SELECT id FROM places WHERE place >= ?1 ORDER BY place LIMIT 1";
    conn.prepare_cached(sql)?.query_row([place], |row| Ok(Uuid::from_bytes(row.get(0)?))).optional()
}
