//! `ordo serve`: the shop, the payment provider, or both, until told to stop.

use std::net::{IpAddr, SocketAddr};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Result, anyhow, bail};
use axum::Router;
use axum::extract::ConnectInfo;
use engine::faults::Faults;
use engine::{SystemClock, SystemIds};
use http_api::{Api, Metrics, ProviderApi};
use settings::Settings;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::cli::RoleArg;
use crate::drive::Driver;
use crate::http_server::{Peer, bind, serve};
use crate::service::{Threads, database_backoff};
use crate::shop::{self, RunningProvider, Shop};
use crate::stores::{Purpose, Stores, open_ledger};
use crate::{checks, crash, lag, limits, logs, tap};

/// Where the provider listens when it is a process of its own and nobody says otherwise.
const PROVIDER_PORT: u16 = 8005;

/// Serves the roles.
pub fn run(settings: &Settings, roles: &[RoleArg]) -> Result<ExitCode> {
    settings::exposure(settings.http.addr, false, settings.allow_anonymous)?;
    logs::start(settings);
    limits::raise_open_files(settings.http.max_connections);
    let runtime = super::runtime()?;
    match only_provider(roles)? {
        false => runtime.block_on(serve_shop(settings))?,
        true => runtime.block_on(serve_provider(settings))?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Whether the roles are the provider alone, rather than the whole shop.
fn only_provider(roles: &[RoleArg]) -> Result<bool> {
    let shop = [RoleArg::Orders, RoleArg::Payments, RoleArg::Processing, RoleArg::Catalog];
    match roles {
        [] => Ok(false),
        [RoleArg::Provider] => Ok(true),
        some if shop.iter().all(|role| some.contains(role)) => Ok(false),
        _ => bail!("on SQLite one process holds the data: leave --role away, or say --role provider alone"),
    }
}

/// What all parts of a process share.
struct Process<'s> {
    settings: &'s Settings,
    metrics: Arc<Metrics>,
    faults: Option<Arc<dyn Faults>>,
    driver: Driver,
    threads: Threads,
}

impl<'s> Process<'s> {
    fn new(settings: &'s Settings) -> Result<Self> {
        let (metrics, faults) = (Metrics::new(), crash::from_environment()?);
        let driver = Driver::new(database_backoff(settings));
        Ok(Self { settings, metrics, faults, driver, threads: Threads::default() })
    }

    /// Listens until told to stop, then stops what runs.
    async fn run(self, servers: Vec<(TcpListener, Router)>) -> Result<()> {
        let listened = listen(self.settings, servers, &self.driver.stop).await;
        self.driver.stop.cancel();
        let deadline = self.settings.shutdown_deadline;
        if tokio::time::timeout(deadline, self.threads.stopped()).await.is_err() {
            tracing::warn!(
                "steps under way did not end within the deadline; they are taken up at the next start"
            );
        }
        listened
    }

    async fn provider(&mut self, alone: bool) -> Result<ProviderApi> {
        let Some(ledger) = open_ledger(self.settings, alone, Purpose::Serve).await? else {
            bail!("the payment provider has no ledger");
        };
        let watch = |service| self.metrics.observer(service);
        let faults = self.faults.clone();
        let RunningProvider { intake, ledger, knobs, threads } =
            shop::start_provider(ledger, self.settings, &watch, faults, &self.driver).await?;
        self.threads.join(threads);
        Ok(ProviderApi {
            intake,
            knobs,
            default_currency: shop::default_currency(self.settings)?,
            clock: Arc::new(SystemClock),
            ids: Arc::new(SystemIds),
            limits: limits::provider(self.settings),
            metrics: Arc::clone(&self.metrics),
            checks: vec![checks::database(&ledger)],
            peer: peer_of,
            ledger: ledger.queries,
        })
    }
}

async fn serve_provider(settings: &Settings) -> Result<()> {
    let mut addr = settings.http.addr;
    if settings.is_default("http.addr") {
        addr.set_port(PROVIDER_PORT);
    }
    let listener = bind(addr).await?;
    let mut process = Process::new(settings)?;
    let api = process.provider(true).await?;
    process.run(vec![(listener, http_api::provider_router(api))]).await
}

async fn serve_shop(settings: &Settings) -> Result<()> {
    let listener = bind(settings.http.addr).await?;
    let stores = Stores::open(settings, Purpose::Serve).await?;
    let mut process = Process::new(settings)?;
    let mut servers = Vec::new();
    let (payment_url, provider) = match &settings.payment_url {
        Some(url) => (url.as_str().to_owned(), None),
        None => {
            let api = process.provider(false).await?;
            let private = bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
            let url = format!("http://{}", private.local_addr()?);
            servers.push((private, http_api::provider_router(api.clone())));
            (url, Some(api))
        }
    };
    let watch = |service| process.metrics.observer(service);
    let faults = process.faults.clone();
    let shop = shop::start(&stores, settings, &payment_url, &watch, faults, &process.driver).await?;
    let (metrics, driver) = (&process.metrics, &process.driver);
    let mut taps = tap::orders(stores.orders.store.clone(), shop.taps.0.clone(), metrics, driver).await?;
    taps.join(tap::payments(stores.payments.store.clone(), shop.taps.1.clone(), metrics, driver).await?);
    taps.join(Threads::of(Box::new(lag::Watch::new(shop::readings(&stores), metrics.clone())), driver));
    process.threads.join(taps);
    // Last, because what is printed when it listens is taken for readiness.
    servers.push((listener, http_api::router(api(&stores, &shop, provider, &process)?)));
    process.threads.join(shop.threads);
    process.run(servers).await
}

fn api(stores: &Stores, shop: &Shop, provider: Option<ProviderApi>, process: &Process<'_>) -> Result<Api> {
    let settings = process.settings;
    Ok(Api {
        orders: shop.orders.clone(),
        order_queries: stores.orders.queries.clone(),
        payments: shop.payments.clone(),
        payment_queries: stores.payments.queries.clone(),
        processing_queries: Some(stores.processing.queries.clone()),
        desk: Some(Arc::clone(&shop.desk)),
        catalog: stores.catalog.queries.clone(),
        provider,
        clock: Arc::new(SystemClock),
        ids: Arc::new(SystemIds),
        forms: shop::forms(settings)?,
        limits: limits::shop(settings),
        metrics: Arc::clone(&process.metrics),
        checks: vec![
            checks::database(&stores.orders),
            checks::database(&stores.payments),
            checks::database(&stores.processing),
            checks::database(&stores.catalog),
        ],
        peer: peer_of,
    })
}

/// Serves every listener until told to stop, each within the shutdown deadline.
async fn listen(
    settings: &Settings,
    servers: Vec<(TcpListener, Router)>,
    services: &CancellationToken,
) -> Result<()> {
    let stop = CancellationToken::new();
    let mut serving = Vec::new();
    let mut public = None;
    for (listener, router) in servers {
        public = Some(listener.local_addr()?);
        let (connections, deadline) = (settings.http.max_connections, settings.shutdown_deadline);
        serving.push(serve(listener, router, connections, deadline, stop.clone()));
    }
    if let Some(public) = public {
        println!("ordo is listening on http://{public}");
    }
    let told = async {
        let told = tokio::select! {
            () = told_to_stop() => Ok(()),
            () = services.cancelled() => Err(anyhow!("a service stopped by itself; start ordo again, and report what it logged")),
        };
        tracing::info!("stopping");
        stop.cancel();
        told
    };
    tokio::try_join!(told, futures::future::try_join_all(serving)).map(drop)
}

async fn told_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let interrupt = tokio::signal::ctrl_c();
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = interrupt => {}
                _ = terminate.recv() => {}
            }
        }
        Err(_) => drop(interrupt.await),
    }
}

fn peer_of(extensions: &axum::http::Extensions) -> Option<IpAddr> {
    extensions.get::<ConnectInfo<Peer>>().map(|ConnectInfo(Peer(addr))| addr.ip())
}
