//! `GET /health`, `/health/live`, `/health/ready`: whether the process lives, and whether its parts work.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use crate::ops::{Checked, Ops};
use crate::respond::json;

/// Whether the process works.
#[derive(Serialize, ToSchema)]
#[schema(as = Health)]
pub(crate) struct HealthView {
    /// `ok`; `degraded` if a part is down without which requests are still taken; `down` if any other part is.
    status: Word,
    /// The parts that were asked.
    checks: BTreeMap<String, PartView>,
}

/// Whether a part works.
#[derive(Serialize, ToSchema)]
#[schema(as = HealthCheck)]
pub(crate) struct PartView {
    /// `ok` or `down`.
    status: Word,
    /// Why it is down.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// Whether something works, in a word.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = HealthStatus)]
pub(crate) enum Word {
    /// It works.
    Ok,
    /// It takes requests, and does some of their work later.
    Degraded,
    /// It does not.
    Down,
}

/// Get whether the process and its parts work
#[utoipa::path(
    get,
    path = "/health",
    operation_id = "get_health",
    tag = "operations",
    responses(
        (status = 200, description = "All parts work that are needed to take requests", body = HealthView),
        (status = 503, description = "A part that is needed is down", body = HealthView),
    ),
)]
pub(crate) async fn health(State(ops): State<Arc<Ops>>) -> Response {
    answer(ops.check().await)
}

/// Get whether the process lives
#[utoipa::path(
    get,
    path = "/health/live",
    operation_id = "get_liveness",
    tag = "operations",
    responses((status = 200, description = "It lives; no part is asked", body = HealthView)),
)]
pub(crate) async fn live() -> Response {
    answer(Vec::new())
}

/// Get whether the process can take requests
#[utoipa::path(
    get,
    path = "/health/ready",
    operation_id = "get_readiness",
    tag = "operations",
    responses(
        (status = 200, description = "All parts work that are needed to take requests", body = HealthView),
        (status = 503, description = "A part that is needed is down", body = HealthView),
    ),
)]
pub(crate) async fn ready(State(ops): State<Arc<Ops>>) -> Response {
    answer(ops.check_needed().await)
}

fn answer(parts: Vec<Checked>) -> Response {
    let is_down = |part: &Checked| part.result.is_err();
    let (code, status) = if parts.iter().any(|part| is_down(part) && part.is_needed) {
        (StatusCode::SERVICE_UNAVAILABLE, Word::Down)
    } else if parts.iter().any(is_down) {
        (StatusCode::OK, Word::Degraded)
    } else {
        (StatusCode::OK, Word::Ok)
    };
    let checks = parts.into_iter().map(|checked| (checked.part, PartView::from(checked.result))).collect();
    json(code, &HealthView { status, checks })
}

impl From<Result<(), String>> for PartView {
    fn from(result: Result<(), String>) -> Self {
        match result {
            Ok(()) => Self { status: Word::Ok, error: None },
            Err(error) => Self { status: Word::Down, error: Some(error) },
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::tests::{Part, Shop, get};

    #[tokio::test]
    async fn a_part_that_is_down_or_silent_is_503_and_the_process_still_lives() {
        let shop =
            Shop::with_parts(&[Part::Works("orders"), Part::Fails("payments"), Part::Hangs("catalog")]);
        let response = shop.ask(get("/health/ready")).await;
        assert_eq!(response.status, 503);
        let expected = json!({"status": "down", "checks": {
            "orders": {"status": "ok"},
            "payments": {"status": "down", "error": "it is away"},
            "catalog": {"status": "down", "error": "it did not answer in time"},
        }});
        assert_eq!(response.json(), expected);
        assert_eq!(shop.ask(get("/health/live/")).await.json(), json!({"status": "ok", "checks": {}}));
        assert_eq!(Shop::with_parts(&[Part::Works("orders")]).ask(get("/health")).await.status, 200);
    }

    #[tokio::test]
    async fn without_a_part_that_is_not_needed_requests_are_taken() {
        let shop = Shop::with_parts(&[Part::Works("orders"), Part::Spared("broker")]);
        assert_eq!(shop.ask(get("/health/ready")).await.json()["status"], json!("ok"));
        let response = shop.ask(get("/health")).await;
        assert_eq!((response.status, &response.json()["status"]), (200, &json!("degraded")));
        assert_eq!(response.json()["checks"]["broker"], json!({"status": "down", "error": "it is away"}));
        let shop = Shop::with_parts(&[Part::Fails("orders"), Part::Spared("broker")]);
        assert_eq!(shop.ask(get("/health/ready")).await.status, 503);
    }
}
