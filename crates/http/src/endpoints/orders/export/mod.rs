//! `GET /api/v1/orders/export`: all orders that a filter asks for, as one file that is written while it is read.

mod csv;
mod flow;
mod format;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, VARY};
use axum::http::{HeaderMap, HeaderValue, Uri};
use axum::response::Response;
use orders::ListFilter;
use tokio::sync::Semaphore;

use super::filters::{self, Filters};
use crate::api::Api;
use crate::parameters::{self, parameters};
use crate::problem::{Problem, ProblemView};
use crate::problems::saturated;
use crate::view::order::OrderView;
use flow::Flow;
use format::Format;

/// Exports at once. Each keeps a page of orders at the most, and the edge counts a request only until its answer begins.
const MAX_EXPORTS: usize = 16;
/// Orders that are read at a time.
const PAGE: usize = 1_000;

const KNOWN: &[&str] = &{
    let [a, b, c, d, e, f, g, h, i, j, k] = filters::KNOWN;
    ["format", a, b, c, d, e, f, g, h, i, j, k]
};

/// What the exports of a server share.
pub(crate) struct Exports {
    api: Arc<Api>,
    places: Arc<Semaphore>,
}

impl Exports {
    /// No exports yet.
    pub fn new(api: Arc<Api>) -> Self {
        Self { api, places: Arc::new(Semaphore::new(MAX_EXPORTS)) }
    }
}

/// Export orders
///
/// All orders that fit the filters, newest first, as a file of any length. Orders that are placed meanwhile are not in it. It is
/// read as fast as you take it. If something goes wrong on the way, or the server stops, the answer breaks off without its end, so
/// that no client takes half of it for the whole.
///
/// NDJSON has an order per line, as everywhere else. CSV (RFC 4180, UTF-8) has an order per row, under the names of the columns that
/// `ordo orders import` reads where it has them; the lines of an order are in one cell. A cell that a spreadsheet would take for a
/// formula, because it begins with `=`, `+`, `-` or `@`, has an apostrophe before it.
#[utoipa::path(
    get,
    path = "/api/v1/orders/export",
    operation_id = "export_orders",
    tag = "orders",
    params(
        ("format" = Option<String>, Query, description = "`csv` or `ndjson`, for clients that cannot send `Accept`"),
        ("Accept" = Option<String>, Header, description = "`text/csv` or `application/x-ndjson`; the latter if left out"),
        Filters,
    ),
    responses(
        (status = 200, description = "The file", content(
            (OrderView<'static> = "application/x-ndjson"),
            (String = "text/csv"),
        )),
        (status = 400, description = "An unknown or invalid parameter", body = ProblemView<'static>, content_type = "application/problem+json"),
        (status = 406, description = "Neither format will do", body = ProblemView<'static>, content_type = "application/problem+json"),
        (status = 503, description = "Too many exports at once; try again", body = ProblemView<'static>, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn export(
    State(exports): State<Arc<Exports>>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    let (filter, format) = read(&uri, &headers)?;
    let place = Arc::clone(&exports.places).try_acquire_owned().map_err(|_| saturated())?;
    let (queries, leaving) = (Arc::clone(&exports.api.order_queries), exports.api.leaving.clone());
    let flow = Flow::open(queries, filter, format, leaving, place).await?;
    let mut response = Response::new(Body::from_stream(flow.into_stream()));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(format.content_type()));
    headers.insert(CONTENT_DISPOSITION, HeaderValue::from_static(format.disposition()));
    headers.insert(VARY, HeaderValue::from_static("Accept"));
    Ok(response)
}

fn read(uri: &Uri, headers: &HeaderMap) -> Result<(ListFilter, Format), Problem> {
    let (mut filter, mut named) = (ListFilter { limit: PAGE, ..ListFilter::default() }, None);
    for (name, value) in parameters(uri) {
        match &*name {
            "format" => named = Some(Format::named(&value)?),
            name if filters::read(&mut filter, name, &value)? => {}
            unknown => return Err(parameters::unknown(unknown, KNOWN)),
        }
    }
    let format = named.map_or_else(|| Format::accepted(headers), Ok)?;
    Ok((filter, format))
}
