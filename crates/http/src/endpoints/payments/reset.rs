//! `POST /api/v1/payments/circuit-breaker/reset`: closes the breaker of this instance.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;

use super::Instance;
use super::status::{BreakerView, answer, breaker};
use crate::idempotency::ANONYMOUS;
use crate::problem::{Problem, ProblemView};

/// Close the circuit breaker
#[utoipa::path(
    post,
    path = "/api/v1/payments/circuit-breaker/reset",
    operation_id = "reset_circuit_breaker",
    tag = "payments",
    responses(
        (status = 200, description = "How it stands in this instance", body = BreakerView),
        (status = 404, description = "Payments runs elsewhere", body = ProblemView<'static>, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn reset(State(instance): State<Arc<Instance>>) -> Result<Response, Problem> {
    let breaker = breaker(&instance)?;
    breaker.reset();
    tracing::warn!(
        actor = ANONYMOUS,
        "the circuit breaker before the payment provider was closed by request"
    );
    Ok(answer(breaker, instance.clock.now()))
}

#[cfg(test)]
mod tests {
    use crate::tests::{NOW, Shop, get, post};

    #[tokio::test]
    async fn an_open_breaker_is_closed() {
        let shop = Shop::new();
        (0..100).for_each(|_| shop.desk.breaker.report(NOW, false));
        let before = shop.ask(get("/api/v1/payments/circuit-breaker/status")).await.json();
        assert_eq!((&before["state"], &before["opened"]), (&"OPEN".into(), &1.into()));
        let after = shop.ask(post("/api/v1/payments/circuit-breaker/reset", "")).await.json();
        assert_eq!((&after["state"], &after["open_until"]), (&"CLOSED".into(), &serde_json::Value::Null));
    }
}
