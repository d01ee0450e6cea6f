//! The tables of the orders service.

use std::sync::Arc;

use async_trait::async_trait;
use contract::{Delivery, Product};
use engine::{Fault, Key};
use orders::model::Line;
use orders::{Order, Orders, State};
use tokio_postgres::Row;
use tokio_postgres::types::Type;
use uuid::Uuid;

use crate::columns::{column, number};
use crate::migration;
use crate::migration::Migration;
use crate::services::{all_updated, ids, json, names, text};
use crate::session::{Session, Value};
use crate::tables::{Changes, Tables, locking};

/// The tables of the orders service.
#[derive(Clone, Copy, Debug, Default)]
pub struct OrdersTables;

/// The columns that make an order, in the order in which [`order`] reads them.
pub(crate) const COLUMNS: &str = "id, version, created_at, updated_at, facts::text, content::text";

#[async_trait]
impl Tables<Orders> for OrdersTables {
    fn migrations(&self) -> &'static [Migration] {
        const MIGRATIONS: &[Migration] =
            &[migration!("orders/0001_orders"), migration!("orders/0002_search")];
        MIGRATIONS
    }

    async fn load(&self, session: &Session, keys: &[Key], lock: bool) -> Result<Vec<(Key, State)>, Fault> {
        let (ids, names) = (ids(keys), names(keys));
        let (orders, products) =
            futures::join!(load_orders(session, &ids, lock), load_products(session, &names, lock));
        let orders = orders?.into_iter().map(|order| (Key::Id(order.id), State::Order(order)));
        let products = products?.into_iter().map(|product| (Key::name(&product.id), State::Product(product)));
        Ok(orders.chain(products).collect())
    }

    async fn insert(&self, session: &Session, states: &Changes<'_, State>) -> Result<(), Fault> {
        let new = orders_of(states);
        let (orders, items, deliveries, documents, products) = futures::join!(
            insert_orders(session, &new),
            insert_items(session, &new),
            insert_deliveries(session, &new),
            insert_documents(session, &new),
            put_products(session, states),
        );
        orders.and(items).and(deliveries).and(documents).and(products)
    }

    async fn update(&self, session: &Session, states: &Changes<'_, State>) -> Result<(), Fault> {
        let changed = orders_of(states);
        let (orders, products) =
            futures::join!(update_orders(session, &changed), put_products(session, states));
        orders.and(products)
    }
}

fn orders_of<'s>(states: &Changes<'s, State>) -> Vec<&'s Order> {
    states.iter().filter_map(|(_, state)| state.order()).collect()
}

/// The orders that are there of these.
pub(crate) async fn load_orders(session: &Session, ids: &[Uuid], lock: bool) -> Result<Vec<Order>, Fault> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let lock = locking(lock);
    let sql = format!("SELECT {COLUMNS} FROM @orders WHERE id = ANY($1) ORDER BY id {lock}");
    session.query(&sql, &[(&ids, Type::UUID_ARRAY)]).await?.iter().map(order).collect()
}

async fn load_products(session: &Session, names: &[&str], lock: bool) -> Result<Vec<Product>, Fault> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let lock = locking(lock);
    let sql = format!("SELECT product::text FROM @products WHERE id = ANY($1) ORDER BY id {lock}");
    session.query(&sql, &[(&names, Type::TEXT_ARRAY)]).await?.iter().map(|row| json(row, 0)).collect()
}

/// Reads [`COLUMNS`].
pub(crate) fn order(row: &Row) -> Result<Order, Fault> {
    Ok(Order {
        id: column(row, 0)?,
        version: number(row, 1)?,
        created_at: column(row, 2)?,
        updated_at: column(row, 3)?,
        facts: json(row, 4)?,
        content: Arc::new(json(row, 5)?),
    })
}

