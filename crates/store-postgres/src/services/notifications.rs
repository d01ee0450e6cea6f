//! The table of the notifications service, and its queries.

use async_trait::async_trait;
use engine::{DeadLetter, Fault, Key};
use notifications::{ListFilter, Notification, Notifications, Queries, key_of};
use tokio_postgres::Row;
use tokio_postgres::types::Type;
use uuid::Uuid;

use crate::columns::{column, limit};
use crate::migration;
use crate::migration::Migration;
use crate::services::{all_updated, json, names, text};
use crate::session::{Session, Value};
use crate::store::PostgresStore;
use crate::tables::{Changes, Tables, locking};

/// The table of the notifications service.
#[derive(Clone, Copy, Debug, Default)]
pub struct NotificationsTables;

#[async_trait]
impl Tables<Notifications> for NotificationsTables {
    fn migrations(&self) -> &'static [Migration] {
        const MIGRATIONS: &[Migration] = &[migration!("notifications/0001_notifications")];
        MIGRATIONS
    }

    /// An order itself has no state here.
    async fn load(
        &self,
        session: &Session,
        keys: &[Key],
        lock: bool,
    ) -> Result<Vec<(Key, Notification)>, Fault> {
        let names = names(keys);
        let parts = names.iter().filter_map(|name| name.split_once('/'));
        let (orders, kinds): (Vec<_>, Vec<_>) =
            parts.filter_map(|(order_id, kind)| Some((Uuid::try_parse(order_id).ok()?, kind))).unzip();
        if orders.is_empty() {
            return Ok(Vec::new());
        }
        let lock = if lock { "FOR UPDATE OF known" } else { locking(false) };
        let sql = format!(
            "SELECT known.notification::text FROM @notifications AS known
            JOIN unnest($1, $2) AS wanted (order_id, kind)
                ON known.order_id = wanted.order_id AND known.kind = wanted.kind
            ORDER BY known.order_id, known.kind {lock}"
        );
        let values: &[Value<'_>] = &[(&orders, Type::UUID_ARRAY), (&kinds, Type::TEXT_ARRAY)];
        let rows = session.query(&sql, values).await?;
        let keyed = |row| notification(row).map(|known| (key_of(known.order_id, known.kind), known));
        rows.iter().map(keyed).collect()
    }

    async fn insert(&self, session: &Session, states: &Changes<'_, Notification>) -> Result<(), Fault> {
        let sql = "INSERT INTO @notifications (id, order_id, kind, state, notification)
            SELECT id, order_id, kind, state, notification::json
            FROM unnest($1, $2, $3, $4, $5) AS new (id, order_id, kind, state, notification)";
        write(session, sql, states).await.map(drop)
    }

    async fn update(&self, session: &Session, states: &Changes<'_, Notification>) -> Result<(), Fault> {
        let sql = "UPDATE @notifications AS old SET state = new.state, notification = new.notification::json
            FROM unnest($1, $2, $3, $4, $5) AS new (id, order_id, kind, state, notification)
            WHERE old.id = new.id AND old.order_id = new.order_id AND old.kind = new.kind";
        all_updated(write(session, sql, states).await?, states.len())
    }
}

async fn write(session: &Session, sql: &str, states: &Changes<'_, Notification>) -> Result<u64, Fault> {
    let states = states.iter().map(|(_, state)| *state);
    let ids: Vec<_> = states.clone().map(|state| state.id).collect();
    let orders: Vec<_> = states.clone().map(|state| state.order_id).collect();
    let kinds: Vec<_> = states.clone().map(|state| state.kind.as_str()).collect();
    let words: Vec<_> = states.clone().map(|state| state.state.word()).collect();
    let texts = states.map(text).collect::<Result<Vec<_>, _>>()?;
    let values: &[Value<'_>] = &[
        (&ids, Type::UUID_ARRAY),
        (&orders, Type::UUID_ARRAY),
        (&kinds, Type::TEXT_ARRAY),
        (&words, Type::TEXT_ARRAY),
        (&texts, Type::TEXT_ARRAY),
    ];
    session.execute(sql, values).await
}

#[async_trait]
impl Queries for PostgresStore<Notifications> {
    async fn notification(&self, id: Uuid) -> Result<Option<Notification>, Fault> {
        let sql = "SELECT notification::text FROM @notifications WHERE id = $1";
        let rows = self.session().await?.query(sql, &[(&id, Type::UUID)]).await?;
        rows.first().map(notification).transpose()
    }

    async fn of_order(&self, order_id: Uuid) -> Result<Vec<Notification>, Fault> {
        let sql = "SELECT notification::text FROM @notifications WHERE order_id = $1 ORDER BY id";
        let rows = self.session().await?.query(sql, &[(&order_id, Type::UUID)]).await?;
        rows.iter().map(notification).collect()
    }

    async fn list(&self, filter: &ListFilter) -> Result<Vec<Notification>, Fault> {
        // The state is a word of a closed set: as a literal it lets PostgreSQL choose the partial index.
        let mut sql = "SELECT notification::text FROM @notifications WHERE id < $1".to_owned();
        if let Some(state) = filter.state {
            sql += &format!(" AND state = '{state}'");
        }
        sql += if filter.order_id.is_some() { " AND order_id = $3" } else { " AND $3 IS NULL" };
        sql += " ORDER BY id DESC LIMIT $2";
        let before = filter.before.unwrap_or(Uuid::max());
        let values: &[Value<'_>] =
            &[(&before, Type::UUID), (&limit(filter.limit), Type::INT8), (&filter.order_id, Type::UUID)];
        self.session().await?.query(&sql, values).await?.iter().map(notification).collect()
    }

    async fn first_order(&self) -> Result<Option<Uuid>, Fault> {
        let sql =
            "SELECT order_id FROM @notifications WHERE kind = 'order.created' ORDER BY order_id LIMIT 1";
        let rows = self.session().await?.query(sql, &[]).await?;
        rows.first().map(|row| column(row, 0)).transpose()
    }

    async fn dead_letters(&self, order_id: Uuid) -> Result<Vec<DeadLetter>, Fault> {
        self.dead_letters_of(&Key::Id(order_id)).await
    }
}

fn notification(row: &Row) -> Result<Notification, Fault> {
    json(row, 0)
}
