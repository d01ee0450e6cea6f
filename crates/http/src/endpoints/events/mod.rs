//! `GET /api/v1/events`: the public events of all services, as they are published.

mod feed;
mod filter;

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use futures::{StreamExt, stream};

use crate::api::Api;
use crate::live::response;
use crate::metrics::Stream;
use crate::parameters::last_event_id;
use crate::problem::{Problem, ProblemView};
use crate::view::event::EventView;
use feed::Feed;

/// Follow all events
///
/// Server-sent events, from now on. Each is an `event`, its data the CloudEvent as JSON. Within an order they come as they
/// were published, beyond that roughly so. Whoever comes back with the `Last-Event-ID`, to any instance, gets what he
/// missed as long as the logs still have it, and so does a client that is slow. Where something may be missing comes a `gap`.
#[utoipa::path(
    get,
    path = "/api/v1/events",
    operation_id = "follow_events",
    tag = "operations",
    params(
        ("type" = Option<String>, Query, description = "Only events of this type; may be given several times"),
        ("order_id" = Option<Uuid>, Query, description = "Only events about this order"),
        ("topic" = Option<String>, Query, description = "Only events that brokers carry on this topic: `order-events`, `payment-events`, `processing-events`, `catalog-events`"),
        ("Last-Event-ID" = Option<String>, Header, description = "The id of the last event you have"),
        ("last_event_id" = Option<String>, Query, description = "The same, for clients that cannot send the header"),
    ),
    responses(
        (status = 200, description = "Events without end", body = EventView<'static>, content_type = "text/event-stream"),
        (status = 400, description = "An unknown or invalid parameter", body = ProblemView<'static>, content_type = "application/problem+json"),
        (status = 503, description = "As many streams are open as may be", body = ProblemView<'static>, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn events(
    State(api): State<Arc<Api>>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    let (filter, parameter) = filter::read(&uri)?;
    let place = api.live.place(Stream::Events, &api.leaving)?;
    let token = last_event_id(&headers, parameter.as_deref());
    let feed = Feed::open(&api.live, filter, place, token).await?;
    let opening = feed.opening();
    Ok(response(stream::once(async { opening }).chain(stream::unfold(feed, Feed::next))))
}
