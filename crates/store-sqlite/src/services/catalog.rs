//! The table of the catalog, and its queries.

use async_trait::async_trait;
use catalog::{Catalog, Queries};
use contract::Product;
use engine::store::Existing;
use engine::{Fault, Key};
use rusqlite::{Connection, OptionalExtension, params};

use crate::migration;
use crate::migration::Migration;
use crate::services::{json, text};
use crate::store::SqliteStore;
use crate::tables::Tables;

/// The table of the catalog.
#[derive(Clone, Copy, Debug, Default)]
pub struct CatalogTables;

impl Tables<Catalog> for CatalogTables {
    fn migrations(&self) -> &'static [Migration] {
        const MIGRATIONS: &[Migration] = &[migration!("catalog/0001_catalog")];
        MIGRATIONS
    }

    fn load(&self, conn: &Connection, key: &Key) -> rusqlite::Result<Option<Product>> {
        load(conn, &key.to_string())
    }

    fn save(
        &self,
        conn: &Connection,
        _key: &Key,
        product: &Product,
        existing: Existing,
    ) -> rusqlite::Result<()> {
        let sql = match existing {
            Existing::No => "INSERT INTO products (id, product) VALUES (?1, ?2)",
            Existing::Yes => "UPDATE products SET product = ?2 WHERE id = ?1",
        };
        conn.prepare_cached(sql)?.execute(params![product.id, text(product)?]).map(drop)
    }
}

#[async_trait]
impl Queries for SqliteStore<Catalog> {
    async fn menu(&self) -> Result<Vec<Product>, Fault> {
        let sql = "SELECT product FROM products ORDER BY id";
        self.query(|conn| {
            conn.prepare_cached(sql)?.query_map([], |row| json(row.get_ref(0)?.as_str()?))?.collect()
        })
    }

    async fn product(&self, id: &str) -> Result<Option<Product>, Fault> {
        self.query(|conn| load(conn, id))
    }
}

fn load(conn: &Connection, id: &str) -> rusqlite::Result<Option<Product>> {
    let sql = "SELECT product FROM products WHERE id = ?1";
    conn.prepare_cached(sql)?.query_row([id], |row| json(row.get_ref(0)?.as_str()?)).optional()
}
