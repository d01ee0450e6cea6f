//! The tables of the catalog.

use catalog::{Catalog, Item, Reservation, Stage, State};
use engine::Key;
use engine::store::Existing;
use rusqlite::types::FromSqlError;
use rusqlite::{Connection, OptionalExtension, Row, params};
use uuid::Uuid;

use crate::columns::{StoredTime, TimeColumn, unknown_word};
use crate::migration;
use crate::migration::Migration;
use crate::services::{json, text};
use crate::tables::Tables;

/// The tables of the catalog.
#[derive(Clone, Copy, Debug, Default)]
pub struct CatalogTables;

impl Tables<Catalog> for CatalogTables {
    fn migrations(&self) -> &'static [Migration] {
        const MIGRATIONS: &[Migration] =
            &[migration!("catalog/0001_catalog"), migration!("catalog/0002_stock")];
        MIGRATIONS
    }

    fn load(&self, conn: &Connection, key: &Key) -> rusqlite::Result<Option<State>> {
        match key {
            Key::Id(id) => Ok(load_reservation(conn, *id)?.map(State::Reservation)),
            Key::Name(name) => Ok(load_item(conn, name)?.map(State::Item)),
        }
    }

    fn save(&self, conn: &Connection, _key: &Key, state: &State, existing: Existing) -> rusqlite::Result<()> {
        match state {
            State::Item(item) => save_item(conn, item, existing),
            State::Reservation(reservation) => save_reservation(conn, reservation, existing),
        }
    }
}

/// The product with this id.
pub(crate) fn load_item(conn: &Connection, id: &str) -> rusqlite::Result<Option<Item>> {
    let sql = "SELECT product, reserved, telling, version, updated_at FROM products WHERE id = ?1";
    conn.prepare_cached(sql)?.query_row([id], item).optional()
}

/// Reads product, reserved, telling, version and updated_at.
pub(crate) fn item(row: &Row<'_>) -> rusqlite::Result<Item> {
    Ok(Item {
        product: json(row.get_ref(0)?.as_str()?)?,
        reserved: row.get::<_, i64>(1)?.cast_unsigned(),
        telling: row.get(2)?,
        version: row.get::<_, i64>(3)?.cast_unsigned(),
        updated_at: row.get::<_, StoredTime>(4)?.0,
    })
}

fn save_item(conn: &Connection, item: &Item, existing: Existing) -> rusqlite::Result<()> {
    let sql = match existing {
        Existing::No => {
            "INSERT INTO products (id, product, stock, reserved, telling, version, updated_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
        }
        Existing::Yes => {
            "UPDATE products SET product = ?2, stock = ?3, reserved = ?4, telling = ?5, version = ?6, updated_at = ?7
            WHERE id = ?1"
        }
    };
    let values = params![
        item.product.id,
        text(&item.product)?,
        item.product.stock,
        item.reserved.cast_signed(),
        item.telling,
        item.version.cast_signed(),
        TimeColumn(item.updated_at),
    ];
    conn.prepare_cached(sql)?.execute(values).map(drop)
}

/// What is kept for this order, or was.
pub(crate) fn load_reservation(conn: &Connection, id: Uuid) -> rusqlite::Result<Option<Reservation>> {
    let sql =
        "SELECT order_id, stage, reason, items, created_at, updated_at FROM reservations WHERE order_id = ?1";
    conn.prepare_cached(sql)?.query_row([id.as_bytes()], reservation).optional()
}

/// Reads order_id, stage, reason, items, created_at and updated_at.
pub(crate) fn reservation(row: &Row<'_>) -> rusqlite::Result<Reservation> {
    let stage = match row.get_ref(1)?.as_str()? {
        "reserved" => Stage::Reserved,
        "rejected" => Stage::Rejected(json(row.get_ref(2)?.as_str()?)?),
        "consumed" => Stage::Consumed,
        "released" => Stage::Released,
        other => return Err(FromSqlError::into(unknown_word(other))),
    };
    Ok(Reservation {
        order_id: Uuid::from_bytes(row.get(0)?),
        stage,
        items: json(row.get_ref(3)?.as_str()?)?,
        created_at: row.get::<_, StoredTime>(4)?.0,
        updated_at: row.get::<_, StoredTime>(5)?.0,
    })
}

fn save_reservation(
    conn: &Connection,
    reservation: &Reservation,
    existing: Existing,
) -> rusqlite::Result<()> {
    let sql = match existing {
        Existing::No => {
            "INSERT INTO reservations (order_id, stage, reason, items, created_at, updated_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
        }
        Existing::Yes => {
            "UPDATE reservations SET stage = ?2, reason = ?3, items = ?4, created_at = ?5, updated_at = ?6
            WHERE order_id = ?1"
        }
    };
    let (stage, reason) = match &reservation.stage {
        Stage::Reserved => ("reserved", None),
        Stage::Rejected(reason) => ("rejected", Some(text(reason)?)),
        Stage::Consumed => ("consumed", None),
        Stage::Released => ("released", None),
    };
    let (created, updated) = (TimeColumn(reservation.created_at), TimeColumn(reservation.updated_at));
    let items = text(&reservation.items)?;
    let values = params![reservation.order_id.as_bytes(), stage, reason, items, created, updated];
    conn.prepare_cached(sql)?.execute(values).map(drop)
}
