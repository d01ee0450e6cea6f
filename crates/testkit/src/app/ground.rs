//! What the shop stands on: files of its own, or schemas at a server. Whatever is above it is the same on both.

use std::path::Path;
use std::sync::Arc;

use broker::Broker;
use catalog::Catalog;
use engine::{Outbox, Service, Store};
use notifications::Notifications;
use orders::Orders;
use payments::Payments;
use processing::Processing;
use provider::Provider;
use store_postgres::PostgresStore;
use store_sqlite::{DataDirectory, SqliteSettings, SqliteStore};
use tempfile::TempDir;

use super::at_once;
use super::server::Server;
use super::shelf::Shelf;

/// What the shop stands on. It outlives every process.
pub enum Ground {
    /// SQLite files in a temporary directory. Every answer is there at once.
    Files(TempDir),
    /// Schemas at a server, whose answers are waited for. Whoever has leased something there may be alive for all it knows.
    Server(Arc<Server>),
}

/// A service's database, as everything that stands on it.
pub(super) struct Base<S: Service, Q: ?Sized> {
    pub store: Arc<dyn Store<S>>,
    pub outbox: Arc<dyn Outbox>,
    pub queries: Arc<Q>,
    pub shelf: Arc<dyn Shelf>,
}

/// The databases of all services.
pub(super) struct Bases {
    pub orders: Base<Orders, dyn orders::Queries>,
    pub payments: Base<Payments, dyn payments::Queries>,
    pub processing: Base<Processing, dyn processing::Queries>,
    pub catalog: Base<Catalog, dyn catalog::Queries>,
    pub notifications: Base<Notifications, dyn notifications::Queries>,
    pub provider: Base<Provider, dyn provider::Ledger>,
}

/// A database over the tables of a store's crate.
macro_rules! base {
    ($opener:ident, $tables:expr) => {{
        let store = $opener.open($tables);
        Base { store: store.clone(), outbox: store.clone(), queries: store.clone(), shelf: store }
    }};
}

/// All databases over the tables of a store's crate.
macro_rules! bases {
    ($opener:ident, $store:ident) => {
        Bases {
            orders: base!($opener, $store::OrdersTables),
            payments: base!($opener, $store::PaymentsTables),
            processing: base!($opener, $store::ProcessingTables),
            catalog: base!($opener, $store::CatalogTables),
            notifications: base!($opener, $store::NotificationsTables),
            provider: base!($opener, $store::ProviderTables),
        }
    };
}

impl Ground {
    /// Files of its own: in memory, if there is such a place, since they are as durable as the test.
    pub fn files() -> Self {
        let memory = Path::new("/dev/shm");
        let made = if memory.is_dir() { TempDir::new_in(memory) } else { TempDir::new() };
        Self::Files(made.expect("a temporary directory"))
    }

    /// The server's schemas, with nothing in them.
    pub fn on(server: &Arc<Server>) -> Self {
        server.clear();
        Self::Server(Arc::clone(server))
    }

    /// What carries events from service to service. None: nothing does.
    pub(super) fn broker(&self) -> Option<Arc<dyn Broker>> {
        match self {
            Self::Files(_) => None,
            Self::Server(server) => server.broker(),
        }
    }

    /// Waits for an answer.
    pub(super) fn wait<T>(&self, answer: impl Future<Output = T>) -> T {
        match self {
            Self::Files(_) => at_once(answer),
            Self::Server(server) => server.wait(answer),
        }
    }

    /// Opens all databases; a new log gets so many partitions.
    pub(super) fn open(&self, partitions: u16) -> Bases {
        match self {
            Self::Files(directory) => {
                let directory = DataDirectory::open(directory.path()).expect("the directory is free");
                let files = Files { directory, partitions };
                bases!(files, store_sqlite)
            }
            Self::Server(server) => bases!(server, store_postgres),
        }
    }
}

/// Files of a directory that is held as long as they are open.
struct Files {
    directory: DataDirectory,
    partitions: u16,
}

impl Files {
    fn open<S: Service>(&self, tables: impl store_sqlite::Tables<S>) -> Arc<SqliteStore<S>> {
        let settings = SqliteSettings { partitions: self.partitions, ..SqliteSettings::default() };
        Arc::new(SqliteStore::open(&self.directory, tables, settings).expect("the file can be opened"))
    }
}

impl Server {
    fn open<S: Service>(&self, tables: impl store_postgres::Tables<S>) -> Arc<PostgresStore<S>> {
        let store = PostgresStore::open(self.database(S::NAME), tables);
        Arc::new(self.wait(store).expect("the schema can be opened"))
    }
}
