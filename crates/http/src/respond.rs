//! Answers in JSON, written once, straight into the body.

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::problems::internal;

/// What a usual answer takes, in bytes.
const USUAL_BYTES: usize = 1024;

/// Answers `content` as JSON.
pub(crate) fn json<T: Serialize>(status: StatusCode, content: &T) -> Response {
    let mut text = Vec::with_capacity(USUAL_BYTES);
    match serde_json::to_writer(&mut text, content) {
        Ok(()) => raw_json(status, text),
        Err(error) => internal(&error.to_string()).into_response(),
    }
}

/// Answers text that is JSON already.
pub(crate) fn raw_json(status: StatusCode, text: impl Into<Body>) -> Response {
    let mut response = Response::new(text.into());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
