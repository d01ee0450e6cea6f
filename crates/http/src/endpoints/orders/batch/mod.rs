//! `POST /api/v1/orders/batch`: places many orders, one per line, answered line by line while they still come.

mod flow;
mod lines;
mod window;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use tokio::sync::Semaphore;

use crate::api::Api;
use crate::body::JsonLines;
use crate::idempotency::IdempotencyKey;
use crate::problem::{Problem, ProblemView};
use crate::problems::saturated;
use crate::view::forms::PlaceOrder;
use flow::{Flow, Progress};
use window::LineView;

/// Batches at once. Each keeps some megabytes at the most, and the edge counts a request only until its answer begins.
const MAX_BATCHES: usize = 16;

/// What the batches of a server share.
pub(crate) struct Batches {
    api: Arc<Api>,
    batches: Arc<Semaphore>,
    lines: Arc<Semaphore>,
}

impl Batches {
    /// No batches yet. Together they take half of the queue, and leave the other half to those who place one order.
    pub fn new(api: Arc<Api>) -> Self {
        let lines = Semaphore::new((api.orders.capacity() / 2).max(1));
        Self { api, batches: Arc::new(Semaphore::new(MAX_BATCHES)), lines: Arc::new(lines) }
    }
}

/// Place many orders
///
/// One order per line, in any of the five forms; one answer per line, in the order of the lines, while later lines are
/// still being sent. So read the answers while you send: who does not read is not read. A line that is refused stops no other
/// one. Blank lines are passed over, and counted. The body may be of any length; a line may have as many bytes as another
/// request's body.
///
/// Line n has the header's `Idempotency-Key` with `/n` behind it. When there is too much to do the lines are read more
/// slowly instead of being refused. If nothing comes for too long (408), or the server stops (503), the first line that was
/// not read is answered so, and is the last: send the batch again under the same key, or what is left of it under another one.
#[utoipa::path(
    post,
    path = "/api/v1/orders/batch",
    operation_id = "place_orders",
    tag = "orders",
    params(("Idempotency-Key" = Option<String>, Header, description = "Your name for this attempt, at most 255 characters")),
    request_body(content = PlaceOrder, description = "Lines, each of them an order", content_type = "application/x-ndjson"),
    responses(
        (status = 200, description = "Lines, each of them an answer", body = LineView<'static>, content_type = "application/x-ndjson"),
        (status = 400, description = "An invalid Idempotency-Key", body = ProblemView<'static>, content_type = "application/problem+json"),
        (status = 415, description = "Not sent as lines of JSON", body = ProblemView<'static>, content_type = "application/problem+json"),
        (status = 503, description = "Too many batches at once; try again", body = ProblemView<'static>, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn batch(
    State(batches): State<Arc<Batches>>,
    key: IdempotencyKey,
    JsonLines(body): JsonLines,
) -> Result<Response, Problem> {
    let place = Arc::clone(&batches.batches).try_acquire_owned().map_err(|_| saturated())?;
    let flow = Flow {
        api: Arc::clone(&batches.api),
        key,
        body,
        share: Arc::clone(&batches.lines),
        leaving: batches.api.leaving.clone(),
        _place: place,
        progress: Progress::new(batches.api.limits.max_body_bytes),
    };
    let mut response = Response::new(flow.into_body());
    *response.status_mut() = StatusCode::OK;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/x-ndjson"));
    Ok(response)
}
