//! `GET /api/v1/orders/{id}/timeline`: what happened to an order.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use orders::timeline::{EntryKind, Particulars, Placed};
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::Api;
use crate::path::OrderId;
use crate::problem::{Problem, ProblemView};
use crate::respond::json;

/// An entry of an order's timeline.
#[derive(Serialize, ToSchema)]
#[schema(as = TimelineEntry)]
pub(crate) struct EntryView<'a> {
    /// 1, 2, 3 without gaps.
    seq: u64,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// What sort of thing happened: `event`, `attempt`, `payment`, `notification`, `operator`.
    #[schema(value_type = String, example = "event")]
    kind: EntryKind,
    /// What happened.
    #[serde(rename = "type")]
    #[schema(example = "order.created")]
    kind_of: &'a str,
    /// What happened, in a sentence.
    message: &'a str,
    /// Who did it.
    actor: &'a str,
    /// The particulars, an object or null.
    #[schema(value_type = Option<Object>, required)]
    data: Option<&'a Particulars>,
}

impl<'a> From<&'a Placed> for EntryView<'a> {
    fn from(Placed { seq, at, entry }: &'a Placed) -> Self {
        Self {
            seq: *seq,
            at: *at,
            kind: entry.kind,
            kind_of: &entry.kind_of,
            message: &entry.message,
            actor: &entry.actor,
            data: entry.data.as_ref(),
        }
    }
}

/// Get what happened to an order
#[utoipa::path(
    get,
    path = "/api/v1/orders/{id}/timeline",
    operation_id = "get_order_timeline",
    tag = "orders",
    params(("id" = Uuid, Path, description = "The order's id")),
    responses(
        (status = 200, description = "What happened, oldest first", body = Vec<EntryView<'static>>),
        (status = 404, description = "There is no such order", body = ProblemView<'static>, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn timeline(State(api): State<Arc<Api>>, OrderId(id): OrderId) -> Result<Response, Problem> {
    let entries = api.order_queries.timeline(id, 0).await?;
    if entries.is_empty() {
        // Every order has an entry from its start.
        super::find(&api, id).await?;
    }
    Ok(json(StatusCode::OK, &entries.iter().map(EntryView::from).collect::<Vec<_>>()))
}

#[cfg(test)]
mod tests {
    use crate::tests::orders::priced_order;
    use crate::tests::{Shop, get};

    #[tokio::test]
    async fn what_happened() {
        let shop = Shop::new();
        shop.keep(priced_order());
        let response = shop.ask(get(&format!("/api/v1/orders/{}/timeline", priced_order().id))).await;
        insta::assert_json_snapshot!("order_timeline", response.json());
        let response = shop.ask(get("/api/v1/orders/018f0000-0000-7000-8000-000000000000/timeline")).await;
        assert_eq!(response.status, 404);
    }
}
