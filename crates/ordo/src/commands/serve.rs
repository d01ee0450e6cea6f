//! `ordo serve`: the whole shop, some of its services, or the payment provider, until told to stop.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Result, bail};
use catalog::Catalog;
use engine::effects::Desk;
use engine::reading::Reading;
use engine::{Service, SystemClock, SystemIds};
use http_api::{Api, Check, Live, Notices, ProviderApi, ServiceApi};
use payments::Payments;
use settings::{Role, Settings};
use tokio::net::TcpListener;

use crate::fleet::{self, Fleet};
use crate::http_server::bind;
use crate::process::{Process, peer_of};
use crate::roles::Roles;
use crate::service::Threads;
use crate::shop::{self, RunningProvider, Shop, Watch};
use crate::stores::{
    Base, Purpose, Stores, open_catalog, open_ledger, open_notifications, open_payments, open_processing,
};
use crate::{brokers, caches, checks, limits, logs, notify, searches, streams};

/// Serves the roles.
pub fn run(settings: &Settings, asked: &[Role]) -> Result<ExitCode> {
    let roles = Roles::of(settings, asked)?;
    let addr = roles.addr(settings);
    settings::exposure(addr, false, settings.allow_anonymous)?;
    logs::start(settings);
    limits::raise_open_files(settings.http.max_connections);
    let runtime = super::runtime()?;
    let served = runtime.block_on(async {
        let listener = bind(addr).await?;
        let mut process = Process::new(settings)?;
        let (metrics, notices) = (Arc::clone(&process.metrics), Notices::new());
        let told = Arc::clone(&notices);
        let watch =
            move |service| notify::observer(service, told.observer(service, metrics.observer(service)));
        let broker = if roles.is_provider_alone() { None } else { brokers::open(settings)? };
        process.link(broker.clone());
        match broker {
            _ if roles.is_provider_alone() => serve_provider(&mut process, listener).await?,
            None => serve_shop(&mut process, listener, &roles, &watch, notices).await?,
            Some(broker) => {
                let (faults, driver) = (process.faults.clone(), process.driver.clone());
                let fleet = Fleet { settings, broker, watch: &watch, notices, faults, driver };
                match roles.has(Role::Orders) {
                    true => serve_orders(&mut process, listener, &roles, &fleet).await?,
                    false => serve_services(&mut process, listener, &roles, &fleet).await?,
                }
            }
        }
        process.watch_space();
        process.run().await
    });
    // What is still under way behind the deadline is not waited for: it is taken up at the next start.
    runtime.shutdown_background();
    served.map(|()| ExitCode::SUCCESS)
}

/// The payment provider alone.
async fn serve_provider(process: &mut Process<'_>, listener: TcpListener) -> Result<()> {
    let api = provider(process, true).await?;
    process.listen(listener, http_api::provider_router(api));
    Ok(())
}

/// The whole shop, whose services read each other's logs.
async fn serve_shop(
    process: &mut Process<'_>,
    listener: TcpListener,
    roles: &Roles,
    watch: Watch<'_>,
    notices: Arc<Notices>,
) -> Result<()> {
    let stores = open_stores(process).await?;
    let (payment_url, provider) = payment_url(process).await?;
    let (settings, faults) = (process.settings, process.faults.clone());
    let shop = shop::start(&stores, settings, &payment_url, watch, faults, &process.driver).await?;
    let readings = shop::readings(&stores).into_iter().chain(searches::reading(&stores));
    process.watch_lag(readings.collect());
    let live = streams::open(process, &stores, notices);
    let served = Served { roles, stores: &stores, shop, live, provider, links: Vec::new() };
    serve_api(process, listener, served)
}

