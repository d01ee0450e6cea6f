//! The shop's databases: which engine each service stands on, and what stands on it.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Result, bail};
use catalog::Catalog;
use engine::{DeadLetters, Outbox, Service, Store};
use notifications::Notifications;
use orders::Orders;
use payments::Payments;
use processing::Processing;
use provider::Provider;
use settings::{BrokerUrl, DatabaseUrl, Role, Settings};
use store_postgres::{Database, DatabaseSettings, Owner, PostgresIndex, PostgresStore};
use store_sqlite::{DataDirectory, SqliteIndex, SqliteSettings, SqliteStore};
use tokio::runtime::Handle;

/// A service's database, as the ports that stand on it: the store, with its log and cursors, the outbox of a relay, the dead
/// letters, and the service's queries.
pub struct Base<S: Service, Q: ?Sized> {
    pub store: Arc<dyn Store<S>>,
    pub outbox: Arc<dyn Outbox>,
    pub letters: Arc<dyn DeadLetters>,
    pub queries: Arc<Q>,
}

/// The databases of the shop.
pub struct Stores {
    pub orders: Base<Orders, dyn orders::Queries>,
    pub payments: Base<Payments, dyn payments::Queries>,
    pub processing: Base<Processing, dyn processing::Queries>,
    pub catalog: Base<Catalog, dyn catalog::Queries>,
    pub notifications: Base<Notifications, dyn notifications::Queries>,
    /// None: the databases are only looked at.
    pub search: Option<Arc<dyn search::Index>>,
}

/// The ledger of the payment provider that ships with ordo.
pub type Ledger = Base<Provider, dyn provider::Ledger>;

/// What is to be done with a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Make, migrate and write it.
    Serve,
    /// Read it as it is, also beside those who write.
    LookOn,
}

/// Opens a service's database on whichever engine its URL names: `open!(opener, Role, Tables)`.
macro_rules! open {
    ($opener:expr, $role:expr, $tables:ident) => {
        open_at!($opener, &$opener.at($role)?, $tables)
    };
}

/// The same where it is known already: `open_at!(opener, &place, Tables)`.
macro_rules! open_at {
    ($opener:expr, $place:expr, $tables:ident) => {
        match $place {
            Place::Directory(directory) => {
                let store = Arc::new($opener.sqlite(directory, store_sqlite::$tables)?);
                Base { store: store.clone(), outbox: store.clone(), letters: store.clone(), queries: store }
            }
            Place::Server(database) => {
                let store = Arc::new($opener.postgres(database.clone(), store_postgres::$tables).await?);
                Base { store: store.clone(), outbox: store.clone(), letters: store.clone(), queries: store }
            }
        }
    };
}

impl Stores {
    /// Opens the shop's databases. A data directory is held as long as they live.
    pub async fn open(settings: &Settings, purpose: Purpose) -> Result<Self> {
        let opener = Opener::of_shop(settings, purpose)?;
        let place = opener.at(Role::Orders)?;
        Ok(Self {
            orders: open_at!(opener, &place, OrdersTables),
            payments: open!(opener, Role::Payments, PaymentsTables),
            processing: open!(opener, Role::Processing, ProcessingTables),
            catalog: open!(opener, Role::Catalog, CatalogTables),
            notifications: open!(opener, Role::Notifications, NotificationsTables),
            // Behind the orders, whose schema it is in on a server.
            search: opener.index(&place)?,
        })
    }
}

/// Opens the payments' database alone.
pub async fn open_payments(settings: &Settings) -> Result<Base<Payments, dyn payments::Queries>> {
    let opener = Opener::of_shop(settings, Purpose::Serve)?;
    Ok(open!(opener, Role::Payments, PaymentsTables))
}

/// Opens the processing service's database alone.
pub async fn open_processing(settings: &Settings) -> Result<Base<Processing, dyn processing::Queries>> {
    let opener = Opener::of_shop(settings, Purpose::Serve)?;
    Ok(open!(opener, Role::Processing, ProcessingTables))
}

/// Opens the catalog's database alone.
pub async fn open_catalog(settings: &Settings) -> Result<Base<Catalog, dyn catalog::Queries>> {
    let opener = Opener::of_shop(settings, Purpose::Serve)?;
    Ok(open!(opener, Role::Catalog, CatalogTables))
}

/// Opens the notifications service's database alone.
pub async fn open_notifications(
    settings: &Settings,
) -> Result<Base<Notifications, dyn notifications::Queries>> {
    let opener = Opener::of_shop(settings, Purpose::Serve)?;
    Ok(open!(opener, Role::Notifications, NotificationsTables))
}

/// Opens the ledger of the payment provider, which runs `alone` or beside the shop. None: there is no such ledger to look
/// on.
pub async fn open_ledger(settings: &Settings, alone: bool, purpose: Purpose) -> Result<Option<Ledger>> {
    let opener = Opener::of_provider(settings, alone, purpose)?;
    if purpose == Purpose::LookOn
        && let Place::Directory(directory) = opener.at(Role::Provider)?
        && !directory.file(Provider::NAME).exists()
    {
        return Ok(None);
    }
    Ok(Some(open!(opener, Role::Provider, ProviderTables)))
}

/// Where a service's database is.
pub enum Place {
    /// In a file of a data directory.
    Directory(DataDirectory),
    /// In a schema on a server.
    Server(Database),
}

/// Finds databases, and opens them.
pub struct Opener<'s> {
    settings: &'s Settings,
    purpose: Purpose,
    /// The data directory, if anything is in one.
    directory: Option<DataDirectory>,
}

