//! What health and metrics need, whatever else a process serves.

use std::sync::Arc;
use std::time::Duration;

use engine::Clock;
use engine::breaker::BreakerState;
use engine::effects::Desk;
use futures::future::join_all;

use crate::api::{Api, Check, ProviderApi, ServiceApi};
use crate::metrics::Metrics;

/// The state of the endpoints for operators.
#[derive(Clone)]
pub(crate) struct Ops {
    pub metrics: Arc<Metrics>,
    checks: Vec<Arc<dyn Check>>,
    check_timeout: Duration,
    /// Sets the gauges that are asked for rather than told.
    gauges: Arc<dyn Fn(&Metrics) + Send + Sync>,
}

/// What a part said.
pub(crate) struct Checked {
    pub part: String,
    /// Whether the process can take no requests without it.
    pub is_needed: bool,
    pub result: Result<(), String>,
}

impl Ops {
    /// For the shop.
    pub fn of_shop(api: &Api) -> Self {
        let (orders, payments) = (api.orders.clone(), api.payments.clone());
        let (notifications, desk) = (api.notifications.clone(), api.desk.clone());
        let clock = Arc::clone(&api.clock);
        let gauges = move |metrics: &Metrics| {
            metrics.backlog("notifications", notifications.backlog());
            metrics.backlog("orders", orders.backlog());
            metrics.backlog("payments", payments.backlog());
            gauge_breaker(metrics, desk.as_ref(), &*clock);
        };
        Self::new(&api.metrics, &api.checks, api.limits.check_timeout, gauges)
    }

    /// For services without an API.
    pub fn of_services(api: &ServiceApi) -> Self {
        let (desk, clock) = (api.desk.clone(), Arc::clone(&api.clock));
        let gauges = move |metrics: &Metrics| gauge_breaker(metrics, desk.as_ref(), &*clock);
        Self::new(&api.metrics, &api.checks, api.limits.check_timeout, gauges)
    }

    /// For the payment provider.
    pub fn of_provider(api: &ProviderApi) -> Self {
        let intake = api.intake.clone();
        let gauges = move |metrics: &Metrics| metrics.backlog("provider", intake.backlog());
        Self::new(&api.metrics, &api.checks, api.limits.check_timeout, gauges)
    }

    fn new(
        metrics: &Arc<Metrics>,
        checks: &[Arc<dyn Check>],
        check_timeout: Duration,
        gauges: impl Fn(&Metrics) + Send + Sync + 'static,
    ) -> Self {
        let (metrics, checks) = (Arc::clone(metrics), checks.to_vec());
        Self { metrics, checks, check_timeout, gauges: Arc::new(gauges) }
    }

    /// Asks the parts without which no requests can be taken.
    pub async fn check_needed(&self) -> Vec<Checked> {
        self.ask(|check| check.is_needed()).await
    }

    /// Asks all parts.
    pub async fn check(&self) -> Vec<Checked> {
        self.ask(|_| true).await
    }

    /// Asks parts at once, and notes what they say.
    async fn ask(&self, is_asked: impl Fn(&dyn Check) -> bool) -> Vec<Checked> {
        let asked = self.checks.iter().filter(|check| is_asked(&***check));
        let checks = asked.map(|check| async {
            let result = tokio::time::timeout(self.check_timeout, check.check()).await;
            let result = result.unwrap_or_else(|_| Err("it did not answer in time".to_owned()));
            self.metrics.ready(check.name(), result.is_ok());
            Checked { part: check.name().to_owned(), is_needed: check.is_needed(), result }
        });
        join_all(checks).await
    }

    /// Sets the gauges that are asked for.
    pub fn gauge(&self) {
        (self.gauges)(&self.metrics);
    }
}

fn gauge_breaker(metrics: &Metrics, desk: Option<&Arc<Desk>>, clock: &dyn Clock) {
    if let Some(desk) = desk {
        metrics.breaker(match desk.breaker.state(clock.now()) {
            BreakerState::Closed => 0,
            BreakerState::HalfOpen => 1,
            BreakerState::Open(_) => 2,
        });
    }
}
