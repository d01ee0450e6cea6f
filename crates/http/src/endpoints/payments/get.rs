//! `GET /api/v1/payments/{id}`: a payment.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;

use crate::api::Api;
use crate::path::OrderId;
use crate::problem::{Problem, ProblemView};
use crate::view::payment::PaymentView;

/// Get a payment
#[utoipa::path(
    get,
    path = "/api/v1/payments/{id}",
    operation_id = "get_payment",
    tag = "payments",
    params(("id" = Uuid, Path, description = "The payment's id, which is its order's")),
    responses(
        (status = 200, description = "The payment", body = PaymentView<'static>),
        (status = 404, description = "There is no such payment", body = ProblemView<'static>, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn get(State(api): State<Arc<Api>>, OrderId(id): OrderId) -> Result<Response, Problem> {
    super::answer(&api, id).await
}

#[cfg(test)]
mod tests {
    use crate::tests::payments::captured_payment;
    use crate::tests::{Shop, get};

    #[tokio::test]
    async fn a_payment_is_found_by_its_id_and_by_its_order() {
        let shop = Shop::new();
        shop.keep_payment(captured_payment());
        let id = captured_payment().order_id;
        let response = shop.ask(get(&format!("/api/v1/payments/{id}"))).await;
        insta::assert_json_snapshot!("payment", response.json());
        let by_order = shop.ask(get(&format!("/api/v1/payments/order/{id}/"))).await;
        assert_eq!(by_order.text(), response.text());
        assert_eq!(shop.ask(get("/api/v1/payments/nonsense")).await.status, 404);
    }
}
