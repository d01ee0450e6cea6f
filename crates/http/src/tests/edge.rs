//! What every endpoint has in common: limits, problems, ids.

use std::net::IpAddr;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use futures::stream;

use super::{Headed, Part, Shop, get, post};
use crate::{Limits, RateLimit};

fn shop(limits: Limits) -> Shop {
    Shop::with(&[], limits)
}

#[tokio::test]
async fn an_unknown_path_is_a_problem() {
    let response = Shop::new().ask(get("/nowhere/")).await;
    assert_eq!((response.status, response.slug().as_str()), (404, "not-found"));
    assert_eq!(response.header("content-type"), "application/problem+json");
    assert_eq!(response.json()["instance"], "/nowhere/");
}

#[tokio::test]
async fn another_method_is_405_and_says_which_are_allowed() {
    let shop = Shop::new();
    let request = |path: &str| Request::delete(path).body(Body::empty()).unwrap();
    let response = shop.ask(request("/api/v1/orders")).await;
    assert_eq!((response.status, response.slug().as_str()), (405, "method-not-allowed"));
    let mut allowed: Vec<_> = response.header("allow").split(',').map(str::trim).collect();
    allowed.sort_unstable();
    assert_eq!(allowed, ["GET", "HEAD", "POST"]);
    assert_eq!(shop.ask(request("/orders/")).await.header("allow"), "POST");
}

#[tokio::test]
async fn a_query_parameter_where_there_is_none_is_400_but_for_probes_and_pages() {
    let shop = Shop::new();
    let body = r#"{"customer_name": "A", "total_amount": 1}"#;
    let order = shop.ask(post("/api/v1/orders", body)).await.json();
    let order = format!("/api/v1/orders/{}", order["id"].as_str().unwrap());
    for path in
        [&order, &format!("{order}/timeline/"), "/api/v1/menu", "/api/v1/payments/circuit-breaker/status"]
    {
        assert_eq!(shop.ask(get(path)).await.status, 200, "{path}");
        let response = shop.ask(get(&format!("{path}?colour=red"))).await;
        assert_eq!((response.status, response.slug().as_str()), (400, "unknown-parameter"), "{path}");
        assert_eq!(response.json()["errors"][0]["path"], "colour", "{path}");
    }
    assert_eq!(shop.ask(post("/api/v1/orders?limit=1", body)).await.status, 400);
    assert_eq!(shop.ask(get("/api/v1/orders?limit=1")).await.status, 200);
    let put = Request::put("/api/v1/orders?limit=1").body(Body::empty()).unwrap();
    assert_eq!(shop.ask(put).await.status, 405, "no such method, whatever it asks");
    let head = Request::head("/api/v1/orders?limit=1").body(Body::empty()).unwrap();
    assert_eq!(shop.ask(head).await.status, 200);
    for path in ["/health/live?probe=1", "/metrics?x", "/docs?x=1", "/openapi.json?v=2"] {
        assert!(shop.ask(get(path)).await.status < 400, "{path}");
    }
}

#[tokio::test]
async fn a_large_body_is_413_and_never_kept() {
    let shop = shop(Limits { max_body_bytes: 1000, ..Limits::default() });
    let response = shop.ask(post("/api/v1/orders", &"x".repeat(1001))).await;
    assert_eq!((response.status, response.slug().as_str()), (413, "body-too-large"));
    let chunks = stream::repeat_with(|| Ok::<_, std::io::Error>("x".repeat(1000)));
    let endless = Request::post("/api/v1/orders").body(Body::from_stream(chunks)).unwrap();
    assert_eq!(shop.ask(endless).await.status, 413);
}

#[tokio::test]
async fn a_caller_that_asks_too_often_is_told_when_to_come_back() {
    let shop = shop(Limits { rate: Some(RateLimit { per_second: 1, burst: 2 }), ..Limits::default() });
    let ask = |last: u8| {
        let mut request = get("/api/v1/menu");
        request.extensions_mut().insert(IpAddr::from([10, 0, 0, last]));
        request
    };
    let first = shop.ask(ask(1)).await;
    assert_eq!((first.status, first.header("ratelimit")), (200, "\"caller\";r=1;t=1"));
    assert_eq!(first.header("ratelimit-policy"), "\"caller\";q=2;w=2");
    assert_eq!(shop.ask(ask(1)).await.status, 200);
    let third = shop.ask(ask(1)).await;
    assert_eq!((third.status, third.header("retry-after")), (429, "1"));
    assert_eq!(shop.ask(ask(2)).await.status, 200);
}

#[tokio::test]
async fn above_the_limit_requests_are_turned_away_and_health_is_not() {
    let shop = shop(Limits { max_in_flight: 0, ..Limits::default() });
    let response = shop.ask(get("/api/v1/menu")).await;
    assert_eq!((response.status, response.slug().as_str()), (503, "saturated"));
    assert_eq!(response.header("retry-after"), "1");
    assert_eq!(shop.ask(get("/health")).await.status, 200);
    assert_eq!(shop.ask(get("/metrics")).await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_takes_too_long_is_given_up() {
    let shop = Shop::with(
        &[Part::Works("orders")],
        Limits { request_timeout: Duration::from_secs(2), ..Limits::default() },
    );
    let body = Body::from_stream(stream::pending::<Result<&str, std::io::Error>>());
    let response = shop.ask(Request::post("/api/v1/orders").body(body).unwrap()).await;
    assert_eq!((response.status, response.slug().as_str()), (503, "timed-out"));
}

#[tokio::test]
async fn a_panic_is_500_and_tells_nothing() {
    use std::sync::Arc;

    use axum::routing::get as on_get;

    use crate::edge::Gate;
    use crate::metrics::Metrics;
    use crate::routes::Routes;
    async fn panics() -> &'static str {
        panic!("secret")
    }
    let gate = Gate::new(Limits::default(), |_| None, 0);
    let metrics: Arc<Metrics> = Metrics::new();
    let routes =
        Routes::new(utoipa::openapi::OpenApi::default(), gate, metrics).page("/panic", on_get(panics));
    let response = super::Server::new(routes.finish(), vec![Box::new(Never)]).ask(get("/panic/")).await;
    assert_eq!((response.status, response.slug().as_str()), (500, "internal"));
    assert!(!response.text().contains("secret"));
}

#[tokio::test]
async fn every_answer_has_a_request_id() {
    let shop = Shop::new();
    let response = shop.ask(get("/health").header("x-request-id", "mine-1")).await;
    assert_eq!(response.header("x-request-id"), "mine-1");
    let first = shop.ask(get("/nowhere")).await.header("x-request-id").to_owned();
    assert!(!first.is_empty());
    assert_ne!(shop.ask(get("/nowhere")).await.header("x-request-id"), first);
}

#[tokio::test]
async fn head_is_get_without_a_body() {
    let request = Request::head("/api/v1/menu/").body(Body::empty()).unwrap();
    let response = Shop::new().ask(request).await;
    assert_eq!((response.status, response.body.len()), (200, 0));
}

/// A step that never moves.
struct Never;

#[async_trait::async_trait]
impl engine::Step for Never {
    fn name(&self) -> &str {
        "never"
    }

    async fn step(&mut self) -> Result<engine::Progress, engine::Fault> {
        Ok(engine::Progress::Idle(None))
    }

    async fn wait(&mut self) {
        std::future::pending().await
    }
}