async fn insert_orders(session: &Session, orders: &[&Order]) -> Result<(), Fault> {
    if orders.is_empty() {
        return Ok(());
    }
    let sql = "INSERT INTO @orders (id, status, payment_status, processing_status, customer_id, customer_name,
            external_id, payment_method, total, currency, version, created_at, updated_at, facts, content)
        SELECT id, status, payment, processing, customer, name, external, method, total, currency, version, created,
            updated, facts::json, content::json
        FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) AS new (id, status, payment,
            processing, customer, name, external, method, total, currency, version, created, updated, facts, content)";
    let stands = Stands::of(orders)?;
    let contents = orders.iter().map(|order| &*order.content);
    let customers: Vec<_> = contents.clone().map(|content| content.customer_id.as_deref()).collect();
    let people: Vec<_> = contents.clone().map(|content| content.customer_name.as_deref()).collect();
    let externals: Vec<_> = contents.clone().map(|content| content.external_id.as_deref()).collect();
    let methods: Vec<_> = contents.clone().map(|content| content.payment_method.as_deref()).collect();
    let totals: Vec<_> = contents.clone().map(|content| content.total).collect();
    let currencies: Vec<_> = contents.clone().map(|content| content.currency.code()).collect();
    let created: Vec<_> = orders.iter().map(|order| order.created_at).collect();
    let texts = contents.map(text).collect::<Result<Vec<_>, _>>()?;
    let values: &[Value<'_>] = &[
        (&stands.ids, Type::UUID_ARRAY),
        (&stands.statuses, Type::TEXT_ARRAY),
        (&stands.payments, Type::TEXT_ARRAY),
        (&stands.processings, Type::TEXT_ARRAY),
        (&customers, Type::TEXT_ARRAY),
        (&people, Type::TEXT_ARRAY),
        (&externals, Type::TEXT_ARRAY),
        (&methods, Type::TEXT_ARRAY),
        (&totals, Type::INT8_ARRAY),
        (&currencies, Type::TEXT_ARRAY),
        (&stands.versions, Type::INT8_ARRAY),
        (&created, Type::TIMESTAMPTZ_ARRAY),
        (&stands.updated, Type::TIMESTAMPTZ_ARRAY),
        (&stands.facts, Type::TEXT_ARRAY),
        (&texts, Type::TEXT_ARRAY),
    ];
    session.execute(sql, values).await.map(drop)
}

async fn update_orders(session: &Session, orders: &[&Order]) -> Result<(), Fault> {
    if orders.is_empty() {
        return Ok(());
    }
    let sql = "UPDATE @orders AS old SET status = new.status, payment_status = new.payment,
            processing_status = new.processing, version = new.version, updated_at = new.updated,
            facts = new.facts::json
        FROM unnest($1, $2, $3, $4, $5, $6, $7) AS new (id, status, payment, processing, version, updated, facts)
        WHERE old.id = new.id";
    let stands = Stands::of(orders)?;
    let values: &[Value<'_>] = &[
        (&stands.ids, Type::UUID_ARRAY),
        (&stands.statuses, Type::TEXT_ARRAY),
        (&stands.payments, Type::TEXT_ARRAY),
        (&stands.processings, Type::TEXT_ARRAY),
        (&stands.versions, Type::INT8_ARRAY),
        (&stands.updated, Type::TIMESTAMPTZ_ARRAY),
        (&stands.facts, Type::TEXT_ARRAY),
    ];
    all_updated(session.execute(sql, values).await?, orders.len())
}

/// Where orders stand: the columns that change.
struct Stands {
    ids: Vec<Uuid>,
    statuses: Vec<&'static str>,
    payments: Vec<&'static str>,
    processings: Vec<&'static str>,
    versions: Vec<i64>,
    updated: Vec<jiff::Timestamp>,
    facts: Vec<String>,
}

impl Stands {
    fn of(orders: &[&Order]) -> Result<Self, Fault> {
        Ok(Self {
            ids: orders.iter().map(|order| order.id).collect(),
            statuses: orders.iter().map(|order| order.status().as_str()).collect(),
            payments: orders.iter().map(|order| order.facts.payment_status().as_str()).collect(),
            processings: orders.iter().map(|order| order.facts.processing_status().as_str()).collect(),
            versions: orders.iter().map(|order| order.version.cast_signed()).collect(),
            updated: orders.iter().map(|order| order.updated_at).collect(),
            facts: orders.iter().map(|order| text(&order.facts)).collect::<Result<_, _>>()?,
        })
    }
}

