//! The shop: all services over the embedded store and broker, wired together in one process.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use catalog::Catalog;
use engine::breaker::{Breaker, BreakerSettings};
use engine::effects::Desk;
use engine::faults::Faults;
use engine::intake::Answer;
use engine::observe::Observer;
use engine::{
    Command, Cursors, Fault, Ids, Intake, Key, Log, Message, Origin, Service, Signal, Store, SystemIds,
};
use orders::Orders;
use payments::Payments;
use processing::Processing;
use provider::{Knobs, Provider};
use provider_client::{ClientSettings, HttpProvider};
use settings::Settings;
use store_sqlite::{
    CatalogTables, DataDirectory, OrdersTables, PaymentsTables, ProcessingTables, ProviderTables,
    SqliteSettings, SqliteStore,
};

use crate::drive::{Driver, until};
use crate::service::{Running, Threads};

/// Who watches the engine of which service.
pub type Watch<'w> = &'w dyn Fn(&'static str) -> Arc<dyn Observer>;

/// The shop's databases.
pub struct Stores {
    pub orders: Arc<SqliteStore<Orders>>,
    pub payments: Arc<SqliteStore<Payments>>,
    pub processing: Arc<SqliteStore<Processing>>,
    pub catalog: Arc<SqliteStore<Catalog>>,
}

impl Stores {
    /// Opens, and where need be makes and migrates, the shop's databases.
    pub fn open(directory: &DataDirectory, settings: &Settings) -> Result<Self> {
        let limits = limits(settings);
        Ok(Self {
            orders: Arc::new(SqliteStore::open(directory, OrdersTables, limits)?),
            payments: Arc::new(SqliteStore::open(directory, PaymentsTables, limits)?),
            processing: Arc::new(SqliteStore::open(directory, ProcessingTables, limits)?),
            catalog: Arc::new(SqliteStore::open(directory, CatalogTables, limits)?),
        })
    }
}

/// What leads into a running shop.
pub struct Shop {
    pub orders: Intake<Orders>,
    pub payments: Intake<Payments>,
    pub desk: Arc<Desk>,
    /// Raised whenever the orders, and the payments, service publishes something.
    pub taps: (Signal, Signal),
    pub threads: Threads,
}

/// Starts the shop's services over their stores. `payment_url` is where the payment provider listens.
pub async fn start(
    stores: &Stores,
    settings: &Settings,
    payment_url: &str,
    watch: Watch<'_>,
    faults: Option<Arc<dyn Faults>>,
    driver: &Driver,
) -> Result<Shop> {
    let mut orders = running(settings, &stores.orders, watch, &faults);
    let mut payments = running(settings, &stores.payments, watch, &faults);
    let mut processing = running(settings, &stores.processing, watch, &faults);
    let mut catalog = running(settings, &stores.catalog, watch, &faults);

    let cursors = |store: &Arc<SqliteStore<Orders>>| Arc::clone(store) as Arc<dyn Cursors>;
    orders.consume(&mut catalog, Arc::clone(&stores.catalog) as Arc<dyn Log>, cursors(&stores.orders));
    orders.consume(&mut payments, Arc::clone(&stores.payments) as Arc<dyn Log>, cursors(&stores.orders));
    orders.consume(&mut processing, Arc::clone(&stores.processing) as Arc<dyn Log>, cursors(&stores.orders));
    let log = Arc::clone(&stores.orders) as Arc<dyn Log>;
    payments.consume(&mut orders, Arc::clone(&log), Arc::clone(&stores.payments) as Arc<dyn Cursors>);
    processing.consume(&mut orders, log, Arc::clone(&stores.processing) as Arc<dyn Cursors>);

    let (desk, jobs) = Desk::new(Breaker::new(breaker(settings)), settings.payments.max_in_flight);
    let client = ClientSettings {
        base_url: payment_url.to_owned(),
        time_limit: settings.payments.timeout,
        idle_connections: settings.payments.max_in_flight,
    };
    payments.perform(Arc::clone(&desk), jobs, Arc::new(HttpProvider::new(&client)?));

    let taps = (orders.tap(), payments.tap());
    let intakes = (orders.intake.clone(), payments.intake.clone(), catalog.intake.clone());
    let mut threads = orders.run(orders_service(settings)?, settings, driver).await?;
    threads.join(payments.run(Payments, settings, driver).await?);
    threads.join(processing.run(processing_service(settings), settings, driver).await?);
    threads.join(catalog.run(Catalog, settings, driver).await?);
    seed_menu(&intakes.2).await?;
    until("the orders service did not learn the menu", || knows_menu(stores)).await?;
    Ok(Shop { orders: intakes.0, payments: intakes.1, desk, taps, threads })
}

/// The payment provider that ships with ordo, running over its own file.
pub struct RunningProvider {
    pub intake: Intake<Provider>,
    pub ledger: Arc<SqliteStore<Provider>>,
    pub knobs: Arc<Knobs>,
    pub threads: Threads,
}

/// Starts the payment provider.
pub async fn start_provider(
    directory: &DataDirectory,
    settings: &Settings,
    watch: Watch<'_>,
    faults: Option<Arc<dyn Faults>>,
    driver: &Driver,
) -> Result<RunningProvider> {
    let ledger = Arc::new(SqliteStore::open(directory, ProviderTables, limits(settings))?);
    let running = running(settings, &ledger, watch, &faults);
    let intake = running.intake.clone();
    let knobs = Arc::new(Knobs::new(provider::Settings {
        failure_rate_ppm: settings.provider.failure_rate.ppm(),
        timeout_rate_ppm: settings.provider.timeout_rate.ppm(),
        delay: settings.provider.delay,
        outage: settings.provider.outage,
    }));
    let threads = running.run(Provider, settings, driver).await?;
    Ok(RunningProvider { intake, ledger, knobs, threads })
}

/// Locks the data directory.
pub fn hold(directory: &Path) -> Result<DataDirectory> {
    Ok(DataDirectory::open(directory)?)
}

fn running<S: engine::Service>(
    settings: &Settings,
    store: &Arc<SqliteStore<S>>,
    watch: Watch<'_>,
    faults: &Option<Arc<dyn Faults>>,
) -> Running<S> {
    Running::new(settings, Arc::clone(store) as Arc<dyn Store<S>>, watch(S::NAME), faults.clone())
}

/// Puts the shipped menu into the catalog. A product that is there already stays as it is.
async fn seed_menu(catalog: &Intake<Catalog>) -> Result<()> {
    let mut answers = Vec::new();
    for product in catalog::seed::parse(catalog::seed::SEED)? {
        let key = Key::name(&product.id);
        let origin = Origin::Command { id: SystemIds.next() };
        let message = Message { key, origin, input: catalog::Input::Seed(Box::new(product)) };
        answers.push(catalog.submit(Command { message, claims: Vec::new() })?);
    }
    for answer in answers {
        match answer.await.context("the catalog stopped before the menu was there")? {
            Answer::Done { .. } => {}
            other => bail!("the menu could not be put into the catalog: {other:?}"),
        }
    }
    Ok(())
}

/// Whether the orders service has read all that the catalog has said.
async fn knows_menu(stores: &Stores) -> Result<bool, Fault> {
    let read: BTreeMap<_, _> = stores.orders.cursors(Catalog::NAME).await?.into_iter().collect();
    for partition in 0..stores.catalog.partitions() {
        if read.get(&partition).copied().unwrap_or(0) < stores.catalog.head(partition).await? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn orders_service(settings: &Settings) -> Result<Orders> {
    let default_currency = default_currency(settings)?;
    let payment_deadline = settings.orders.payment_deadline;
    Ok(Orders { settings: orders::Settings { default_currency, payment_deadline } })
}

/// The currency of orders that name none.
///
/// # Errors
/// If amounts cannot be counted in it.
pub fn default_currency(settings: &Settings) -> Result<contract::Currency> {
    let code = settings.orders.default_currency.code();
    code.parse().with_context(|| format!("orders.default_currency is {code}, which has no minor units"))
}

fn processing_service(settings: &Settings) -> Processing {
    Processing {
        settings: processing::Settings {
            failure_ppm: settings.processing.failure_rate.ppm(),
            delay: settings.processing.delay,
        },
    }
}

fn breaker(settings: &Settings) -> BreakerSettings {
    let breaker = &settings.breaker;
    BreakerSettings {
        failure_ppm: breaker.failure_rate.ppm(),
        minimum_calls: breaker.minimum_calls,
        window: breaker.window,
        cool_down: breaker.cool_down,
        half_open_trials: breaker.half_open_trials,
    }
}

fn limits(settings: &Settings) -> SqliteSettings {
    let partitions = u16::try_from(settings.engine.partitions).unwrap_or(1);
    SqliteSettings { partitions, ..SqliteSettings::default() }
}
