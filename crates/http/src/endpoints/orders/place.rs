//! `POST /api/v1/orders`: places an order, stated in any of the five forms.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::LOCATION;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use engine::claim::ClaimKind;
use engine::retry::later;
use engine::{Command, Key, Message, Origin};
use orders::{Input, Order, Orders, PlaceOrder, forms};

use crate::api::Api;
use crate::body::JsonBytes;
use crate::idempotency::{IdempotencyKey, REPLAYED};
use crate::problem::{Problem, ProblemView};
use crate::submit::{Done, submit};
use crate::view::forms::PlaceOrder as PlaceOrderBody;
use crate::view::order::OrderView;

/// Place an order
///
/// The same `external_id` with the same content answers the first order again, with 200. The same `Idempotency-Key` with the
/// same body answers what was answered first, with 201.
#[utoipa::path(
    post,
    path = "/api/v1/orders",
    operation_id = "place_order",
    tag = "orders",
    params(("Idempotency-Key" = Option<String>, Header, description = "Your name for this attempt, at most 255 characters")),
    request_body(content = PlaceOrderBody, content_type = "application/json"),
    responses(
        (status = 201, description = "The order was accepted", body = OrderView<'static>, headers(
            ("Location" = String, description = "Where the order is"),
            ("ETag" = String, description = "Its version"),
            ("Idempotent-Replayed" = Option<String>, description = "`true`: it had been accepted before"),
        )),
        (status = 200, description = "The order was placed before under its external id; as it is now", body = OrderView<'static>),
        (status = 400, description = "Not JSON, or an invalid Idempotency-Key", body = ProblemView<'static>, content_type = "application/problem+json"),
        (status = 409, description = "Sold out, another total than expected, or the external id belongs to another order", body = ProblemView<'static>, content_type = "application/problem+json"),
        (status = 408, description = "The body came too slowly", body = ProblemView<'static>, content_type = "application/problem+json"),
        (status = 413, description = "Too large", body = ProblemView<'static>, content_type = "application/problem+json"),
        (status = 415, description = "Not sent as JSON", body = ProblemView<'static>, content_type = "application/problem+json"),
        (status = 422, description = "Invalid content, or the Idempotency-Key was used with another body", body = ProblemView<'static>, content_type = "application/problem+json"),
        (status = 503, description = "Too much to do; try again", body = ProblemView<'static>, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn place(
    State(api): State<Arc<Api>>,
    key: IdempotencyKey,
    JsonBytes(body): JsonBytes,
) -> Result<Response, Problem> {
    let order = forms::parse(&body, &api.forms)?;
    let command = command(&api, order, &key, &body);
    let Done { reply, replayed } = submit(&api.orders, command, api.limits.idempotency_wait).await?;
    answer(&api, reply, replayed).await
}

/// The command that places the order which was stated as `body`.
pub(super) fn command(api: &Api, order: PlaceOrder, key: &IdempotencyKey, body: &[u8]) -> Command<Orders> {
    let id = api.ids.next();
    let expires = later(api.clock.now(), api.limits.idempotency_retention);
    let claims = key.claim("place", &[body], expires).into_iter().chain(order.claim()).collect();
    let input = Input::Place(Box::new(order));
    Command { message: Message { key: Key::Id(id), origin: Origin::Command { id }, input }, claims }
}

/// A repeated request gets the reply it got; a repeated order, as it is now.
async fn answer(api: &Api, order: Order, replayed: Option<ClaimKind>) -> Result<Response, Problem> {
    let (status, order) = match replayed {
        Some(ClaimKind::External) => (StatusCode::OK, super::find(api, order.id).await?),
        _ => (StatusCode::CREATED, order),
    };
    let mut response = super::answer(status, &order);
    let headers = response.headers_mut();
    if let Ok(location) = HeaderValue::try_from(format!("/api/v1/orders/{}", order.id)) {
        headers.insert(LOCATION, location);
    }
    if replayed.is_some() {
        headers.insert(REPLAYED, HeaderValue::from_static("true"));
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use crate::tests::{Headed, Shop, get, post};

    const BODY: &str = r#"{"customer_name": "John Doe", "total_amount": 100.50, "external_id": "e-1"}"#;
    const OTHER: &str = r#"{"customer_name": "John Doe", "total_amount": 100.51, "external_id": "e-1"}"#;
    const PLAIN: &str = r#"{"customer_name": "John Doe", "total_amount": 100.50}"#;

    #[tokio::test]
    async fn an_order_is_accepted_and_found() {
        let shop = Shop::new();
        for path in ["/api/v1/orders", "/api/v1/orders/new/", "/orders/"] {
            let response = shop.ask(post(path, PLAIN)).await;
            assert_eq!((response.status, response.header("etag")), (201, "\"1\""), "{path}");
            assert_eq!(response.header("idempotent-replayed"), "");
            assert!(
                response.text().contains(r#""total_amount":100.50,"currency":"USD""#),
                "{}",
                response.text()
            );
            assert_eq!(shop.ask(get(response.header("location"))).await.text(), response.text());
        }
    }

    #[tokio::test]
    async fn under_one_key_there_is_one_order() {
        let shop = Shop::new();
        let ask = |key: &str, body| post("/orders", body).header("idempotency-key", key);
        let first = shop.ask(ask("\"k\"", PLAIN)).await;
        let again = shop.ask(ask("k", PLAIN)).await;
        assert_eq!((again.status, again.header("idempotent-replayed")), (201, "true"));
        assert_eq!(again.text(), first.text());
        let other = shop.ask(ask("k", BODY)).await;
        assert_eq!((other.status, other.slug().as_str()), (422, "idempotency-key-reused"));
        assert_eq!(other.json()["instance"], "/orders");
        assert_ne!(shop.ask(ask("k2", PLAIN)).await.text(), first.text());
    }

    #[tokio::test]
    async fn under_one_external_id_there_is_one_order() {
        let shop = Shop::new();
        let first = shop.ask(post("/api/v1/orders", BODY)).await;
        let respelt = BODY.replace("100.50", "1.005e2");
        let again = shop.ask(post("/api/v1/orders", &respelt)).await;
        assert_eq!((again.status, again.header("idempotent-replayed")), (200, "true"));
        assert_eq!(again.json()["id"], first.json()["id"]);
        let other = shop.ask(post("/api/v1/orders", OTHER)).await;
        assert_eq!((other.status, other.slug().as_str()), (409, "external-id-conflict"));
    }

    #[tokio::test]
    async fn what_cannot_be_an_order_is_refused() {
        let shop = Shop::new();
        let unknown = r#"{"items": [{"pizzaId": "calzone", "quantity": 1}]}"#;
        for (body, status) in
            [("{", 400), ("", 400), ("{}", 422), (r#"{"total_amount": 1}"#, 422), (unknown, 422)]
        {
            let response = shop.ask(post("/api/v1/orders", body)).await;
            assert_eq!(response.status, status, "{body}");
            assert_eq!(response.header("content-type"), "application/problem+json");
        }
        let response = shop.ask(post("/api/v1/orders", PLAIN).header("content-type", "text/plain")).await;
        assert_eq!(response.status, 415);
        let response =
            shop.ask(post("/api/v1/orders", PLAIN).header("idempotency-key", "x".repeat(256))).await;
        assert_eq!(response.slug(), "invalid-idempotency-key");
    }
}
