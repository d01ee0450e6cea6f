//! What has to work for a process to be ready.

use std::sync::Arc;

use async_trait::async_trait;
use engine::{Cursors, Service};
use http_api::Check;
use store_sqlite::SqliteStore;

/// A service's database, which has to answer a question.
struct Database<S: Service> {
    name: String,
    store: Arc<SqliteStore<S>>,
}

/// The check that a service's database answers.
pub fn database<S: Service>(store: &Arc<SqliteStore<S>>) -> Arc<dyn Check> {
    Arc::new(Database { name: format!("{}-database", S::NAME), store: Arc::clone(store) })
}

#[async_trait]
impl<S: Service> Check for Database<S> {
    fn name(&self) -> &str {
        &self.name
    }

    async fn check(&self) -> Result<(), String> {
        self.store.cursors("").await.map(drop).map_err(|fault| fault.to_string())
    }
}
