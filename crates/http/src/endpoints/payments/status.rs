//! `GET /api/v1/payments/circuit-breaker/status`: the breaker before the payment provider, of this instance.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use engine::breaker::{Breaker, BreakerState};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::Instance;
use crate::problem::{Problem, ProblemView};
use crate::problems::NOT_FOUND;
use crate::respond::json;

/// How the breaker stands.
#[derive(Serialize, ToSchema)]
#[schema(as = CircuitBreaker)]
pub(crate) struct BreakerView {
    /// What it does.
    state: Word,
    /// When it tries again. Null: it is not open.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    open_until: Option<Timestamp>,
    /// Calls in the window that worked; a decline is one.
    successes: u32,
    /// Calls in the window that failed.
    failures: u32,
    /// How often it has opened since this instance began.
    opened: u64,
}

/// What a breaker does, in a word.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schema(as = CircuitBreakerState)]
pub(crate) enum Word {
    /// Calls go through.
    Closed,
    /// No calls.
    Open,
    /// A few calls are being tried.
    HalfOpen,
}

/// Get the circuit breaker
#[utoipa::path(
    get,
    path = "/api/v1/payments/circuit-breaker/status",
    operation_id = "get_circuit_breaker",
    tag = "payments",
    responses(
        (status = 200, description = "How it stands in this instance", body = BreakerView),
        (status = 404, description = "Payments runs elsewhere", body = ProblemView<'static>, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn status(State(instance): State<Arc<Instance>>) -> Result<Response, Problem> {
    Ok(answer(breaker(&instance)?, instance.clock.now()))
}

/// The breaker of this instance, or 404.
pub(super) fn breaker(instance: &Instance) -> Result<&Breaker, Problem> {
    let desk = instance.desk.as_ref();
    let elsewhere = "the payments service runs in another process, which answers this on its own port";
    let desk = desk.ok_or_else(|| Problem::new(NOT_FOUND, elsewhere))?;
    Ok(&desk.breaker)
}

/// Answers how a breaker stands.
pub(super) fn answer(breaker: &Breaker, now: Timestamp) -> Response {
    let (state, open_until) = match breaker.state(now) {
        BreakerState::Closed => (Word::Closed, None),
        BreakerState::Open(until) => (Word::Open, Some(until)),
        BreakerState::HalfOpen => (Word::HalfOpen, None),
    };
    let (successes, failures, opened) = breaker.counts();
    json(StatusCode::OK, &BreakerView { state, open_until, successes, failures, opened })
}
