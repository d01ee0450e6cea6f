//! Pages for people who read the API: Swagger UI, ReDoc, the events, and the documents behind them (OpenAPI, AsyncAPI). All
//! from the binary, nothing from elsewhere.

mod events;
mod redoc;
mod swagger;

use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;

use crate::asyncapi;
use crate::problems::internal;
use crate::respond::raw_json;
use crate::routes::Routes;

/// Where the document is.
const DOCUMENT: &str = "/openapi.json";
/// Where the one about events is.
const EVENTS_DOCUMENT: &str = "/asyncapi.json";
/// Where it can be read.
pub(crate) const EVENTS_PAGE: &str = "/docs/events";

/// Adds the pages. They describe the routes that were added before.
pub(crate) fn add(routes: Routes) -> Routes {
    let document = routes.document().to_pretty_json().map(Bytes::from).map_err(|error| error.to_string());
    let document = move || async move {
        match document {
            Ok(text) => raw_json(StatusCode::OK, text),
            Err(error) => internal(&error).into_response(),
        }
    };
    add_events(routes)
        .page(DOCUMENT, get(document))
        .page("/docs", get(swagger::index))
        .page("/swagger", get(swagger::index))
        .page("/swagger/{*file}", get(swagger::file))
        .page("/redoc", get(redoc::index))
        .page(redoc::SCRIPT, get(redoc::script))
}

/// What goes over brokers, for programs and for people.
fn add_events(routes: Routes) -> Routes {
    let document = asyncapi::document();
    let text = Bytes::from(format!("{document:#}"));
    let html = Bytes::from(events::html(&document));
    routes
        .page(EVENTS_DOCUMENT, get(move || async move { raw_json(StatusCode::OK, text) }))
        .page(EVENTS_PAGE, get(move || async move { page("text/html; charset=utf-8", events::POLICY, html) }))
}

/// A page, with what it may load.
fn page(content_type: &str, policy: &'static str, body: impl Into<axum::body::Body>) -> Response {
    let mut response = Response::new(body.into());
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(content_type) {
        headers.insert(CONTENT_TYPE, value);
    }
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600"));
    headers.insert(HeaderName::from_static("x-content-type-options"), HeaderValue::from_static("nosniff"));
    response
}
