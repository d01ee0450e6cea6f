//! Lists of orders, and the search index beside them, on PostgreSQL.

use std::sync::Arc;

use async_trait::async_trait;
use engine::{Ids, SystemIds};
use search::Index;
use store_postgres::{Database, Migrations, OrdersTables, PostgresIndex, PostgresStore};
use testkit::conformance::index::IndexHarness;
use testkit::conformance::lists::{ListsHarness, Opened};
use testkit::{index_conformance, lists_conformance};

use super::{database, place, url};

mod owner {
    use super::*;
    index_conformance!(Harness::new(), #[ignore = "needs PostgreSQL: scripts/services up"]);
    lists_conformance!(Harness::new(), #[ignore = "needs PostgreSQL: scripts/services up"]);
}

/// As a user that may do no more than the orders service needs.
mod least_privilege {
    use super::*;
    index_conformance!(Harness::with_owner(), #[ignore = "needs PostgreSQL: scripts/services up"]);
    lists_conformance!(Harness::with_owner(), #[ignore = "needs PostgreSQL: scripts/services up"]);
}

struct Harness {
    database: Database,
    /// Makes the schema and the user, where that is not who uses it.
    owner: Option<Database>,
}

impl Harness {
    fn new() -> Self {
        let schema = format!("orders_{}", SystemIds.next().simple());
        Self { database: database(&schema, true), owner: None }
    }

    fn with_owner() -> Self {
        let schema = format!("orders_{}", SystemIds.next().simple());
        let service = place::as_user(&url(), "ordo_lists", "lists");
        let owner = Some(database(&schema, true));
        Self { database: place::database(&service, &schema), owner }
    }

    async fn migrate(&self) {
        match &self.owner {
            Some(owner) => place::admit(&self.database, owner, &OrdersTables).await.unwrap(),
            None => drop(Migrations::new(&self.database, &OrdersTables).up().await.unwrap()),
        }
    }
}

#[async_trait]
impl IndexHarness for Harness {
    fn is_shared(&self) -> bool {
        true
    }

    async fn open(&self) -> Arc<dyn Index> {
        self.migrate().await;
        Arc::new(PostgresIndex::new(self.database.clone()))
    }
}

#[async_trait]
impl ListsHarness for Harness {
    fn knows_customers(&self) -> bool {
        true
    }

    async fn open(&self) -> Opened {
        self.migrate().await;
        let store = Arc::new(PostgresStore::open(self.database.clone(), OrdersTables).await.unwrap());
        let index = Arc::new(PostgresIndex::new(self.database.clone()));
        Opened { store: store.clone(), queries: store, index }
    }
}
