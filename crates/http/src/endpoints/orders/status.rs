//! `GET /api/v1/orders/{id}/status`: where an order stands.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use crate::api::Api;
use crate::path::OrderId;
use crate::problem::{Problem, ProblemView};
use crate::respond::json;
use crate::view::order::StatusView;

/// Get where an order stands
#[utoipa::path(
    get,
    path = "/api/v1/orders/{id}/status",
    operation_id = "get_order_status",
    tag = "orders",
    params(("id" = Uuid, Path, description = "The order's id")),
    responses(
        (status = 200, description = "Its three states", body = StatusView<'static>),
        (status = 404, description = "There is no such order", body = ProblemView<'static>, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn status(State(api): State<Arc<Api>>, OrderId(id): OrderId) -> Result<Response, Problem> {
    Ok(json(StatusCode::OK, &StatusView::from(&super::find(&api, id).await?)))
}

#[cfg(test)]
mod tests {
    use crate::tests::orders::priced_order;
    use crate::tests::{Shop, get};

    #[tokio::test]
    async fn the_three_states() {
        let shop = Shop::new();
        shop.keep(priced_order());
        let response = shop.ask(get(&format!("/api/v1/orders/{}/status", priced_order().id))).await;
        insta::assert_json_snapshot!("order_status", response.json());
    }
}
