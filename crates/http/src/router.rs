//! The routers: every endpoint, once.

use std::sync::Arc;

use axum::Router;
use engine::Ids;
use utoipa::OpenApi;
use utoipa_axum::router::UtoipaMethodRouterExt;
use utoipa_axum::routes;

use crate::api::{Api, Limits, PeerOf, ProviderApi, ServiceApi};
use crate::edge::{Gate, Keeping};
use crate::endpoints::orders::batch::Batches;
use crate::endpoints::orders::export::Exports;
use crate::endpoints::payments::Instance;
use crate::endpoints::{
    dead_letters, events, health, menu, metrics, notifications, orders, payments, provider, stuck,
};
use crate::metrics::Metrics;
use crate::ops::Ops;
use crate::pages;
use crate::routes::{Routes, alias};

use Keeping::{AlwaysOpen, Bounded, Unhurried};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "ordo",
        description = "An event-driven order platform: orders, payments, the menu, and what operators need. Every answer that \
            is not a success is a problem (RFC 9457). Every path works with and without a trailing slash. \
            But for probes, a query parameter that is not described here is refused with 400. Events: \
            [/docs/events](/docs/events).",
        license(name = "MIT", identifier = "MIT"),
    ),
    external_docs(url = "/docs/events", description = "The events that go over Kafka or RabbitMQ"),
    tags(
        (name = "orders", description = "Placing, finding and changing orders"),
        (name = "menu", description = "What can be ordered"),
        (name = "payments", description = "What was paid"),
        (name = "notifications", description = "What customers were told"),
        (name = "provider", description = "The payment provider that ships with ordo"),
        (name = "operations", description = "For those who keep it running"),
    ),
)]
struct Document;

/// The shop's API: orders, menu, payments, and what operators need.
pub fn router(api: Api) -> Router {
    shop_routes(api).finish()
}

/// The payment provider's API, for its own port.
pub fn provider_router(api: ProviderApi) -> Router {
    provider_routes(api).finish()
}

/// What a process serves whose services have no API: health, metrics, the breaker if it is payments', and the pages about
/// them.
pub fn service_router(api: ServiceApi) -> Router {
    service_routes(api).finish()
}

/// The OpenAPI document of the shop's API, as JSON.
///
/// # Errors
/// If it cannot be written, which no document that was served has been.
pub fn openapi(api: Api) -> Result<String, serde_json::Error> {
    shop_routes(api).document().to_pretty_json()
}

/// The shop's routes.
pub(crate) fn shop_routes(api: Api) -> Routes {
    let routes = new_routes(api.limits, api.peer, &*api.ids, &api.metrics);
    let routes = add_operations(routes, Ops::of_shop(&api));
    let provider = api.provider.clone();
    let instance = Instance { desk: api.desk.clone(), clock: Arc::clone(&api.clock) };
    let api = Arc::new(api);
    let with = || Arc::clone(&api);
    let order = || routes!(orders::get::get).with_state(with());
    let place = || routes!(orders::place::place).with_state(with());
    let routes = routes
        .add(Bounded, routes!(orders::place::place, orders::list::list).with_state(with()))
        .add(Bounded, routes!(orders::batch::batch).with_state(Arc::new(Batches::new(with()))))
        .add(Bounded, routes!(orders::export::export).with_state(Arc::new(Exports::new(with()))))
        .add(Bounded, alias("/api/v1/orders/new", "new", place()))
        .add(Bounded, alias("/orders", "short", place()))
        .add(Bounded, order())
        .add(Bounded, alias("/orders/{id}", "short", order()))
        .add(Bounded, routes!(orders::status::status).with_state(with()))
        .add(Bounded, routes!(orders::timeline::timeline).with_state(with()))
        .add(Bounded, routes!(orders::stream::stream).with_state(with()))
        .add(Bounded, routes!(orders::cancel::cancel).with_state(with()))
        .add(Bounded, routes!(orders::refund::refund).with_state(with()))
        .add(Bounded, routes!(orders::lookup::lookup).with_state(with()))
        .add(Bounded, routes!(menu::list::menu, menu::create::create).with_state(with()))
        .add(
            Bounded,
            routes!(menu::get::product, menu::replace::replace, menu::delete::delete).with_state(with()),
        )
        .add(Bounded, routes!(payments::get::get).with_state(with()))
        .add(Bounded, routes!(payments::by_order::by_order).with_state(with()))
        .add(Bounded, routes!(notifications::list::list).with_state(with()))
        .add(Bounded, routes!(notifications::resend::resend).with_state(with()))
        .add(Bounded, routes!(events::events).with_state(with()))
        .add(Bounded, routes!(stuck::stuck).with_state(with()))
        .add(Bounded, routes!(dead_letters::list::list).with_state(with()))
        .add(Bounded, routes!(dead_letters::get::get).with_state(with()))
        .add(Bounded, routes!(dead_letters::redrive::redrive).with_state(with()))
        .add(Bounded, routes!(dead_letters::discard::discard).with_state(with()));
    let routes = add_breaker(routes, instance);
    let routes = match provider {
        Some(provider) => add_knobs(routes, &Arc::new(provider)),
        None => routes,
    };
    pages::add(routes)
}

