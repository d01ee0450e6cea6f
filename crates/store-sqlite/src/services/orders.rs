//! The tables of the orders service.

use std::sync::Arc;

use engine::Key;
use engine::store::Existing;
use orders::{Order, Orders, State};
use rusqlite::{Connection, OptionalExtension, Row, params};
use uuid::Uuid;

use crate::columns::{StoredTime, TimeColumn};
use crate::migration;
use crate::migration::Migration;
use crate::services::{json, text};
use crate::tables::Tables;

/// The tables of the orders service.
#[derive(Clone, Copy, Debug, Default)]
pub struct OrdersTables;

/// The columns that make an order, in the order in which [`order`] reads them.
pub(crate) const COLUMNS: &str = "id, version, created_at, updated_at, facts, content";

/// Lines of an order that is kept in memory.
const SMALL: usize = 50;

impl Tables<Orders> for OrdersTables {
    fn migrations(&self) -> &'static [Migration] {
        const MIGRATIONS: &[Migration] = &[migration!("orders/0001_orders")];
        MIGRATIONS
    }

    fn load(&self, conn: &Connection, key: &Key) -> rusqlite::Result<Option<State>> {
        match key {
            Key::Id(id) => Ok(load_order(conn, *id)?.map(State::Order)),
            Key::Name(name) => {
                let sql = "SELECT product FROM products WHERE id = ?1";
                let product =
                    conn.prepare_cached(sql)?.query_row([&**name], |row| json(row.get_ref(0)?.as_str()?));
                Ok(product.optional()?.map(State::Product))
            }
        }
    }

    fn is_small(&self, state: &State) -> bool {
        state
            .order()
            .is_none_or(|order| order.content.document.is_none() && order.content.lines.len() <= SMALL)
    }

    fn save(&self, conn: &Connection, _key: &Key, state: &State, existing: Existing) -> rusqlite::Result<()> {
        match (state, existing) {
            (State::Order(order), Existing::No) => insert(conn, order),
            (State::Order(order), Existing::Yes) => update(conn, order),
            (State::Product(product), _) => {
                let sql = "INSERT INTO products (id, product) VALUES (?1, ?2)
                    ON CONFLICT DO UPDATE SET product = excluded.product";
                conn.prepare_cached(sql)?.execute(params![product.id, text(product)?]).map(drop)
            }
        }
    }
}

/// The order with this id.
pub(crate) fn load_order(conn: &Connection, id: Uuid) -> rusqlite::Result<Option<Order>> {
    let sql = "SELECT id, version, created_at, updated_at, facts, content FROM orders WHERE id = ?1";
    conn.prepare_cached(sql)?.query_row([id.as_bytes()], order).optional()
}

/// Reads [`COLUMNS`].
pub(crate) fn order(row: &Row<'_>) -> rusqlite::Result<Order> {
    Ok(Order {
        id: Uuid::from_bytes(row.get(0)?),
        version: row.get::<_, i64>(1)?.cast_unsigned(),
        created_at: row.get::<_, StoredTime>(2)?.0,
        updated_at: row.get::<_, StoredTime>(3)?.0,
        facts: json(row.get_ref(4)?.as_str()?)?,
        content: Arc::new(json(row.get_ref(5)?.as_str()?)?),
    })
}

fn insert(conn: &Connection, order: &Order) -> rusqlite::Result<()> {
    let sql = "INSERT INTO orders (id, status, payment_status, processing_status, customer_id, external_id,
            version, created_at, updated_at, facts, content)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    let content = &*order.content;
    conn.prepare_cached(sql)?.execute(params![
        order.id.as_bytes(),
        order.status().as_str(),
        order.facts.payment_status().as_str(),
        order.facts.processing_status().as_str(),
        content.customer_id,
        content.external_id,
        order.version.cast_signed(),
        TimeColumn(order.created_at),
        TimeColumn(order.updated_at),
        text(&order.facts)?,
        text(content)?,
    ])?;
    if let Some(document) = &content.document {
        let sql = "INSERT INTO documents (order_id, document) VALUES (?1, ?2)";
        conn.prepare_cached(sql)?.execute(params![order.id.as_bytes(), document])?;
    }
    Ok(())
}

fn update(conn: &Connection, order: &Order) -> rusqlite::Result<()> {
    let sql = "UPDATE orders SET status = ?2, payment_status = ?3, processing_status = ?4, version = ?5,
            updated_at = ?6, facts = ?7
        WHERE id = ?1";
    let values = params![
        order.id.as_bytes(),
        order.status().as_str(),
        order.facts.payment_status().as_str(),
        order.facts.processing_status().as_str(),
        order.version.cast_signed(),
        TimeColumn(order.updated_at),
        text(&order.facts)?,
    ];
    conn.prepare_cached(sql)?.execute(values).map(drop)
}