async fn insert_items(session: &Session, orders: &[&Order]) -> Result<(), Fault> {
    let lines = orders.iter().flat_map(|order| (1..).zip(&order.content.lines).map(|line| (order.id, line)));
    let lines: Vec<(Uuid, (i32, &Line))> = lines.collect();
    if lines.is_empty() {
        return Ok(());
    }
    let sql = "INSERT INTO @order_items (order_id, line, product_id, name, quantity, price, total)
        SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7)";
    let ids: Vec<_> = lines.iter().map(|(id, _)| *id).collect();
    let places: Vec<_> = lines.iter().map(|(_, (place, _))| *place).collect();
    let lines = lines.iter().map(|(_, (_, line))| line);
    let products: Vec<_> = lines.clone().map(|line| line.product_id.as_str()).collect();
    let names: Vec<_> = lines.clone().map(|line| line.name.as_deref()).collect();
    let quantities: Vec<_> = lines.clone().map(|line| i64::from(line.quantity)).collect();
    let prices: Vec<_> = lines.clone().map(|line| line.price).collect();
    let totals: Vec<_> = lines.map(|line| line.total).collect();
    let values: &[Value<'_>] = &[
        (&ids, Type::UUID_ARRAY),
        (&places, Type::INT4_ARRAY),
        (&products, Type::TEXT_ARRAY),
        (&names, Type::TEXT_ARRAY),
        (&quantities, Type::INT8_ARRAY),
        (&prices, Type::INT8_ARRAY),
        (&totals, Type::INT8_ARRAY),
    ];
    session.execute(sql, values).await.map(drop)
}

async fn insert_deliveries(session: &Session, orders: &[&Order]) -> Result<(), Fault> {
    let deliveries = orders.iter().filter_map(|order| Some((order.id, order.content.delivery.as_ref()?)));
    let (ids, deliveries): (Vec<Uuid>, Vec<&Delivery>) = deliveries.unzip();
    if ids.is_empty() {
        return Ok(());
    }
    let sql = "INSERT INTO @deliveries (order_id, name, phone, zip, city, address, region, email)
        SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8)";
    let column = |field: fn(&Delivery) -> &Option<String>| {
        deliveries.iter().map(|delivery| field(delivery).as_deref()).collect::<Vec<_>>()
    };
    let values: &[Value<'_>] = &[
        (&ids, Type::UUID_ARRAY),
        (&column(|delivery| &delivery.name), Type::TEXT_ARRAY),
        (&column(|delivery| &delivery.phone), Type::TEXT_ARRAY),
        (&column(|delivery| &delivery.zip), Type::TEXT_ARRAY),
        (&column(|delivery| &delivery.city), Type::TEXT_ARRAY),
        (&column(|delivery| &delivery.address), Type::TEXT_ARRAY),
        (&column(|delivery| &delivery.region), Type::TEXT_ARRAY),
        (&column(|delivery| &delivery.email), Type::TEXT_ARRAY),
    ];
    session.execute(sql, values).await.map(drop)
}

async fn insert_documents(session: &Session, orders: &[&Order]) -> Result<(), Fault> {
    let documents = orders.iter().filter_map(|order| Some((order.id, order.content.document.as_deref()?)));
    let (ids, documents): (Vec<Uuid>, Vec<&str>) = documents.unzip();
    if ids.is_empty() {
        return Ok(());
    }
    let sql = "INSERT INTO @documents (order_id, document) SELECT * FROM unnest($1, $2)";
    session.execute(sql, &[(&ids, Type::UUID_ARRAY), (&documents, Type::TEXT_ARRAY)]).await.map(drop)
}

async fn put_products(session: &Session, states: &Changes<'_, State>) -> Result<(), Fault> {
    let products: Vec<&Product> = states
        .iter()
        .filter_map(|(_, state)| match state {
            State::Product(product) => Some(product),
            State::Order(_) => None,
        })
        .collect();
    if products.is_empty() {
        return Ok(());
    }
    let sql = "INSERT INTO @products (id, product) SELECT id, product::json FROM unnest($1, $2) AS new (id, product)
        ON CONFLICT (id) DO UPDATE SET product = excluded.product";
    let ids: Vec<_> = products.iter().map(|product| product.id.as_str()).collect();
    let texts = products.iter().map(text).collect::<Result<Vec<_>, _>>()?;
    session.execute(sql, &[(&ids, Type::TEXT_ARRAY), (&texts, Type::TEXT_ARRAY)]).await.map(drop)
}
