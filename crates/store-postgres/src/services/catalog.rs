//! The tables of the catalog.

use async_trait::async_trait;
use catalog::{Catalog, Item, Reservation, Stage, State};
use engine::{Fault, Key};
use tokio_postgres::Row;
use tokio_postgres::types::Type;
use uuid::Uuid;

use crate::columns::{column, number};
use crate::migration;
use crate::migration::Migration;
use crate::services::{all_updated, ids, json, names, text};
use crate::session::{Session, Value};
use crate::tables::{Changes, Tables, locking};

/// The tables of the catalog.
#[derive(Clone, Copy, Debug, Default)]
pub struct CatalogTables;

#[async_trait]
impl Tables<Catalog> for CatalogTables {
    fn migrations(&self) -> &'static [Migration] {
        const MIGRATIONS: &[Migration] =
            &[migration!("catalog/0001_catalog"), migration!("catalog/0002_stock")];
        MIGRATIONS
    }

    async fn load(&self, session: &Session, keys: &[Key], lock: bool) -> Result<Vec<(Key, State)>, Fault> {
        let reservations = load_reservations(session, &ids(keys), lock).await?.into_iter();
        let reservations =
            reservations.map(|reservation| (Key::Id(reservation.order_id), State::Reservation(reservation)));
        let items = load_items(session, &names(keys), lock).await?.into_iter();
        let items = items.map(|item| (Key::name(&item.product.id), State::Item(item)));
        Ok(reservations.chain(items).collect())
    }

    async fn insert(&self, session: &Session, states: &Changes<'_, State>) -> Result<(), Fault> {
        let sql = "INSERT INTO @products (id, product, stock, reserved, telling, version, updated_at)
            SELECT id, product::json, stock, reserved, telling, version, updated
            FROM unnest($1, $2, $3, $4, $5, $6, $7) AS new (id, product, stock, reserved, telling, version, updated)";
        write_items(session, sql, &items_of(states)).await?;
        let sql = "INSERT INTO @reservations (order_id, stage, reason, items, created_at, updated_at)
            SELECT id, stage, reason::json, items::json, created, updated
            FROM unnest($1, $2, $3, $4, $5, $6) AS new (id, stage, reason, items, created, updated)";
        write_reservations(session, sql, &reservations_of(states)).await.map(drop)
    }

    async fn update(&self, session: &Session, states: &Changes<'_, State>) -> Result<(), Fault> {
        let sql = "UPDATE @products AS old SET product = new.product::json, stock = new.stock, reserved = new.reserved,
                telling = new.telling, version = new.version, updated_at = new.updated
            FROM unnest($1, $2, $3, $4, $5, $6, $7) AS new (id, product, stock, reserved, telling, version, updated)
            WHERE old.id = new.id";
        let (items, reservations) = (items_of(states), reservations_of(states));
        all_updated(write_items(session, sql, &items).await?, items.len())?;
        let sql = "UPDATE @reservations AS old SET stage = new.stage, reason = new.reason::json,
                items = new.items::json, created_at = new.created, updated_at = new.updated
            FROM unnest($1, $2, $3, $4, $5, $6) AS new (id, stage, reason, items, created, updated)
            WHERE old.order_id = new.id";
        all_updated(write_reservations(session, sql, &reservations).await?, reservations.len())
    }
}

fn items_of<'c>(states: &Changes<'c, State>) -> Vec<&'c Item> {
    states.iter().filter_map(|(_, state)| state.item()).collect()
}

fn reservations_of<'c>(states: &Changes<'c, State>) -> Vec<&'c Reservation> {
    states.iter().filter_map(|(_, state)| state.reservation()).collect()
}

/// The products with these ids.
pub(crate) async fn load_items(session: &Session, ids: &[&str], lock: bool) -> Result<Vec<Item>, Fault> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let lock = locking(lock);
    let sql = format!(
        "SELECT product::text, reserved, telling, version, updated_at FROM @products WHERE id = ANY($1) ORDER BY id {lock}"
    );
    session.query(&sql, &[(&ids, Type::TEXT_ARRAY)]).await?.iter().map(item).collect()
}

