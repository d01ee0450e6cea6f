//! Pages for people who read the API: Swagger UI, ReDoc, the OpenAPI document. All from the binary, nothing from elsewhere.

mod redoc;
mod swagger;

use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;

use crate::problems::internal;
use crate::respond::raw_json;
use crate::routes::Routes;

/// Where the document is.
const DOCUMENT: &str = "/openapi.json";

/// Adds the pages. They describe the routes that were added before.
pub(crate) fn add(routes: Routes) -> Routes {
    let document = routes.document().to_pretty_json().map(Bytes::from).map_err(|error| error.to_string());
    let document = move || async move {
        match document {
            Ok(text) => raw_json(StatusCode::OK, text),
            Err(error) => internal(&error).into_response(),
        }
    };
    routes
        .page(DOCUMENT, get(document))
        .page("/docs", get(swagger::index))
        .page("/swagger", get(swagger::index))
        .page("/swagger/{*file}", get(swagger::file))
        .page("/redoc", get(redoc::index))
        .page(redoc::SCRIPT, get(redoc::script))
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
