//! What the tests of this crate are made of: the routers over services in memory.

mod dead_letters;
mod docs;
mod edge;
mod examples;
mod live;
pub(crate) mod notifications;
pub(crate) mod orders;
pub(crate) mod payments;
pub(crate) mod provider;
mod queries;
mod store;

use std::sync::Arc;
use std::time::Duration;

use ::catalog::{Catalog, Item};
use ::notifications::{Notification, Notifications, key_of};
use ::orders::forms::FormSettings;
use ::orders::{Order, Orders, State};
use ::payments::{Payment, Payments};
use async_trait::async_trait;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Request};
use axum::response::Response;
use contract::Currency;
use engine::applier::ApplierSettings;
use engine::breaker::{Breaker, BreakerSettings};
use engine::effects::Desk;
use engine::observe::Unobserved;
use engine::{
    Applier, Clock, DeadLetter, Ids, Intake, Key, Log, Scheduled, Service, Signal, Step, SystemIds, settle,
};
use futures::future::select_all;
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::{Api, Check, Limits, Live, Metrics, Notices, Office, ServiceApi};
use provider::Bank;
use store::Memory;

/// The time in tests.
pub(crate) const NOW: Timestamp = Timestamp::constant(1_760_961_605, 0);
/// How many streams may be open in tests.
const STREAMS: usize = 2;

struct StoppedClock;

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        NOW
    }
}

/// The shop over services in memory.
pub(crate) struct Shop {
    pub api: Api,
    pub desk: Arc<Desk>,
    /// Tells the streams that the process stops.
    pub leaving: CancellationToken,
    orders: Memory<Orders>,
    payments: Memory<Payments>,
    notifications: Memory<Notifications>,
    _catalog: Memory<Catalog>,
    /// Keeps the provider's queue open.
    _bank: Bank,
    server: Server,
}

impl Shop {
    pub fn new() -> Self {
        Self::with(&[], Limits::default())
    }

    /// What a process has that runs payments alone.
    pub fn of_services(&self) -> ServiceApi {
        let api = self.api.clone();
        ServiceApi {
            desk: api.desk,
            clock: api.clock,
            ids: api.ids,
            limits: api.limits,
            metrics: api.metrics,
            checks: api.checks,
            peer: api.peer,
        }
    }

    pub fn with_parts(parts: &[Part]) -> Self {
        Self::with(parts, Limits { check_timeout: Duration::from_millis(20), ..Limits::default() })
    }

    pub fn with(parts: &[Part], limits: Limits) -> Self {
        Self::with_ids(Arc::new(SystemIds), parts, limits)
    }

    pub fn with_ids(ids: Arc<dyn Ids>, parts: &[Part], limits: Limits) -> Self {
        let forms = FormSettings { default_currency: usd(), check_document_sums: false };
        let (payment_deadline, message_bytes) = (Duration::from_secs(60), 1024);
        let settings = ::orders::Settings { forms, payment_deadline, message_bytes };
        let (orders, payments, catalog, notices) =
            (Memory::new(), Memory::new(), Memory::new(), Notices::new());
        catalog.keep(Key::name("margherita"), catalog::State::Item(Item::new(queries::margherita(), NOW)));
        let (order_intake, order_step) = serve(Orders { settings }, &orders, &notices);
        let (payment_intake, payment_step) = serve(Payments, &payments, &notices);
        let (catalog_intake, catalog_step) = serve(Catalog, &catalog, &notices);
        let (desk, _) = Desk::new(Breaker::new(BreakerSettings::default()), 1);
        let bank = Bank::new();
        let telling = Memory::new();
        let (telling_intake, telling_step) = serve(Notifications::default(), &telling, &notices);
        let (metrics, leaving) = (Metrics::new(), CancellationToken::new());
        let logs: Vec<Arc<dyn Log>> = vec![Arc::new(orders.clone()), Arc::new(payments.clone())];
        let live = Live::new(notices, logs, STREAMS, Arc::clone(&metrics));
        let mut steps = live.steps(Arc::new(orders.clone()));
        steps.extend([order_step, payment_step, catalog_step, telling_step]);
        let offices =
            vec![office("orders", &orders, &order_intake), office("payments", &payments, &payment_intake)];
        let api = Api {
            orders: order_intake,
            order_queries: Arc::new(orders.clone()),
            payments: payment_intake,
            payment_queries: Arc::new(payments.clone()),
            notifications: telling_intake,
            notification_queries: Arc::new(telling.clone()),
            processing_queries: None,
            desk: Some(Arc::clone(&desk)),
            catalog: catalog_intake,
            catalog_queries: Arc::new(catalog.clone()),
            offices,
            provider: Some(bank.api.clone()),
            live,
            leaving: leaving.clone(),
            clock: Arc::new(StoppedClock),
            ids,
            forms,
            limits,
            metrics,
            checks: parts.iter().map(|part| Arc::new(*part) as Arc<dyn Check>).collect(),
            peer: |extensions| extensions.get().copied(),
        };
        let server = Server::new(crate::router(api.clone()), steps);
        Self {
            api,
            desk,
            leaving,
            orders,
            payments,
            notifications: telling,
            _catalog: catalog,
            _bank: bank,
            server,
        }
    }

    pub fn keep(&self, order: Order) {
        self.orders.keep_order(order);
    }

    /// Whether nobody can read the orders from now on.
    pub fn lose_orders(&self, is_away: bool) {
        self.orders.data().is_away = is_away;
    }

    pub fn keep_payment(&self, payment: Payment) {
        self.payments.keep(Key::Id(payment.order_id), payment);
    }

    pub fn keep_notification(&self, told: Notification) {
        self.notifications.keep(key_of(told.order_id, told.kind), told);
    }

