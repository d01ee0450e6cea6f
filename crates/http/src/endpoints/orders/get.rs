//! `GET /api/v1/orders/{id}`: an order.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::{ETAG, VARY};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::api::Api;
use crate::conditional::{IfNoneMatch, etag};
use crate::path::OrderId;
use crate::problem::{Problem, ProblemView};
use crate::view::order::OrderView;

/// Get an order
#[utoipa::path(
    get,
    path = "/api/v1/orders/{id}",
    operation_id = "get_order",
    tag = "orders",
    params(
        ("id" = Uuid, Path, description = "The order's id"),
        ("If-None-Match" = Option<String>, Header, description = "The `ETag` you have: 304 if it is still the newest"),
    ),
    responses(
        (status = 200, description = "The order", body = OrderView<'static>, headers(("ETag" = String, description = "Its version"))),
        (status = 304, description = "You have the newest version"),
        (status = 404, description = "There is no such order", body = ProblemView<'static>, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn get(
    State(api): State<Arc<Api>>,
    OrderId(id): OrderId,
    seen: IfNoneMatch,
) -> Result<Response, Problem> {
    let order = super::find(&api, id).await?;
    let mut response = match seen.has(order.version) {
        true => (StatusCode::NOT_MODIFIED, [(ETAG, etag(order.version))]).into_response(),
        false => super::answer(StatusCode::OK, &order),
    };
    // /orders/{id} has other faces for other readers.
    response.headers_mut().insert(VARY, HeaderValue::from_static("Accept"));
    Ok(response)
}

#[cfg(test)]
mod tests {
    use crate::tests::orders::priced_order;
    use crate::tests::{Headed, Shop, get};

    #[tokio::test]
    async fn an_order_is_found_at_both_paths_with_and_without_a_slash() {
        let shop = Shop::new();
        shop.keep(priced_order());
        let id = priced_order().id;
        for path in ["/api/v1/orders", "/orders"] {
            for slash in ["", "/"] {
                let response = shop.ask(get(&format!("{path}/{id}{slash}"))).await;
                assert_eq!(response.status, 200);
                assert_eq!(response.json()["id"], id.to_string());
                assert_eq!(response.header("vary"), "Accept");
            }
        }
    }

    #[tokio::test]
    async fn the_newest_version_is_not_sent_twice() {
        let shop = Shop::new();
        shop.keep(priced_order());
        let request = get(&format!("/api/v1/orders/{}", priced_order().id)).header("if-none-match", "\"1\"");
        let response = shop.ask(request).await;
        assert_eq!((response.status, response.header("etag")), (304, "\"1\""));
        assert!(response.body.is_empty());
    }

    #[tokio::test]
    async fn an_unknown_and_a_malformed_id_are_404() {
        let shop = Shop::new();
        for id in ["018f0000-0000-7000-8000-000000000000", "nonsense", "%ff", "1"] {
            let response = shop.ask(get(&format!("/api/v1/orders/{id}"))).await;
            assert_eq!((response.status, response.slug().as_str()), (404, "not-found"), "{id}");
        }
    }
}
