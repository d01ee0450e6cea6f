//! The table of the notifications service, and its queries.

use async_trait::async_trait;
use engine::store::Existing;
use engine::{DeadLetter, Fault, Key};
use notifications::{ListFilter, Notification, Notifications, Queries};
use rusqlite::{Connection, OptionalExtension, Row, params};
use uuid::Uuid;

use crate::columns::limit;
use crate::migration;
use crate::migration::Migration;
use crate::services::{dead_letters_of, json, text};
use crate::store::SqliteStore;
use crate::tables::Tables;

/// The table of the notifications service.
#[derive(Clone, Copy, Debug, Default)]
pub struct NotificationsTables;

impl Tables<Notifications> for NotificationsTables {
    fn migrations(&self) -> &'static [Migration] {
        const MIGRATIONS: &[Migration] = &[migration!("notifications/0001_notifications")];
        MIGRATIONS
    }

    /// An order itself has no state here.
    fn load(&self, conn: &Connection, key: &Key) -> rusqlite::Result<Option<Notification>> {
        let Some((order_id, kind)) = parts(key) else { return Ok(None) };
        let sql = "SELECT notification FROM notifications WHERE order_id = ?1 AND kind = ?2";
        let values = params![order_id.as_bytes(), kind];
        conn.prepare_cached(sql)?.query_row(values, notification).optional()
    }

    fn save(
        &self,
        conn: &Connection,
        _key: &Key,
        notification: &Notification,
        existing: Existing,
    ) -> rusqlite::Result<()> {
        let sql = match existing {
            Existing::No => {
                "INSERT INTO notifications (id, order_id, kind, state, notification) VALUES (?1, ?2, ?3, ?4, ?5)"
            }
            Existing::Yes => {
                "UPDATE notifications SET state = ?4, notification = ?5
                WHERE id = ?1 AND order_id = ?2 AND kind = ?3"
            }
        };
        let values = params![
            notification.id.as_bytes(),
            notification.order_id.as_bytes(),
            notification.kind.as_str(),
            notification.state.word(),
            text(notification)?,
        ];
        conn.prepare_cached(sql)?.execute(values).map(drop)
    }
}

#[async_trait]
impl Queries for SqliteStore<Notifications> {
    async fn notification(&self, id: Uuid) -> Result<Option<Notification>, Fault> {
        let sql = "SELECT notification FROM notifications WHERE id = ?1";
        self.query(|conn| conn.prepare_cached(sql)?.query_row([id.as_bytes()], notification).optional())
    }

    async fn of_order(&self, order_id: Uuid) -> Result<Vec<Notification>, Fault> {
        let sql = "SELECT notification FROM notifications WHERE order_id = ?1 ORDER BY id";
        self.query(|conn| conn.prepare_cached(sql)?.query_map([order_id.as_bytes()], notification)?.collect())
    }

    async fn list(&self, filter: &ListFilter) -> Result<Vec<Notification>, Fault> {
        // The state is a word of a closed set: as a literal it lets SQLite choose the partial index.
        let mut sql = "SELECT notification FROM notifications WHERE id < ?1".to_owned();
        if let Some(state) = filter.state {
            sql += &format!(" AND state = '{state}'");
            if state != "SENT" {
                sql += " AND state <> 'SENT'";
            }
        }
        sql += if filter.order_id.is_some() { " AND order_id = ?3" } else { " AND ?3 IS NULL" };
        sql += " ORDER BY id DESC LIMIT ?2";
        let before = filter.before.unwrap_or(Uuid::max());
        let order_id = filter.order_id.as_ref().map(Uuid::as_bytes);
        self.scan_rows(|conn| {
            let values = params![before.as_bytes(), limit(filter.limit), order_id];
            conn.prepare_cached(&sql)?.query_map(values, notification)?.collect()
        })
        .await
    }

    async fn first_order(&self) -> Result<Option<Uuid>, Fault> {
        let sql = "SELECT order_id FROM notifications WHERE kind = 'order.created' ORDER BY order_id LIMIT 1";
        self.query(|conn| {
            let id = |row: &Row<'_>| Ok(Uuid::from_bytes(row.get(0)?));
            conn.prepare_cached(sql)?.query_row((), id).optional()
        })
    }

    async fn dead_letters(&self, order_id: Uuid) -> Result<Vec<DeadLetter>, Fault> {
        dead_letters_of(self, order_id)
    }
}

fn notification(row: &Row<'_>) -> rusqlite::Result<Notification> {
    json(row.get_ref(0)?.as_str()?)
}

/// The order and the kind that a key names.
fn parts(key: &Key) -> Option<(Uuid, &str)> {
    let Key::Name(name) = key else { return None };
    let (order_id, kind) = name.split_once('/')?;
    Some((Uuid::try_parse(order_id).ok()?, kind))
}
