//! Places: where an order stands in the index. Places sort as ids do, so that the newest orders are the last rows.
//!
//! A place is made of the id's milliseconds and the bits behind them, and moved where somebody stands already. Orders come
//! nearly in the order of their ids, so there is room. Should there be none between two neighbours, which takes ten orders that
//! came in just the wrong order within a millisecond, the newcomer stands behind both.

use rusqlite::{Connection, OptionalExtension};
use uuid::Uuid;

/// Bits of a place behind the millisecond.
const BITS: u32 = 20;
/// Between two who would stand at the same place.
const GAP: i64 = 1 << 10;

/// The place of an id that has none yet. None: its neighbours stand too close to each other.
pub fn choose(conn: &Connection, id: Uuid) -> rusqlite::Result<Option<i64>> {
    Ok(between(natural(id), below(conn, id)?, above(conn, id)?))
}

/// The place of the newest order before this id.
pub fn below(conn: &Connection, id: Uuid) -> rusqlite::Result<Option<i64>> {
    let sql = "SELECT place FROM places WHERE id < ?1 ORDER BY id DESC LIMIT 1";
    conn.prepare_cached(sql)?.query_row([id.as_bytes()], |row| row.get(0)).optional()
}

/// The place of the oldest order from this id on.
pub fn above(conn: &Connection, id: Uuid) -> rusqlite::Result<Option<i64>> {
    let sql = "SELECT place FROM places WHERE id >= ?1 ORDER BY id LIMIT 1";
    conn.prepare_cached(sql)?.query_row([id.as_bytes()], |row| row.get(0)).optional()
}

/// Where an id stands if nobody is in the way.
fn natural(id: Uuid) -> i64 {
    let id = id.as_u128();
    let ms = (id >> 80).min((1 << (63 - BITS)) - 1);
    let (twelve, eight) = ((id >> 64) & 0xfff, (id >> 54) & 0xff);
    i64::try_from(ms << BITS | twelve << 8 | eight).unwrap_or(i64::MAX)
}

/// The natural place if it lies between the neighbours, else one beside the neighbour that is in the way, or between both.
fn between(natural: i64, older: Option<i64>, newer: Option<i64>) -> Option<i64> {
    let is_free =
        |place: &i64| older.is_none_or(|older| older < *place) && newer.is_none_or(|newer| *place < newer);
    let beside = match (older, newer) {
        (_, Some(newer)) if natural >= newer => newer.saturating_sub(GAP),
        (Some(older), _) if natural <= older => older.saturating_add(GAP),
        _ => natural,
    };
    let middle = older.zip(newer).map(|(older, newer)| older + newer.saturating_sub(older) / 2);
    Some(beside).filter(is_free).or(middle.filter(is_free))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_sort_as_ids_do() {
        let id = |text: &str| text.parse::<Uuid>().unwrap();
        let older = id("019a8c2e-0000-7000-8000-000000000000");
        let newer = id("019a8c2e-0000-7001-8000-000000000000");
        let latest = id("019a8c2e-0001-7000-8000-000000000000");
        assert!(natural(older) < natural(newer) && natural(newer) < natural(latest));
        assert!(natural(Uuid::max()) > natural(latest) && natural(Uuid::nil()) == 0);
    }

    #[test]
    fn who_finds_the_place_taken_stands_beside_or_between() {
        assert_eq!(between(5, None, None), Some(5));
        assert_eq!(between(5, Some(5), None), Some(5 + GAP));
        assert_eq!(between(5, None, Some(5)), Some(5 - GAP));
        assert_eq!(between(5, Some(5), Some(9)), Some(7));
        assert_eq!(between(5, Some(5), Some(1_000_000)), Some(5 + GAP));
        assert_eq!(between(1_000_000, Some(5), Some(1_000_000)), Some(1_000_000 - GAP));
        assert_eq!(between(5, Some(5), Some(6)), None, "there is no room");
    }
}
