//! Orders.

pub(crate) mod act;
pub(crate) mod batch;
pub(crate) mod cancel;
pub(crate) mod export;
mod filters;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod lookup;
pub(crate) mod place;
pub(crate) mod refund;
pub(crate) mod status;
pub(crate) mod stream;
pub(crate) mod timeline;

use ::orders::Order;
use axum::http::StatusCode;
use axum::http::header::ETAG;
use axum::response::Response;
use uuid::Uuid;

use crate::api::Api;
use crate::conditional::etag;
use crate::problem::Problem;
use crate::problems::no_such_order;
use crate::respond::json;
use crate::view::order::OrderView;

/// The order, or 404.
pub(crate) async fn find(api: &Api, id: Uuid) -> Result<Order, Problem> {
    api.order_queries.order(id).await?.ok_or_else(no_such_order)
}

/// Answers the order with its entity tag.
pub(crate) fn answer(status: StatusCode, order: &Order) -> Response {
    let mut response = json(status, &OrderView::from(order));
    response.headers_mut().insert(ETAG, etag(order.version));
    response
}
