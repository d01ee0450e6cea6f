//! The table of the catalog, and its queries.

use async_trait::async_trait;
use catalog::{Catalog, Queries};
use contract::Product;
use engine::{Fault, Key};
use tokio_postgres::types::Type;

use crate::migration;
use crate::migration::Migration;
use crate::services::{all_updated, json, names, text};
use crate::session::Session;
use crate::store::PostgresStore;
use crate::tables::{Changes, Tables, locking};

/// The table of the catalog.
#[derive(Clone, Copy, Debug, Default)]
pub struct CatalogTables;

#[async_trait]
impl Tables<Catalog> for CatalogTables {
    fn migrations(&self) -> &'static [Migration] {
        const MIGRATIONS: &[Migration] = &[migration!("catalog/0001_catalog")];
        MIGRATIONS
    }

    async fn load(&self, session: &Session, keys: &[Key], lock: bool) -> Result<Vec<(Key, Product)>, Fault> {
        let lock = locking(lock);
        let sql = format!("SELECT product::text FROM @products WHERE id = ANY($1) ORDER BY id {lock}");
        let rows = session.query(&sql, &[(&names(keys), Type::TEXT_ARRAY)]).await?;
        let product = |row| json(row, 0).map(|product: Product| (Key::name(&product.id), product));
        rows.iter().map(product).collect()
    }

    async fn insert(&self, session: &Session, products: &Changes<'_, Product>) -> Result<(), Fault> {
        let sql = "INSERT INTO @products (id, product) SELECT id, product::json FROM unnest($1, $2) AS new (id, product)";
        write(session, sql, products).await.map(drop)
    }

    async fn update(&self, session: &Session, products: &Changes<'_, Product>) -> Result<(), Fault> {
        let sql = "UPDATE @products AS old SET product = new.product::json
            FROM unnest($1, $2) AS new (id, product) WHERE old.id = new.id";
        all_updated(write(session, sql, products).await?, products.len())
    }
}

async fn write(session: &Session, sql: &str, products: &Changes<'_, Product>) -> Result<u64, Fault> {
    let ids: Vec<_> = products.iter().map(|(_, product)| product.id.as_str()).collect();
    let texts = products.iter().map(|(_, product)| text(product)).collect::<Result<Vec<_>, _>>()?;
    session.execute(sql, &[(&ids, Type::TEXT_ARRAY), (&texts, Type::TEXT_ARRAY)]).await
}

#[async_trait]
impl Queries for PostgresStore<Catalog> {
    async fn menu(&self) -> Result<Vec<Product>, Fault> {
        let rows =
            self.session().await?.query("SELECT product::text FROM @products ORDER BY id", &[]).await?;
        rows.iter().map(|row| json(row, 0)).collect()
    }

    async fn product(&self, id: &str) -> Result<Option<Product>, Fault> {
        let sql = "SELECT product::text FROM @products WHERE id = $1";
        let rows = self.session().await?.query(sql, &[(&id, Type::TEXT)]).await?;
        rows.first().map(|row| json(row, 0)).transpose()
    }
}
