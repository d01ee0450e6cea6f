//! The tables of the index: places, terms, parts, and how far it is.

use std::fmt::Write;

use engine::Service;
use orders::Orders;
use rusqlite::{Connection, OptionalExtension, params};
use search::{Entry, Position, Sweep, Term};
use uuid::Uuid;

use super::place;

/// The version of the tables and of the terms in them. Another one is thrown away.
const VERSION: i32 = 1;
/// Orders in a part, from which on a new one is begun.
const PART: i64 = 1 << 16;

const TABLES: &str = "
    -- Where orders stand in the index. Places sort as ids do.
    CREATE TABLE places (
        place INTEGER NOT NULL PRIMARY KEY,
        id    BLOB    NOT NULL UNIQUE -- UUIDv7, 16 bytes
    ) STRICT;
    -- The terms of the order at each place, as words of eight hexadecimal digits. Only which order has which is kept.
    CREATE VIRTUAL TABLE terms_of_orders USING fts5 (
        terms, content = '', detail = none, columnsize = 0, tokenize = 'ascii'
    );
    -- The few orders without a place, with their terms.
    CREATE TABLE crowded (
        id    BLOB NOT NULL PRIMARY KEY, -- UUIDv7, 16 bytes
        terms TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    -- Parts of the index of about the same size: so much is looked through and no more.
    CREATE TABLE parts (
        first  INTEGER NOT NULL PRIMARY KEY, -- the first place of the part
        orders INTEGER NOT NULL              -- how many orders there are in it
    ) STRICT;
    INSERT INTO parts (first, orders) VALUES (-9223372036854775808, 0);
    -- How far the sweep over all orders is. No row: it has not begun.
    CREATE TABLE sweep (
        one     INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
        is_done INTEGER NOT NULL,
        last    BLOB    NOT NULL -- the last order it has been at
    ) STRICT;
    -- How far the log of the orders service is read, as in the files of the services: a backup looks there.
    CREATE TABLE cursors (
        source    TEXT    NOT NULL,
        partition INTEGER NOT NULL,
        offset    INTEGER NOT NULL,
        PRIMARY KEY (source, partition)
    ) STRICT, WITHOUT ROWID";

/// Makes the tables of a new file. Answers false for a file of another version.
pub fn prepare(conn: &Connection) -> rusqlite::Result<bool> {
    let version: i32 = conn.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if version != 0 {
        return Ok(version == VERSION);
    }
    conn.execute_batch(&format!("BEGIN IMMEDIATE; {TABLES}; PRAGMA user_version = {VERSION}; COMMIT"))?;
    Ok(true)
}

/// How far the index is.
pub fn position(conn: &Connection) -> rusqlite::Result<Position> {
    let sweep = |row: &rusqlite::Row<'_>| {
        Ok(match row.get(0)? {
            true => Sweep::Done,
            false => Sweep::After(Uuid::from_bytes(row.get(1)?)),
        })
    };
    let sweep = conn
        .prepare_cached("SELECT is_done, last FROM sweep")?
        .query_row((), sweep)
        .optional()?
        .unwrap_or_default();
    let mut statement = conn.prepare_cached("SELECT offset FROM cursors ORDER BY partition")?;
    let offsets = statement.query_map((), |row| Ok(row.get::<_, i64>(0)?.cast_unsigned()))?;
    Ok(Position { sweep, offsets: offsets.collect::<rusqlite::Result<_>>()? })
}

/// Writes down how far the index is.
pub fn set_position(conn: &Connection, position: &Position) -> rusqlite::Result<()> {
    let (is_done, last) = match position.sweep {
        Sweep::Unbegun => (false, Uuid::nil()),
        Sweep::After(last) => (false, last),
        Sweep::Done => (true, Uuid::nil()),
    };
    let sql = "INSERT OR REPLACE INTO sweep (one, is_done, last) VALUES (1, ?1, ?2)";
    conn.prepare_cached(sql)?.execute(params![is_done, last.as_bytes()])?;
    let sql = "INSERT OR REPLACE INTO cursors (source, partition, offset) VALUES (?1, ?2, ?3)";
    let mut statement = conn.prepare_cached(sql)?;
    for (partition, offset) in (0_i64..).zip(&position.offsets) {
        statement.execute(params![Orders::NAME, partition, offset.cast_signed()])?;
    }
    Ok(())
}

/// Adds the entries that are not there yet.
pub fn put(conn: &Connection, entries: &[Entry]) -> rusqlite::Result<()> {
    let mut new = 0;
    for entry in entries {
        new += i64::from(add(conn, entry)?);
    }
    if new > 0 { grow(conn, new) } else { Ok(()) }
}

fn add(conn: &Connection, entry: &Entry) -> rusqlite::Result<bool> {
    let known = "SELECT 1 FROM places WHERE id = ?1 UNION ALL SELECT 1 FROM crowded WHERE id = ?1";
    if conn.prepare_cached(known)?.exists([entry.id.as_bytes()])? {
        return Ok(false);
    }
    let Some(place) = place::choose(conn, entry.id)? else {
        let sql = "INSERT INTO crowded (id, terms) VALUES (?1, ?2)";
        conn.prepare_cached(sql)?.execute(params![entry.id.as_bytes(), words(&entry.terms)])?;
        return Ok(true);
    };
    conn.prepare_cached("INSERT INTO places (place, id) VALUES (?1, ?2)")?
        .execute(params![place, entry.id.as_bytes()])?;
    conn.prepare_cached("INSERT INTO terms_of_orders (rowid, terms) VALUES (?1, ?2)")?
        .execute(params![place, words(&entry.terms)])?;
    Ok(true)
}

/// Counts orders to the last part, and begins a new one behind it when it is full.
fn grow(conn: &Connection, new: i64) -> rusqlite::Result<()> {
    let sql =
        "UPDATE parts SET orders = orders + ?1 WHERE first = (SELECT max(first) FROM parts) RETURNING orders";
    let orders: i64 = conn.prepare_cached(sql)?.query_row([new], |row| row.get(0))?;
    if orders >= PART {
        let sql = "INSERT INTO parts (first, orders) SELECT max(place) + 1, 0 FROM places";
        conn.prepare_cached(sql)?.execute(())?;
    }
    Ok(())
}

/// Terms as words.
fn words(terms: &[Term]) -> String {
    let mut words = String::with_capacity(terms.len() * 9);
    for Term(term) in terms {
        // Nothing can go wrong in memory.
        let _ = write!(words, "{term:08x} ");
    }
    words
}

/// The newest of the orders without a place that have all these terms, between two ids.
pub fn crowded(conn: &Connection, terms: &[Term], from: Uuid, before: Uuid) -> rusqlite::Result<Vec<Uuid>> {
    let sql = "SELECT id, terms FROM crowded WHERE id >= ?1 AND id < ?2 ORDER BY id DESC";
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(params![from.as_bytes(), before.as_bytes()])?;
    let mut ids = Vec::new();
    while let Some(row) = rows.next()? {
        let had = row.get_ref(1)?.as_str()?;
        if terms.iter().all(|term| had.contains(&words(&[*term]))) {
            ids.push(Uuid::from_bytes(row.get(0)?));
        }
    }
    Ok(ids)
}

/// The question for the orders that have all these terms.
pub fn question(terms: &[Term]) -> String {
    terms.iter().map(|Term(term)| format!("\"{term:08x}\"")).collect::<Vec<_>>().join(" AND ")
}
