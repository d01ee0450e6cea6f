//! `GET /api/v1/payments/order/{order_id}`: the payment of an order.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;

use crate::api::Api;
use crate::path::OrderId;
use crate::problem::{Problem, ProblemView};
use crate::view::payment::PaymentView;

/// Get the payment of an order
#[utoipa::path(
    get,
    path = "/api/v1/payments/order/{order_id}",
    operation_id = "get_payment_of_order",
    tag = "payments",
    params(("order_id" = Uuid, Path, description = "The order's id")),
    responses(
        (status = 200, description = "The payment", body = PaymentView<'static>),
        (status = 404, description = "Nothing was to be paid here", body = ProblemView<'static>, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn by_order(State(api): State<Arc<Api>>, OrderId(id): OrderId) -> Result<Response, Problem> {
    super::answer(&api, id).await
}