    pub fn keep_dead_payment(&self, letter: DeadLetter) {
        self.payments.keep_letter(letter);
    }

    /// A message to the orders service that is dead, with its row.
    pub fn keep_dead_message(&self, letter: DeadLetter, row: Scheduled) {
        self.orders.keep_row(letter, row);
    }

    /// An effect of the payments service that is dead, with its row.
    pub fn keep_dead_effect(&self, letter: DeadLetter, row: Scheduled) {
        self.payments.keep_row(letter, row);
    }

    pub async fn ask(&self, request: Request<Body>) -> Answered {
        self.server.ask(request).await
    }

    /// The answer to a request, not read yet. Nothing moves behind it but what [`Self::serve`] moves.
    pub async fn open(&self, request: Request<Body>) -> Response {
        self.server.router.clone().oneshot(request).await.unwrap()
    }

    /// Does something while everything moves.
    pub async fn serve<T>(&self, work: impl Future<Output = T>) -> T {
        self.server.moving(work).await
    }
}

/// Where the dead letters of a service in memory are.
fn office<S: Service>(consumer: &'static str, store: &Memory<S>, intake: &Intake<S>) -> Office {
    Office { consumer, letters: Arc::new(store.clone()), repairs: Arc::new(intake.clone()) }
}

/// A service over its store: where its commands go in, and what moves it.
fn serve<S: Service>(service: S, store: &Memory<S>, notices: &Arc<Notices>) -> (Intake<S>, Box<dyn Step>) {
    let (intake, outlet) = engine::intake::intake(64, Signal::new());
    let settings = ApplierSettings::default();
    let applier = Applier::new(
        Arc::new(service),
        Arc::new(store.clone()),
        Arc::new(StoppedClock),
        notices.observer(S::NAME, Arc::new(Unobserved)),
        settings,
        outlet,
    );
    (intake, Box::new(applier))
}

/// A router and what moves behind it.
struct Server {
    router: Router,
    steps: tokio::sync::Mutex<Vec<Box<dyn Step>>>,
}

impl Server {
    fn new(router: Router, steps: Vec<Box<dyn Step>>) -> Self {
        Self { router, steps: tokio::sync::Mutex::new(steps) }
    }

    /// A stream has no end, so nothing of it is read.
    async fn ask(&self, request: Request<Body>) -> Answered {
        let answered = async {
            let response = self.router.clone().oneshot(request).await.unwrap();
            let is_stream =
                response.headers().get(CONTENT_TYPE).is_some_and(|kind| kind == "text/event-stream");
            Answered::read(if is_stream { response.map(|_| Body::empty()) } else { response }).await
        };
        self.moving(answered).await
    }

    /// Waits for something, and everything moves meanwhile.
    async fn moving<T>(&self, what: impl Future<Output = T>) -> T {
        let mut steps = self.steps.lock().await;
        tokio::select! {
            biased;
            came = what => came,
            () = drive(&mut steps) => unreachable!("the steps move for ever"),
        }
    }
}

/// As production does it: woken, or after a second at the latest.
async fn drive(steps: &mut Vec<Box<dyn Step>>) {
    loop {
        // A store that is away is asked again.
        let _ = settle(steps, 100).await;
        let woken = select_all(steps.iter_mut().map(|step| step.wait()));
        let _ = tokio::time::timeout(Duration::from_secs(1), woken).await;
    }
}

/// An answer, read to its end.
pub(crate) struct Answered {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answered {
    pub async fn read(response: Response) -> Self {
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        Self { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The kind of a problem.
    pub fn slug(&self) -> String {
        self.json()["type"].as_str().unwrap().strip_prefix("/problems/").unwrap().to_owned()
    }
}

/// Requests, with more headers.
pub(crate) trait Headed {
    fn header(self, name: &'static str, value: impl AsRef<str>) -> Self;
}

impl Headed for Request<Body> {
    fn header(mut self, name: &'static str, value: impl AsRef<str>) -> Self {
        let value = HeaderValue::from_str(value.as_ref()).unwrap();
        self.headers_mut().insert(HeaderName::from_static(name), value);
        self
    }
}

pub(crate) fn get(path: &str) -> Request<Body> {
    Request::get(path).body(Body::empty()).unwrap()
}

pub(crate) fn post(path: &str, body: &str) -> Request<Body> {
    Request::post(path).body(Body::from(body.to_owned())).unwrap()
}

pub(crate) fn put(path: &str, body: &str) -> Request<Body> {
    Request::put(path).body(Body::from(body.to_owned())).unwrap()
}

pub(crate) fn delete(path: &str) -> Request<Body> {
    Request::delete(path).body(Body::empty()).unwrap()
}

pub(crate) fn usd() -> Currency {
    "USD".parse().unwrap()
}

/// A part to be checked.
#[derive(Clone, Copy)]
pub(crate) enum Part {
    Works(&'static str),
    Fails(&'static str),
    Hangs(&'static str),
    /// It fails, and requests are taken without it.
    Spared(&'static str),
}

#[async_trait]
impl Check for Part {
    fn name(&self) -> &str {
        match self {
            Self::Works(name) | Self::Fails(name) | Self::Hangs(name) | Self::Spared(name) => name,
        }
    }

    fn is_needed(&self) -> bool {
        !matches!(self, Self::Spared(_))
    }

    async fn check(&self) -> Result<(), String> {
        match self {
            Self::Works(_) => Ok(()),
            Self::Fails(_) | Self::Spared(_) => Err("it is away".to_owned()),
            Self::Hangs(_) => std::future::pending().await,
        }
    }
}

/// What the state of an order is kept as.
fn kept(order: Order) -> (Key, State) {
    (Key::Id(order.id), State::Order(order))
}
