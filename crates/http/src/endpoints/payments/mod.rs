//! Payments and the breaker before the payment provider.

pub(crate) mod by_order;
pub(crate) mod get;
pub(crate) mod reset;
pub(crate) mod status;

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::Response;
use engine::Clock;
use engine::effects::Desk;
use uuid::Uuid;

use crate::api::Api;
use crate::problem::Problem;
use crate::problems::NOT_FOUND;
use crate::respond::json;
use crate::view::payment::PaymentView;

/// What of payments is this instance's own: the breaker.
pub(crate) struct Instance {
    /// None: payments runs elsewhere.
    pub desk: Option<Arc<Desk>>,
    pub clock: Arc<dyn Clock>,
}

/// Answers the payment of an order, or 404.
async fn answer(api: &Api, order_id: Uuid) -> Result<Response, Problem> {
    let payment = api.payment_queries.payment(order_id).await?;
    let payment =
        payment.ok_or_else(|| Problem::new(NOT_FOUND, "nothing was to be paid here for such an order"))?;
    let exchanges = api.payment_queries.exchanges(order_id).await?;
    Ok(json(StatusCode::OK, &PaymentView::new(&payment, &exchanges)))
}
