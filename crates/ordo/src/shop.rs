//! The shop: all services over their stores and the embedded broker, wired together in one process. What a service is made
//! of is the same in a fleet.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use catalog::Catalog;
use engine::breaker::Breaker;
use engine::effects::Desk;
use engine::faults::Faults;
use engine::intake::Answer;
use engine::observe::Observer;
use engine::reading::Reading;
use engine::{Command, Fault, Ids, Intake, Key, Message, Origin, Service, SystemIds};
use http_api::Office;
use notifications::Notifications;
use orders::Orders;
use orders::forms::FormSettings;
use payments::Payments;
use processing::Processing;
use provider::{Knobs, Provider};
use provider_client::{ClientSettings, HttpProvider};
use settings::Settings;

use crate::drive::{Driver, until};
use crate::service::{Running, Threads, breaker, provider_terms};
use crate::stores::{Base, Ledger, Stores};
use crate::{notify, searches};

/// Who watches the engine of which service.
pub type Watch<'w> = &'w dyn Fn(&'static str) -> Arc<dyn Observer>;

/// What leads into a running shop.
pub struct Shop {
    pub orders: Intake<Orders>,
    pub payments: Intake<Payments>,
    /// None: another system processes orders.
    pub processing: Option<Intake<Processing>>,
    pub notifications: Intake<Notifications>,
    pub catalog: Intake<Catalog>,
    /// None: payments runs elsewhere.
    pub desk: Option<Arc<Desk>>,
    pub threads: Threads,
}

impl Shop {
    /// Where the dead letters of each service are kept.
    pub fn offices(&self, stores: &Stores) -> Vec<Office> {
        let mut offices =
            vec![office(&stores.orders, &self.orders), office(&stores.payments, &self.payments)];
        offices.extend(self.processing.as_ref().map(|processing| office(&stores.processing, processing)));
        offices.push(office(&stores.catalog, &self.catalog));
        offices.push(office(&stores.notifications, &self.notifications));
        offices
    }
}

fn office<S: Service, Q: ?Sized>(base: &Base<S, Q>, intake: &Intake<S>) -> Office {
    Office { consumer: S::NAME, letters: base.letters.clone(), repairs: Arc::new(intake.clone()) }
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
    let mut notifications = running(settings, &stores.notifications, watch, &faults);

    let (bases, log) = (stores, stores.orders.store.clone());
    let of_catalog = bases.catalog.store.clone();
    orders.consume(&mut catalog, of_catalog.clone(), bases.orders.store.clone());
    payments.consume(&mut catalog, of_catalog.clone(), bases.payments.store.clone());
    processing.consume(&mut catalog, of_catalog.clone(), bases.processing.store.clone());
    catalog.consume(&mut orders, log.clone(), of_catalog);
    orders.consume(&mut payments, bases.payments.store.clone(), bases.orders.store.clone());
    orders.consume(&mut processing, bases.processing.store.clone(), bases.orders.store.clone());
    orders.consume(&mut notifications, bases.notifications.store.clone(), bases.orders.store.clone());
    notifications.consume(&mut orders, log.clone(), bases.notifications.store.clone());
    notifications.consume(&mut payments, bases.payments.store.clone(), bases.notifications.store.clone());
    payments.consume(&mut orders, log.clone(), bases.payments.store.clone());
    processing.consume(&mut orders, log, bases.processing.store.clone());

    let desk = perform_charges(&mut payments, settings, payment_url)?;
    notify::perform_mails(&mut notifications, settings)?;
    let intakes = (orders.intake.clone(), payments.intake.clone());
    let (worked_off, menu) = (processing.intake.clone(), catalog.intake.clone());
    let told = notifications.intake.clone();
    let mut threads = index_orders(stores, &mut orders, driver)?;
    threads.join(orders.run(orders_service(settings)?, settings, driver).await?);
    threads.join(payments.run(Payments, settings, driver).await?);
    threads.join(processing.run(processing_service(settings), settings, driver).await?);
    threads.join(catalog.run(Catalog, settings, driver).await?);
    threads.join(notifications.run(notify::service(settings), settings, driver).await?);
    seed_menu(&menu).await?;
    until("the orders service did not learn the menu", || knows_menu(stores)).await?;
    let (orders, payments) = intakes;
    let (desk, processing) = (Some(desk), Some(worked_off));
    Ok(Shop { orders, payments, processing, catalog: menu, notifications: told, desk, threads })
}

/// Starts what fills the search index, which reads along with what the orders service publishes.
pub fn index_orders(stores: &Stores, orders: &mut Running<Orders>, driver: &Driver) -> Result<Threads> {
    let Some((indexer, index)) = searches::indexer(stores) else { return Ok(Threads::default()) };
    orders.read_by(indexer.signal(), index);
    Threads::on("search", Box::new(indexer), driver)
}

/// Lets the payments service charge at the provider that listens at `payment_url`.
pub fn perform_charges(
    payments: &mut Running<Payments>,
    settings: &Settings,
    payment_url: &str,
) -> Result<Arc<Desk>> {
    let (desk, jobs) = Desk::new(Breaker::new(breaker(settings)), settings.payments.max_in_flight);
    let client = ClientSettings {
        base_url: payment_url.to_owned(),
        time_limit: settings.payments.timeout,
        idle_connections: settings.payments.max_in_flight,
    };
    let provider = Arc::new(HttpProvider::new(&client)?);
    payments.perform(Arc::clone(&desk), jobs, provider, provider_terms(settings));
    Ok(desk)
}

/// Who reads whose log in [`start`].
pub fn readings(stores: &Stores) -> Vec<Reading> {
    let (orders, payments) = (&stores.orders, &stores.payments);
    let (processing, catalog) = (&stores.processing, &stores.catalog);
    let notifications = &stores.notifications;
    vec![
        reading(catalog, orders),
        reading(catalog, payments),
        reading(catalog, processing),
        reading(orders, catalog),
        reading(payments, orders),
        reading(processing, orders),
        reading(orders, payments),
        reading(orders, processing),
        reading(orders, notifications),
        reading(payments, notifications),
        reading(notifications, orders),
    ]
}

fn reading<P: Service, C: Service>(
    producer: &Base<P, impl ?Sized>,
    consumer: &Base<C, impl ?Sized>,
) -> Reading {
    let (log, publisher) = (producer.store.clone(), producer.store.clone());
    let cursors = consumer.store.clone();
    Reading { source: P::NAME, consumer: C::NAME, part: C::PART, log, publisher, cursors }
}

/// The payment provider that ships with ordo, running over its own file.
pub struct RunningProvider {
    pub intake: Intake<Provider>,
    pub ledger: Ledger,
    pub knobs: Arc<Knobs>,
    pub threads: Threads,
}

/// Starts the payment provider.
pub async fn start_provider(
    ledger: Ledger,
    settings: &Settings,
    watch: Watch<'_>,
    faults: Option<Arc<dyn Faults>>,
    driver: &Driver,
) -> Result<RunningProvider> {
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

/// A service about to run.
pub fn running<S: Service, Q: ?Sized>(
    settings: &Settings,
    base: &Base<S, Q>,
    watch: Watch<'_>,
    faults: &Option<Arc<dyn Faults>>,
) -> Running<S> {
    let (store, letters) = (base.store.clone(), base.letters.clone());
    Running::new(settings, store, letters, watch(S::NAME), faults.clone())
}

/// Puts the shipped menu into the catalog. A product that is there already stays as it is.
pub async fn seed_menu(catalog: &Intake<Catalog>) -> Result<()> {
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
    let read: BTreeMap<_, _> = stores.orders.store.cursors(Catalog::NAME).await?.into_iter().collect();
    for partition in 0..stores.catalog.store.partitions() {
        if read.get(&partition).copied().unwrap_or(0) < stores.catalog.store.head(partition).await? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The orders service as the settings want it.
///
/// # Errors
/// If amounts cannot be counted in the default currency.
pub fn orders_service(settings: &Settings) -> Result<Orders> {
    let (forms, payment_deadline) = (forms(settings)?, settings.orders.payment_deadline);
    let message_bytes = settings.http.max_body_bytes.as_usize();
    Ok(Orders { settings: orders::Settings { forms, payment_deadline, message_bytes } })
}

/// How the forms of an order are read.
///
/// # Errors
/// If amounts cannot be counted in the default currency.
pub fn forms(settings: &Settings) -> Result<FormSettings> {
    let check_document_sums = settings.orders.check_document_sums;
    Ok(FormSettings { default_currency: default_currency(settings)?, check_document_sums })
}

/// The currency of orders that name none.
///
/// # Errors
/// If amounts cannot be counted in it.
pub fn default_currency(settings: &Settings) -> Result<contract::Currency> {
    let code = settings.orders.default_currency.code();
    code.parse().with_context(|| format!("orders.default_currency is {code}, which has no minor units"))
}

/// The processing service as the settings want it.
pub fn processing_service(settings: &Settings) -> Processing {
    Processing {
        settings: processing::Settings {
            failure_ppm: settings.processing.failure_rate.ppm(),
            delay: settings.processing.delay,
        },
    }
}
