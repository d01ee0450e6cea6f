//! What the API is made from: the ports it asks and the limits it keeps.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use axum::http::Extensions;
use catalog::Catalog;
use contract::Currency;
use engine::effects::Desk;
use engine::{Clock, Ids, Intake};
use orders::Orders;
use orders::forms::FormSettings;
use payments::Payments;
use provider::{Knobs, Ledger, Provider};
use tokio_util::sync::CancellationToken;

use crate::live::Live;
use crate::metrics::Metrics;

/// Everything the shop's API needs. Cheap to clone: all of it is shared.
#[derive(Clone)]
pub struct Api {
    /// Where commands to the orders service go in.
    pub orders: Intake<Orders>,
    /// What can be asked about orders.
    pub order_queries: Arc<dyn orders::Queries>,
    /// Where commands to the payments service go in.
    pub payments: Intake<Payments>,
    /// What can be asked about payments.
    pub payment_queries: Arc<dyn payments::Queries>,
    /// What can be asked about processing. None: it runs elsewhere.
    pub processing_queries: Option<Arc<dyn processing::Queries>>,
    /// The desk before the payment provider, with this instance's breaker. None: payments runs elsewhere.
    pub desk: Option<Arc<Desk>>,
    /// Where commands to the catalog go in.
    pub catalog: Intake<Catalog>,
    /// What can be asked about the menu, and about what is kept for orders.
    pub catalog_queries: Arc<dyn catalog::Queries>,
    /// The payment provider of this process, whose knobs and ledger are then served here too.
    pub provider: Option<ProviderApi>,
    /// What is told to whoever keeps listening.
    pub live: Arc<Live>,
    /// Cancelled when the process is told to stop. Answers that have no end of their own end then, so that nobody waits out
    /// the deadline for them.
    pub leaving: CancellationToken,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The ids of new orders and commands.
    pub ids: Arc<dyn Ids>,
    /// How orders are read.
    pub forms: FormSettings,
    /// The bounds.
    pub limits: Limits,
    /// What is counted and measured.
    pub metrics: Arc<Metrics>,
    /// The parts that have to work for this process to be ready.
    pub checks: Vec<Arc<dyn Check>>,
    /// How a connection tells who is on its other end.
    pub peer: PeerOf,
}

/// Everything the payment provider's API needs. Cheap to clone.
#[derive(Clone)]
pub struct ProviderApi {
    /// Where charges, voids and refunds go in.
    pub intake: Intake<Provider>,
    /// What was charged.
    pub ledger: Arc<dyn Ledger>,
    /// What it does wrong on purpose.
    pub knobs: Arc<Knobs>,
    /// The currency of requests that name none.
    pub default_currency: Currency,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The ids of commands.
    pub ids: Arc<dyn Ids>,
    /// The bounds.
    pub limits: Limits,
    /// What is counted and measured.
    pub metrics: Arc<Metrics>,
    /// The parts that have to work for this process to be ready.
    pub checks: Vec<Arc<dyn Check>>,
    /// How a connection tells who is on its other end.
    pub peer: PeerOf,
}

/// Everything that the process of services needs which serve no API of their own. Cheap to clone.
#[derive(Clone)]
pub struct ServiceApi {
    /// The desk before the payment provider, with this instance's breaker. None: payments runs elsewhere.
    pub desk: Option<Arc<Desk>>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The ids of requests.
    pub ids: Arc<dyn Ids>,
    /// The bounds.
    pub limits: Limits,
    /// What is counted and measured.
    pub metrics: Arc<Metrics>,
    /// The parts that have to work for this process to be ready.
    pub checks: Vec<Arc<dyn Check>>,
    /// How a connection tells who is on its other end.
    pub peer: PeerOf,
}

/// Finds the caller's address among the extensions of a request, where the listener put it (axum's `ConnectInfo`).
/// None: unknown, and then not limited per caller.
pub type PeerOf = fn(&Extensions) -> Option<IpAddr>;

/// The bounds of the API.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The largest body, in bytes; above it the answer is 413.
    pub max_body_bytes: usize,
    /// How long a body may take to arrive.
    pub body_timeout: Duration,
    /// How many requests are worked on at once; above it the answer is 503.
    pub max_in_flight: usize,
    /// How often one caller may ask; above it the answer is 429. None: no limit.
    pub rate: Option<RateLimit>,
    /// How long a request may take; above it the answer is 503.
    pub request_timeout: Duration,
    /// How long a request with an idempotency key waits for its answer; above it the answer is 409.
    pub idempotency_wait: Duration,
    /// How long the answer under an idempotency key is kept.
    pub idempotency_retention: Duration,
    /// How long each readiness check may take.
    pub check_timeout: Duration,
    /// After how long without a change an order is listed as stuck.
    pub stuck_after: Duration,
}

/// How often one caller may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// Requests per second in the long run, at least 1.
    pub per_second: u32,
    /// Requests at once after a pause, at least 1.
    pub burst: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_body_bytes: 1024 * 1024,
            body_timeout: Duration::from_secs(10),
            max_in_flight: 1024,
            rate: None,
            request_timeout: Duration::from_secs(30),
            idempotency_wait: Duration::from_secs(5),
            idempotency_retention: Duration::from_secs(24 * 60 * 60),
            check_timeout: Duration::from_secs(1),
            stuck_after: Duration::from_secs(5 * 60),
        }
    }
}

/// A part that has to work for this process to be ready.
#[async_trait]
pub trait Check: Send + Sync {
    /// What the part is called, such as `orders-database`.
    fn name(&self) -> &str;

    /// Whether the process can take no requests without it. Without any other part it does less, or later.
    fn is_needed(&self) -> bool {
        true
    }

    /// Asks the part itself. It is given up after [`Limits::check_timeout`].
    ///
    /// # Errors
    /// Why it does not work, in a sentence without secrets.
    async fn check(&self) -> Result<(), String>;
}

/// A state whose endpoints keep limits.
pub(crate) trait Bounded: Send + Sync {
    /// The bounds.
    fn limits(&self) -> &Limits;
}

impl Bounded for Arc<Api> {
    fn limits(&self) -> &Limits {
        &self.limits
    }
}

impl Bounded for Arc<ProviderApi> {
    fn limits(&self) -> &Limits {
        &self.limits
    }
}