/// Reads product, reserved, telling, version and updated_at.
pub(crate) fn item(row: &Row) -> Result<Item, Fault> {
    Ok(Item {
        product: json(row, 0)?,
        reserved: number(row, 1)?,
        telling: column(row, 2)?,
        version: number(row, 3)?,
        updated_at: column(row, 4)?,
    })
}

async fn write_items(session: &Session, sql: &str, items: &[&Item]) -> Result<u64, Fault> {
    if items.is_empty() {
        return Ok(0);
    }
    let ids: Vec<_> = items.iter().map(|item| item.product.id.as_str()).collect();
    let products = items.iter().map(|item| text(&item.product)).collect::<Result<Vec<_>, _>>()?;
    let stocks: Vec<_> = items.iter().map(|item| item.product.stock.map(i64::from)).collect();
    let reserved: Vec<_> = items.iter().map(|item| item.reserved.cast_signed()).collect();
    let telling: Vec<_> = items.iter().map(|item| item.telling).collect();
    let versions: Vec<_> = items.iter().map(|item| item.version.cast_signed()).collect();
    let updated: Vec<_> = items.iter().map(|item| item.updated_at).collect();
    let values: &[Value<'_>] = &[
        (&ids, Type::TEXT_ARRAY),
        (&products, Type::TEXT_ARRAY),
        (&stocks, Type::INT8_ARRAY),
        (&reserved, Type::INT8_ARRAY),
        (&telling, Type::BOOL_ARRAY),
        (&versions, Type::INT8_ARRAY),
        (&updated, Type::TIMESTAMPTZ_ARRAY),
    ];
    session.execute(sql, values).await
}

/// What is kept for these orders, or was.
pub(crate) async fn load_reservations(
    session: &Session,
    ids: &[Uuid],
    lock: bool,
) -> Result<Vec<Reservation>, Fault> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let lock = locking(lock);
    let sql = format!(
        "SELECT order_id, stage, reason::text, items::text, created_at, updated_at FROM @reservations
        WHERE order_id = ANY($1) ORDER BY order_id {lock}"
    );
    session.query(&sql, &[(&ids, Type::UUID_ARRAY)]).await?.iter().map(reservation).collect()
}

/// Reads order_id, stage, reason, items, created_at and updated_at.
pub(crate) fn reservation(row: &Row) -> Result<Reservation, Fault> {
    let stage = match column(row, 1)? {
        "reserved" => Stage::Reserved,
        "rejected" => Stage::Rejected(json(row, 2)?),
        "consumed" => Stage::Consumed,
        "released" => Stage::Released,
        other => return Err(Fault::Corrupt(format!("'{other}' is no stage of a reservation"))),
    };
    Ok(Reservation {
        order_id: column(row, 0)?,
        stage,
        items: json(row, 3)?,
        created_at: column(row, 4)?,
        updated_at: column(row, 5)?,
    })
}

fn words(stage: &Stage) -> Result<(&'static str, Option<String>), Fault> {
    Ok(match stage {
        Stage::Reserved => ("reserved", None),
        Stage::Rejected(reason) => ("rejected", Some(text(reason)?)),
        Stage::Consumed => ("consumed", None),
        Stage::Released => ("released", None),
    })
}

async fn write_reservations(session: &Session, sql: &str, kept: &[&Reservation]) -> Result<u64, Fault> {
    if kept.is_empty() {
        return Ok(0);
    }
    let ids: Vec<_> = kept.iter().map(|reservation| reservation.order_id).collect();
    let words = kept.iter().map(|reservation| words(&reservation.stage)).collect::<Result<Vec<_>, _>>()?;
    let (stages, reasons): (Vec<_>, Vec<_>) = words.into_iter().unzip();
    let items = kept.iter().map(|reservation| text(&reservation.items)).collect::<Result<Vec<_>, _>>()?;
    let created: Vec<_> = kept.iter().map(|reservation| reservation.created_at).collect();
    let updated: Vec<_> = kept.iter().map(|reservation| reservation.updated_at).collect();
    let values: &[Value<'_>] = &[
        (&ids, Type::UUID_ARRAY),
        (&stages, Type::TEXT_ARRAY),
        (&reasons, Type::TEXT_ARRAY),
        (&items, Type::TEXT_ARRAY),
        (&created, Type::TIMESTAMPTZ_ARRAY),
        (&updated, Type::TIMESTAMPTZ_ARRAY),
    ];
    session.execute(sql, values).await
}
