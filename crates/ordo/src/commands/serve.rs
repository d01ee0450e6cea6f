//! `ordo serve`: the shop, the payment provider, or both, until told to stop.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Result, bail};
use http_api::{Metrics, ProviderApi};
use settings::{DatabaseUrl, Role, Settings};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::cli::RoleArg;
use crate::http_server::{bind, serve};
use crate::shop::{self, RunningProvider, Stores};
use crate::{crash, logs};

/// Serves the roles.
pub fn run(settings: &Settings, roles: &[RoleArg]) -> Result<ExitCode> {
    settings::exposure(settings.http.addr, false, settings.allow_anonymous)?;
    logs::start(settings);
    let serving = match what(roles)? {
        What::Everything => super::runtime()?.block_on(serve_shop(settings)),
        What::Provider => super::runtime()?.block_on(serve_provider(settings)),
    };
    serving.map(|()| ExitCode::SUCCESS)
}

enum What {
    Everything,
    Provider,
}

fn what(roles: &[RoleArg]) -> Result<What> {
    let shop = [RoleArg::Orders, RoleArg::Payments, RoleArg::Processing, RoleArg::Catalog];
    match roles {
        [] => Ok(What::Everything),
        [RoleArg::Provider] => Ok(What::Provider),
        some if shop.iter().all(|role| some.contains(role)) => Ok(What::Everything),
        _ => bail!("on SQLite one process holds the data: leave --role away, or say --role provider alone"),
    }
}

async fn serve_shop(settings: &Settings) -> Result<()> {
    let listener = bind(settings.http.addr).await?;
    let directory = shop::hold(&super::data_directory(settings)?)?;
    let (metrics, faults, stop) = (Metrics::new(), crash::from_environment()?, CancellationToken::new());
    let watch = |service| metrics.observer(service);

    let stores = Stores::open(&directory, settings)?;
    let own_provider = match &settings.payment_url {
        Some(_) => None,
        None => Some(shop::start_provider(&directory, settings, &watch, faults.clone(), &stop).await?),
    };
    let mut servers = Vec::new();
    let payment_url = match (&settings.payment_url, &own_provider) {
        (Some(url), _) => url.as_str().to_owned(),
        (None, Some(provider)) => {
            let private = bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
            let url = shop::local_url(private.local_addr()?);
            let router = http_api::provider_router(provider_api(provider, settings, &metrics));
            servers.push((private, router));
            url
        }
        (None, None) => bail!("there is no payment provider"),
    };
    let running = shop::start(&stores, settings, &payment_url, &watch, faults, &stop).await?;
    let api = http_api::Api {
        orders: running.orders,
        order_queries: stores.orders.clone(),
        payments: running.payments,
        payment_queries: stores.payments.clone(),
        desk: Some(running.desk),
        catalog: stores.catalog.clone(),
        provider: own_provider.as_ref().map(|provider| provider_api(provider, settings, &metrics)),
        metrics: metrics.clone(),
        ..super::serve_api::limits(settings)?
    };
    servers.push((listener, http_api::router(api)));
    let mut threads = running.threads;
    if let Some(provider) = own_provider {
        threads.join(provider.threads);
    }
    listen(settings, servers).await?;
    stop.cancel();
    threads.stopped().await;
    Ok(())
}
