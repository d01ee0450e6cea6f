//! Problem details (RFC 9457): the one body of every answer that is not a success.

use std::borrow::Cow;

use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

/// A kind of problem: what its type, title and status are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    /// The end of the type URI, `/problems/<slug>`. Clients match on it, so it never changes.
    pub slug: &'static str,
    /// The kind in a few words, the same for every occurrence.
    pub title: &'static str,
    /// The HTTP status.
    pub status: StatusCode,
}

/// A problem that occurred. The path it occurred at is filled in on the way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// Its kind.
    pub kind: Kind,
    /// What happened this time, and what to do about it.
    pub detail: Cow<'static, str>,
    /// The fields that are at fault.
    pub errors: Vec<FieldProblem>,
    /// When to try again, in seconds.
    pub retry_after_s: Option<u64>,
}

/// One field that is at fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct FieldProblem {
    /// JSON Pointer to the field; empty for the whole body, the name for a query parameter.
    #[schema(example = "/items/0/quantity")]
    pub path: String,
    /// What is wrong, in a word that clients may match on.
    #[schema(example = "out_of_range")]
    pub code: Cow<'static, str>,
    /// What to do about it.
    pub message: String,
}

/// A problem as it is written.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem, description = "Problem details (RFC 9457).")]
pub(crate) struct ProblemView<'a> {
    /// The kind of problem, a relative URI that stays the same.
    #[serde(rename = "type")]
    #[schema(value_type = String, example = "/problems/invalid-content")]
    kind: Type,
    /// The kind in a few words.
    title: &'a str,
    /// The HTTP status.
    #[schema(example = 422)]
    status: u16,
    /// What happened this time, and what to do about it.
    detail: &'a str,
    /// The path of the request.
    #[schema(example = "/api/v1/orders")]
    instance: &'a str,
    /// The fields that are at fault.
    errors: &'a [FieldProblem],
}

/// A type URI.
struct Type(&'static str);

impl Serialize for Type {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("/problems/{}", self.0))
    }
}

impl Problem {
    /// A problem of that kind.
    pub fn new(kind: Kind, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { kind, detail: detail.into(), errors: Vec::new(), retry_after_s: None }
    }

    /// With a field that is at fault.
    #[must_use]
    pub fn at(mut self, path: impl Into<String>, code: impl Into<Cow<'static, str>>) -> Self {
        let message = self.detail.clone().into_owned();
        self.errors.push(FieldProblem { path: path.into(), code: code.into(), message });
        self
    }

    /// With the time after which to try again.
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after_s = Some(seconds);
        self
    }

    /// As it is written in the answer to a request for `instance`.
    pub fn view<'a>(&'a self, instance: &'a str) -> ProblemView<'a> {
        let Kind { slug, title, status } = self.kind;
        ProblemView {
            kind: Type(slug),
            title,
            status: status.as_u16(),
            detail: &self.detail,
            instance,
            errors: &self.errors,
        }
    }

    /// The answer to a request for `instance`.
    pub fn render(&self, instance: &str) -> Response {
        let body = serde_json::to_vec(&self.view(instance)).unwrap_or_default();
        let mut response = (self.kind.status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.retry_after_s {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// The edge renders it, since it knows the path. Until then the response carries the problem itself.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.kind.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problems;

    #[tokio::test]
    async fn a_problem_is_written_as_rfc_9457_says() {
        let problem = Problem::new(problems::INVALID_CONTENT, "the quantity must be 1 to 1000000")
            .at("/items/0/quantity", "out_of_range")
            .retry_after(2);
        let response = problem.render("/api/v1/orders");
        assert_eq!(response.headers()[CONTENT_TYPE], "application/problem+json");
        assert_eq!(response.headers()[RETRY_AFTER], "2");
        let body = axum::body::to_bytes(response.into_body(), 4096).await.unwrap();
        insta::assert_snapshot!(String::from_utf8(body.to_vec()).unwrap(), @r#"{"type":"/problems/invalid-content","title":"The content is not valid","status":422,"detail":"the quantity must be 1 to 1000000","instance":"/api/v1/orders","errors":[{"path":"/items/0/quantity","code":"out_of_range","message":"the quantity must be 1 to 1000000"}]}"#);
    }
}
