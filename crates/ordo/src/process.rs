//! A process: what all its parts share, where it listens, and how it ends.

use std::net::IpAddr;
use std::sync::Arc;

use anyhow::{Context, Result, anyhow};
use axum::Router;
use axum::extract::ConnectInfo;
use broker::Broker;
use engine::faults::Faults;
use engine::reading::Reading;
use http_api::Metrics;
use settings::Settings;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::drive::Driver;
use crate::http_server::{Peer, serve};
use crate::service::{Threads, database_backoff};
use crate::stores::directories;
use crate::{crash, lag, space};

/// What all parts of a process share.
pub struct Process<'s> {
    pub settings: &'s Settings,
    pub metrics: Arc<Metrics>,
    pub faults: Option<Arc<dyn Faults>>,
    pub driver: Driver,
    /// Ends what clients wait for, before anything else ends.
    pub leaving: CancellationToken,
    threads: Threads,
    servers: Vec<(TcpListener, Router)>,
    broker: Option<Arc<dyn Broker>>,
}

impl<'s> Process<'s> {
    /// A process that runs nothing yet.
    pub fn new(settings: &'s Settings) -> Result<Self> {
        let (metrics, faults) = (Metrics::new(), crash::from_environment()?);
        let driver = Driver::new(database_backoff(settings));
        let (leaving, threads, servers) = (CancellationToken::new(), Threads::default(), Vec::new());
        Ok(Self { settings, metrics, faults, driver, leaving, threads, servers, broker: None })
    }

    /// Takes leave of this broker at the end.
    pub fn link(&mut self, broker: Option<Arc<dyn Broker>>) {
        self.broker = broker;
    }

    /// Takes over what runs, to end it with the process.
    pub fn own(&mut self, threads: Threads) {
        self.threads.join(threads);
    }

    /// Serves this too, once everything runs. What was added last is told to whoever started the process.
    pub fn listen(&mut self, listener: TcpListener, router: Router) {
        self.servers.push((listener, router));
    }

    /// Tells the metrics how far readers are behind.
    pub fn watch_lag(&mut self, readings: Vec<Reading>) {
        let watch = lag::Watch::new(readings, Arc::clone(&self.metrics));
        self.own(Threads::of(Box::new(watch), &self.driver));
    }

    /// Tells the metrics, and the log, how much room there is for the data, if it is in a directory.
    pub fn watch_space(&mut self) {
        if let Ok((directory, _)) = directories(self.settings) {
            let low = self.settings.low_space.get();
            let watch = space::Watch::new(directory, low, Arc::clone(&self.metrics));
            self.own(Threads::of(Box::new(watch), &self.driver));
        }
    }

    /// Listens until told to stop, then stops what runs.
    pub async fn run(self) -> Result<()> {
        let listened = listen(self.settings, self.servers, self.leaving, &self.driver.stop).await;
        self.driver.stop.cancel();
        let deadline = self.settings.shutdown_deadline;
        let stopped = async {
            self.threads.stopped().await;
            if let Some(broker) = &self.broker {
                broker.close().await;
            }
        };
        if tokio::time::timeout(deadline, stopped).await.is_err() {
            tracing::warn!(
                "steps under way did not end within the deadline; they are taken up at the next start"
            );
        }
        listened
    }
}

/// Serves every listener until told to stop, each within the shutdown deadline.
async fn listen(
    settings: &Settings,
    servers: Vec<(TcpListener, Router)>,
    stop: CancellationToken,
    services: &CancellationToken,
) -> Result<()> {
    let mut serving = Vec::new();
    let mut public = None;
    for (listener, router) in servers {
        public = Some(listener.local_addr()?);
        let (connections, deadline) = (settings.http.max_connections, settings.shutdown_deadline);
        serving.push(serve(listener, router, connections, deadline, stop.clone()));
    }
    let mut signals = Signals::new()?;
    if let Some(public) = public {
        println!("ordo is listening on http://{public}");
    }
    let told = async {
        let told = tokio::select! {
            () = signals.told() => Ok(()),
            () = services.cancelled() => Err(anyhow!("a service stopped by itself; start ordo again, and report what it logged")),
        };
        tracing::info!("stopping");
        stop.cancel();
        told
    };
    tokio::try_join!(told, futures::future::try_join_all(serving)).map(drop)
}

/// What tells a process to stop. From when this is made, it does not end the process any more.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    fn new() -> Result<Self> {
        let signals = || -> std::io::Result<_> {
            let interrupt = signal(SignalKind::interrupt())?;
            Ok(Self { interrupt, terminate: signal(SignalKind::terminate())? })
        };
        signals().context("signals cannot be listened to")
    }

    async fn told(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// Who is on the other end of a request's connection.
pub fn peer_of(extensions: &axum::http::Extensions) -> Option<IpAddr> {
    extensions.get::<ConnectInfo<Peer>>().map(|ConnectInfo(Peer(addr))| addr.ip())
}