/// The orders service over a broker, with the API of the whole shop, and the other services as far as they are asked for.
async fn serve_orders(
    process: &mut Process<'_>,
    listener: TcpListener,
    roles: &Roles,
    fleet: &Fleet<'_>,
) -> Result<()> {
    let stores = open_stores(process).await?;
    let mut readings = vec![fleet::reading(&stores.orders)];
    readings.extend(searches::reading(&stores));
    let (orders, mut threads) = fleet.orders(&stores).await?;
    let mut beside = None;
    let (payments, desk) = if roles.has(Role::Payments) {
        let (payment_url, provider) = payment_url(process).await?;
        beside = provider;
        readings.push(fleet::reading(&stores.payments));
        let (payments, desk, working) = fleet.payments(&stores.payments, &payment_url).await?;
        threads.join(working);
        (payments, Some(desk))
    } else {
        let (payments, working) = fleet.commands(&stores.payments, Payments)?;
        threads.join(working);
        (payments, None)
    };
    let processing = match (roles.has(Role::Processing), process.settings.processing.elsewhere) {
        (true, _) => {
            readings.push(fleet::reading(&stores.processing));
            Some(fleet.processing(&stores.processing).await?)
        }
        (false, true) => None,
        (false, false) => {
            Some(fleet.commands(&stores.processing, shop::processing_service(process.settings))?)
        }
    };
    let (processing, working) = processing.unzip();
    threads.join(working.unwrap_or_default());
    let (catalog, working) = if roles.has(Role::Catalog) {
        readings.push(fleet::reading(&stores.catalog));
        let catalog = fleet.catalog(&stores.catalog).await?;
        fleet::until_menu_is_known(&stores).await;
        catalog
    } else {
        fleet.commands(&stores.catalog, Catalog)?
    };
    threads.join(working);
    let (notifications, working) = if roles.has(Role::Notifications) {
        readings.push(fleet::reading(&stores.notifications));
        fleet.notifications(&stores.notifications).await?
    } else {
        fleet.commands(&stores.notifications, notify::service(fleet.settings))?
    };
    threads.join(working);
    process.watch_lag(readings);
    let shop = Shop { orders, payments, processing, catalog, notifications, desk, threads };
    let live = streams::open(process, &stores, Arc::clone(&fleet.notices));
    let links = vec![checks::link(&fleet.broker)];
    serve_api(process, listener, Served { roles, stores: &stores, shop, live, provider: beside, links })
}

/// Services without an API of their own: the process that serves orders is asked about them.
async fn serve_services(
    process: &mut Process<'_>,
    listener: TcpListener,
    roles: &Roles,
    fleet: &Fleet<'_>,
) -> Result<()> {
    let mut parts = Parts::default();
    if roles.has(Role::Payments) {
        let base = open_payments(process.settings).await?;
        let (payment_url, _) = payment_url(process).await?;
        let (_, desk, threads) = fleet.payments(&base, &payment_url).await?;
        parts.desk = Some(desk);
        parts.add(&base, threads);
    }
    if roles.has(Role::Processing) {
        let base = open_processing(process.settings).await?;
        parts.add(&base, fleet.processing(&base).await?.1);
    }
    if roles.has(Role::Catalog) {
        let base = open_catalog(process.settings).await?;
        let (_, threads) = fleet.catalog(&base).await?;
        parts.add(&base, threads);
    }
    if roles.has(Role::Notifications) {
        let base = open_notifications(process.settings).await?;
        let (_, threads) = fleet.notifications(&base).await?;
        parts.add(&base, threads);
    }
    process.own(parts.threads);
    process.watch_lag(parts.readings);
    parts.checks.push(checks::link(&fleet.broker));
    let api = ServiceApi {
        desk: parts.desk,
        clock: Arc::new(SystemClock),
        ids: Arc::new(SystemIds),
        limits: limits::shop(process.settings),
        metrics: Arc::clone(&process.metrics),
        checks: parts.checks,
        peer: peer_of,
    };
    process.listen(listener, http_api::service_router(api));
    Ok(())
}

/// What services of one process come to.
#[derive(Default)]
struct Parts {
    threads: Threads,
    readings: Vec<Reading>,
    checks: Vec<Arc<dyn Check>>,
    desk: Option<Arc<Desk>>,
}

impl Parts {
    fn add<S: Service, Q: ?Sized>(&mut self, base: &Base<S, Q>, threads: Threads) {
        self.threads.join(threads);
        self.readings.push(fleet::reading(base));
        self.checks.push(checks::database(base, true));
    }
}

