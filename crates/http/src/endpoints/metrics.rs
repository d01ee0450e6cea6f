//! `GET /metrics`: everything that is counted and measured, for Prometheus.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};

use crate::ops::Ops;
use crate::problem::Problem;
use crate::problems::internal;

const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Get the metrics
#[utoipa::path(
    get,
    path = "/metrics",
    operation_id = "get_metrics",
    tag = "operations",
    responses((status = 200, description = "OpenMetrics text", body = String, content_type = "application/openmetrics-text")),
)]
pub(crate) async fn metrics(State(ops): State<Arc<Ops>>) -> Result<Response, Problem> {
    // Asking the parts sets their gauges.
    ops.check().await;
    ops.gauge();
    let text = ops.metrics.text().map_err(|error| internal(&error.to_string()))?;
    Ok(([(CONTENT_TYPE, OPENMETRICS)], text).into_response())
}

#[cfg(test)]
mod tests {
    use crate::tests::{Part, Shop, get};

    #[tokio::test]
    async fn requests_are_counted_by_route_and_never_by_path() {
        let shop = Shop::with_parts(&[Part::Works("orders")]);
        shop.ask(get("/api/v1/orders/nonsense")).await;
        shop.ask(get("/somewhere/else")).await;
        let text = shop.ask(get("/metrics")).await.text().to_owned();
        for line in [
            r#"http_requests_total{method="GET",endpoint="/api/v1/orders/{id}",status="404"} 1"#,
            r#"http_request_errors_total{method="GET",endpoint="unmatched",status="404"} 1"#,
            r#"http_request_duration_seconds_count{method="GET",endpoint="/api/v1/orders/{id}"} 1"#,
            r#"ordo_ready{part="orders"} 1"#,
            r#"intake_backlog{service="orders"} 0"#,
            "orders_created_total 0",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
        }
        assert!(!text.contains("nonsense") && !text.contains("somewhere"));
        assert!(text.ends_with("# EOF\n"));
    }
}
