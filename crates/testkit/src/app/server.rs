//! Schemas of PostgreSQL, one per service: made once, since that takes long, and emptied for every shop.
//!
//! They have a runtime of their own, which moves as long as somebody waits for an answer.

use std::collections::BTreeMap;
use std::sync::Arc;

use broker::Broker;
use catalog::Catalog;
use engine::{Fault, Ids, Service, SystemIds};
use notifications::Notifications;
use orders::Orders;
use payments::Payments;
use processing::Processing;
use provider::Provider;
use store_postgres::{Database, DatabaseSettings};
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::types::Type;

use super::AppSettings;
use super::road::readers;
use crate::conformance::broker::BrokerHarness;

/// All services, each of which has a schema.
const SERVICES: [&str; 6] =
    [Orders::NAME, Payments::NAME, Processing::NAME, Catalog::NAME, Notifications::NAME, Provider::NAME];
/// No test is about what a server loses with its power.
const HURRIED: &str = "options=-c%20synchronous_commit%3Doff";

/// Schemas that nobody else has.
pub struct Server {
    runtime: Runtime,
    /// What the names of the schemas begin with.
    prefix: String,
    databases: BTreeMap<&'static str, Database>,
    /// The broker between the services, and who takes away what is left of them there.
    broker: Option<(Arc<dyn Broker>, Box<dyn BrokerHarness>)>,
}

impl Server {
    /// New schemas in the database at `url`. Their logs have the partitions of the default settings, whatever a shop's say.
    pub fn at(url: &str) -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let prefix = format!("app_{}", SystemIds.next().simple());
        let url = format!("{url}{}{HURRIED}", if url.contains('?') { '&' } else { '?' });
        let partitions = AppSettings::default().partitions;
        let settings = DatabaseSettings { partitions, ..DatabaseSettings::default() };
        let database = |service| {
            let schema = format!("{prefix}_{service}");
            let database = Database::new(&url, &schema, settings, runtime.handle().clone());
            (service, database.expect("the URL of a database"))
        };
        let databases = SERVICES.map(database).into();
        Self { runtime, prefix, databases, broker: None }
    }

    /// With this broker between the services.
    #[must_use]
    pub fn with(mut self, harness: impl BrokerHarness + 'static) -> Self {
        let entered = self.runtime.enter();
        let broker = harness.process(None, &readers());
        drop(entered);
        self.broker = Some((broker, Box::new(harness)));
        self
    }

    /// The broker between the services.
    pub(super) fn broker(&self) -> Option<Arc<dyn Broker>> {
        self.broker.as_ref().map(|(broker, _)| Arc::clone(broker))
    }

    /// Waits for an answer.
    pub(super) fn wait<T>(&self, answer: impl Future<Output = T>) -> T {
        self.runtime.block_on(answer)
    }

    /// The database of a service.
    pub(super) fn database(&self, service: &str) -> Database {
        self.databases[service].clone()
    }

    /// Empties all tables.
    pub(super) fn clear(&self) {
        for (service, database) in &self.databases {
            let schema = format!("{}_{service}", self.prefix);
            self.wait(clear(database, &schema)).expect("the tables can be emptied");
        }
    }
}

/// Empties the tables of a schema, but for what was done to it.
async fn clear(database: &Database, schema: &str) -> Result<(), Fault> {
    let session = database.session().await?;
    let tables = "SELECT tablename::text FROM pg_tables WHERE schemaname = $1 AND tablename <> 'migrations'";
    for row in session.query(tables, &[(&schema, Type::TEXT)]).await? {
        session.execute(&format!("DELETE FROM @{}", row.get::<_, &str>(0)), &[]).await?;
    }
    Ok(())
}

impl Drop for Server {
    /// Whoever looks into a schema after a test that failed still finds it.
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        for (service, database) in &self.databases {
            let drop = format!("DROP SCHEMA IF EXISTS \"{}_{service}\" CASCADE", self.prefix);
            // What stays behind is in nobody's way.
            let _ = self.wait(async { database.session().await?.execute(&drop, &[]).await });
        }
    }
}