/// Opens the shop's databases, with the cache and the search before that of the orders.
async fn open_stores(process: &mut Process<'_>) -> Result<Stores> {
    let mut stores = Stores::open(process.settings, Purpose::Serve).await?;
    if let Some(upkeep) = caches::put_before(&mut stores, process.settings, &process.metrics)? {
        process.own(Threads::of(Box::new(upkeep), &process.driver));
    }
    searches::put_before(&mut stores, process.settings);
    Ok(stores)
}

/// Where the payment provider listens. Unless the settings name one, it is the one that ships with ordo, on a free port of
/// this machine, and its API comes too.
async fn payment_url(process: &mut Process<'_>) -> Result<(String, Option<ProviderApi>)> {
    if let Some(url) = &process.settings.payment_url {
        return Ok((url.as_str().to_owned(), None));
    }
    let api = provider(process, false).await?;
    let private = bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
    let url = format!("http://{}", private.local_addr()?);
    process.listen(private, http_api::provider_router(api.clone()));
    Ok((url, Some(api)))
}

/// Starts the payment provider that ships with ordo, `alone` or beside services.
async fn provider(process: &mut Process<'_>, alone: bool) -> Result<ProviderApi> {
    let Some(ledger) = open_ledger(process.settings, alone, Purpose::Serve).await? else {
        bail!("the payment provider has no ledger");
    };
    let watch = |service| process.metrics.observer(service);
    let faults = process.faults.clone();
    let RunningProvider { intake, ledger, knobs, threads } =
        shop::start_provider(ledger, process.settings, &watch, faults, &process.driver).await?;
    process.own(threads);
    Ok(ProviderApi {
        intake,
        knobs,
        default_currency: shop::default_currency(process.settings)?,
        clock: Arc::new(SystemClock),
        ids: Arc::new(SystemIds),
        limits: limits::provider(process.settings),
        metrics: Arc::clone(&process.metrics),
        checks: vec![checks::database(&ledger, true)],
        peer: peer_of,
        ledger: ledger.queries,
    })
}

/// What the API of the whole shop is made of.
struct Served<'s> {
    roles: &'s Roles,
    stores: &'s Stores,
    shop: Shop,
    live: Arc<Live>,
    provider: Option<ProviderApi>,
    links: Vec<Arc<dyn Check>>,
}

/// Serves the API of the whole shop. Last, because what is printed when it listens is taken for readiness.
fn serve_api(process: &mut Process<'_>, listener: TcpListener, served: Served<'_>) -> Result<()> {
    let Served { roles, stores, shop, live, provider, links } = served;
    let settings = process.settings;
    let databases = [
        checks::database(&stores.orders, true),
        checks::database(&stores.payments, roles.has(Role::Payments)),
        checks::database(&stores.processing, roles.has(Role::Processing)),
        checks::database(&stores.catalog, roles.has(Role::Catalog)),
        checks::database(&stores.notifications, roles.has(Role::Notifications)),
    ];
    let here = !settings.processing.elsewhere;
    let offices = shop.offices(stores);
    let api = Api {
        orders: shop.orders,
        order_queries: stores.orders.queries.clone(),
        payments: shop.payments,
        payment_queries: stores.payments.queries.clone(),
        notifications: shop.notifications,
        notification_queries: stores.notifications.queries.clone(),
        processing_queries: here.then(|| stores.processing.queries.clone()),
        desk: shop.desk,
        catalog: shop.catalog,
        catalog_queries: stores.catalog.queries.clone(),
        offices,
        provider,
        live,
        leaving: process.leaving.clone(),
        clock: Arc::new(SystemClock),
        ids: Arc::new(SystemIds),
        forms: shop::forms(settings)?,
        limits: limits::shop(settings),
        metrics: Arc::clone(&process.metrics),
        checks: databases.into_iter().chain(links).collect(),
        peer: peer_of,
    };
    process.own(shop.threads);
    process.listen(listener, http_api::router(api));
    Ok(())
}