impl<'s> Opener<'s> {
    /// For the services of the shop.
    pub fn of_shop(settings: &'s Settings, purpose: Purpose) -> Result<Self> {
        let directory = Role::OF_SHOP.iter().find_map(|role| directory_of(settings.database_of(*role)));
        Self::new(settings, purpose, directory)
    }

    /// For the payment provider, which runs `alone` or beside the shop.
    pub fn of_provider(settings: &'s Settings, alone: bool, purpose: Purpose) -> Result<Self> {
        Self::new(settings, purpose, provider_directory(settings, alone)?)
    }

    fn new(settings: &'s Settings, purpose: Purpose, directory: Option<PathBuf>) -> Result<Self> {
        let directory = match (directory, purpose) {
            (None, _) => None,
            (Some(path), Purpose::Serve) => Some(DataDirectory::open(&path)?),
            (Some(path), Purpose::LookOn) => Some(DataDirectory::look_on(&path)),
        };
        Ok(Self { settings, purpose, directory })
    }

    /// Where a role's database is.
    pub fn at(&self, role: Role) -> Result<Place> {
        match (self.settings.database_of(role), &self.directory) {
            (DatabaseUrl::Sqlite { .. }, Some(directory)) => Ok(Place::Directory(directory.clone())),
            (DatabaseUrl::Sqlite { .. }, None) => bail!("{role} has no data directory"),
            (DatabaseUrl::Postgres(url), _) => {
                let (runtime, schema) = (Handle::current(), role.to_string());
                Ok(Place::Server(Database::new(url.expose(), &schema, self.on_postgres(), runtime)?))
            }
        }
    }

    /// The index over the orders, whose database is open already.
    fn index(&self, orders: &Place) -> Result<Option<Arc<dyn search::Index>>> {
        if self.purpose == Purpose::LookOn {
            return Ok(None);
        }
        Ok(Some(match orders {
            Place::Directory(directory) => Arc::new(SqliteIndex::open(directory)?),
            Place::Server(database) => Arc::new(PostgresIndex::new(database.clone())),
        }))
    }

    /// Who owns the schemas on servers, if that is not who uses them.
    pub fn owner(&self) -> Option<Owner> {
        let postgres = &self.settings.postgres;
        let password = postgres.owner_password.as_ref().map(|password| password.expose().to_owned());
        postgres.owner.clone().map(|user| Owner { user, password })
    }

    fn sqlite<S: Service>(
        &self,
        directory: &DataDirectory,
        tables: impl store_sqlite::Tables<S>,
    ) -> Result<SqliteStore<S>> {
        Ok(match self.purpose {
            Purpose::Serve => SqliteStore::open(directory, tables, self.on_sqlite())?,
            Purpose::LookOn => SqliteStore::look_on(directory, tables)?,
        })
    }

    async fn postgres<S: Service>(
        &self,
        database: Database,
        tables: impl store_postgres::Tables<S>,
    ) -> Result<PostgresStore<S>> {
        Ok(match self.purpose {
            Purpose::Serve => PostgresStore::open(database, tables).await?,
            Purpose::LookOn => PostgresStore::look_on(database, tables).await?,
        })
    }

    fn on_sqlite(&self) -> SqliteSettings {
        let settings = SqliteSettings::default();
        SqliteSettings { partitions: self.partitions(settings.partitions), ..settings }
    }

    fn on_postgres(&self) -> DatabaseSettings {
        let (postgres, settings) = (&self.settings.postgres, DatabaseSettings::default());
        DatabaseSettings {
            connections: postgres.connections,
            prepared_statements: postgres.prepared_statements,
            connect_timeout: postgres.connect_timeout,
            lock_timeout: postgres.lock_timeout,
            partitions: self.partitions(settings.partitions),
            // Without a broker nobody shares a database, and a proxy that does not follow prepared statements passes no bell on.
            bell: self.settings.broker_url != BrokerUrl::Embedded && postgres.prepared_statements,
        }
    }

    fn partitions(&self, default: u16) -> u16 {
        match self.settings.is_default("engine.partitions") {
            true => default,
            false => u16::try_from(self.settings.engine.partitions).unwrap_or(default),
        }
    }
}

/// The folder of the data directory where the payment provider that runs beside the shop keeps its ledger, as if it were
/// elsewhere.
pub const PROVIDER: &str = "provider";

/// Where the payment provider keeps its ledger, alone or beside the shop. None: on a server.
fn provider_directory(settings: &Settings, alone: bool) -> Result<Option<PathBuf>> {
    let shop = directory_of(&settings.database_url);
    match settings.provider.database_url.as_ref().map(directory_of) {
        Some(Some(own)) if !alone && shop.as_ref() == Some(&own) => {
            bail!("provider.database_url is the shop's own directory; leave it away, or name another one")
        }
        Some(own) => Ok(own),
        None if alone => Ok(shop),
        None => Ok(shop.map(|shop| shop.join(PROVIDER))),
    }
}

/// The data directories, where everything is in such: the shop's, and the payment provider's if it has one that is there.
///
/// # Errors
/// If a service's data is on a server.
pub fn directories(settings: &Settings) -> Result<(PathBuf, Option<PathBuf>)> {
    let on_server = Role::OF_SHOP.iter().find(|role| directory_of(settings.database_of(**role)).is_none());
    let (Some(shop), None) = (directory_of(&settings.database_url), on_server) else {
        bail!(
            "the data is on a PostgreSQL server; back it up and restore it with pg_dump, see docs/operations.md"
        );
    };
    let provider = provider_directory(settings, false)?.filter(|directory| directory.is_dir());
    Ok((shop, provider))
}

fn directory_of(url: &DatabaseUrl) -> Option<PathBuf> {
    match url {
        DatabaseUrl::Sqlite { dir } => Some(dir.clone()),
        DatabaseUrl::Postgres(_) => None,
    }
}
