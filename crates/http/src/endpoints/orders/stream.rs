//! `GET /api/v1/orders/{id}/stream`: what happens to an order, as it happens.

use std::sync::Arc;
use std::vec::IntoIter;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use futures::{StreamExt, stream};
use orders::Queries;
use orders::timeline::Placed;
use tokio::time::Instant;
use uuid::Uuid;

use super::timeline::EntryView;
use crate::api::Api;
use crate::live::{Frame, HEARTBEAT, Place, RETRY, Waited, Watch, response};
use crate::metrics::Stream;
use crate::parameters::{self, LAST_EVENT_ID, last_event_id, parameters};
use crate::path::OrderId;
use crate::problem::{Problem, ProblemView};

/// Follow an order
///
/// Server-sent events: first what has happened already, then the rest as it happens. Each is an `entry`, its id the
/// entry's `seq`, its data the entry as the timeline has it. The stream does not end with the order, since money may be
/// given back later; it ends when you leave or the server stops. Whoever comes back with the `Last-Event-ID`, to any
/// instance, misses nothing.
#[utoipa::path(
    get,
    path = "/api/v1/orders/{id}/stream",
    operation_id = "follow_order",
    tag = "orders",
    params(
        ("id" = Uuid, Path, description = "The order's id"),
        ("Last-Event-ID" = Option<String>, Header, description = "The `seq` of the last entry you have: only later ones are sent"),
        ("last_event_id" = Option<String>, Query, description = "The same, for clients that cannot send the header"),
    ),
    responses(
        (status = 200, description = "Entries, oldest first, without end", body = EntryView<'static>, content_type = "text/event-stream"),
        (status = 400, description = "An unknown parameter", body = ProblemView<'static>, content_type = "application/problem+json"),
        (status = 404, description = "There is no such order", body = ProblemView<'static>, content_type = "application/problem+json"),
        (status = 503, description = "As many streams are open as may be", body = ProblemView<'static>, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn stream(
    State(api): State<Arc<Api>>,
    OrderId(id): OrderId,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    let seen = read(&headers, &uri)?;
    let place = api.live.place(Stream::Order, &api.leaving)?;
    // Before the timeline is read, so that nothing falls between the two.
    let watch = api.live.watch(id);
    let entries = entries(&api, id, seen).await?;
    let seen = entries.first().map_or(seen, |first| first.seq - 1);
    let queries = Arc::clone(&api.order_queries);
    let story = Story { queries, id, watch, place, seen, known: seen, entries: entries.into_iter() };
    let opening = stream::once(async { Frame::opening().finish() });
    Ok(response(opening.chain(stream::unfold(story, Story::next))))
}

/// The entry that the client has seen last, 0 if it has seen none.
fn read(headers: &HeaderMap, uri: &Uri) -> Result<u64, Problem> {
    let mut parameter = None;
    for (name, value) in parameters(uri) {
        match &*name {
            LAST_EVENT_ID => parameter = Some(value),
            unknown => return Err(parameters::unknown(unknown, &[LAST_EVENT_ID])),
        }
    }
    let seen = last_event_id(headers, parameter.as_deref());
    Ok(seen.and_then(|seen| seen.parse().ok()).unwrap_or(0))
}

/// The entries behind the one that was seen last; all of them if there is no such entry.
async fn entries(api: &Api, id: Uuid, seen: u64) -> Result<Vec<Placed>, Problem> {
    if seen > 0 {
        let mut entries = api.order_queries.timeline(id, seen - 1).await?;
        if entries.first().is_some_and(|first| first.seq == seen) {
            entries.remove(0);
            return Ok(entries);
        }
    }
    let entries = api.order_queries.timeline(id, 0).await?;
    if entries.is_empty() {
        // Every order has an entry from its start.
        super::find(api, id).await?;
    }
    Ok(entries)
}

/// An order's stream, as far as its client has come.
struct Story {
    queries: Arc<dyn Queries>,
    id: Uuid,
    watch: Watch,
    place: Place,
    /// The last entry that was sent.
    seen: u64,
    /// How many entries there were when they were read last.
    known: u64,
    /// What was read and not sent yet: an order's whole history at most.
    entries: IntoIter<Placed>,
}

impl Story {
    /// What to send next. None: the process stops.
    async fn next(mut self) -> Option<(Bytes, Self)> {
        let until = Instant::now() + HEARTBEAT;
        loop {
            if self.place.is_over() {
                return None;
            }
            if let Some(placed) = self.entries.next() {
                self.seen = placed.seq;
                let entry = EntryView::from(&placed);
                return Some((Frame::event("entry").id(&placed.seq).data(&entry).finish(), self));
            }
            let moved = match self.place.wait(until, self.watch.beyond(self.known.max(self.seen))).await {
                Waited::Came(entries) => self.look(entries, until).await,
                Waited::Quiet => Waited::Quiet,
                Waited::Over => Waited::Over,
            };
            match moved {
                Waited::Came(()) => {}
                Waited::Quiet => return Some((Frame::heartbeat().finish(), self)),
                Waited::Over => return None,
            }
        }
    }

    /// Reads on, now that there are so many entries. A database that is away is asked again a little later.
    async fn look(&mut self, entries: u64, until: Instant) -> Waited<()> {
        match self.place.wait(until, self.queries.timeline(self.id, self.seen)).await {
            Waited::Came(Ok(read)) => (self.known, self.entries) = (entries, read.into_iter()),
            Waited::Came(Err(fault)) => {
                tracing::debug!(%fault, order_id = %self.id, "a stream cannot read on");
                return self.place.pause(until, RETRY).await;
            }
            Waited::Quiet => return Waited::Quiet,
            Waited::Over => return Waited::Over,
        }
        Waited::Came(())
    }
}