/// The provider's routes.
pub(crate) fn provider_routes(api: ProviderApi) -> Routes {
    let routes = new_routes(api.limits, api.peer, &*api.ids, &api.metrics);
    let routes = add_operations(routes, Ops::of_provider(&api));
    let api = Arc::new(api);
    let with = || Arc::clone(&api);
    let routes = routes
        .add(Unhurried, routes!(provider::charge::charge).with_state(with()))
        .add(Unhurried, routes!(provider::refund::refund).with_state(with()))
        .add(Unhurried, routes!(provider::void::void).with_state(with()))
        .add(Unhurried, routes!(provider::by_key::by_key).with_state(with()));
    pages::add(add_knobs(routes, &api))
}

/// The routes of services without an API.
pub(crate) fn service_routes(api: ServiceApi) -> Routes {
    let routes = new_routes(api.limits, api.peer, &*api.ids, &api.metrics);
    let routes = add_operations(routes, Ops::of_services(&api));
    let routes = match api.desk {
        Some(_) => add_breaker(routes, Instance { desk: api.desk, clock: api.clock }),
        None => routes,
    };
    pages::add(routes)
}

/// The breaker before the payment provider.
fn add_breaker(routes: Routes, instance: Instance) -> Routes {
    let instance = Arc::new(instance);
    routes
        .add(Bounded, routes!(payments::status::status).with_state(Arc::clone(&instance)))
        .add(Bounded, routes!(payments::reset::reset).with_state(instance))
}

/// The provider's knobs and ledger, which are served beside the shop too.
fn add_knobs(routes: Routes, api: &Arc<ProviderApi>) -> Routes {
    routes
        .add(Bounded, routes!(provider::settings::get, provider::settings::set).with_state(Arc::clone(api)))
        .add(Bounded, routes!(provider::ledger::ledger).with_state(Arc::clone(api)))
}

/// What every process has.
fn add_operations(routes: Routes, ops: Ops) -> Routes {
    let ops = Arc::new(ops);
    let with = || Arc::clone(&ops);
    routes
        .add(AlwaysOpen, routes!(health::health).with_state(with()))
        .add(AlwaysOpen, routes!(health::live).with_state(with()))
        .add(AlwaysOpen, routes!(health::ready).with_state(with()))
        .add(AlwaysOpen, routes!(metrics::metrics).with_state(with()))
}

fn new_routes(limits: Limits, peer: PeerOf, ids: &dyn Ids, metrics: &Arc<Metrics>) -> Routes {
    // The second half of a UUIDv7 is random.
    let (_, seed) = ids.next().as_u64_pair();
    Routes::new(Document::openapi(), Gate::new(limits, peer, seed), Arc::clone(metrics))
}
