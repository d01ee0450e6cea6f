//! Bodies: JSON, whole, and never larger than the limit.
//!
//! What is too large is not kept, but it is read on for a while and thrown away: a client that is cut off while it sends
//! would see a broken connection instead of the answer.

use std::time::Duration;

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, EXPECT};
use axum::http::{HeaderMap, HeaderValue};
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use serde::de::DeserializeOwned;
use serde_path_to_error::Segment;

use crate::api::{Bounded, Limits};
use crate::problem::Problem;
use crate::problems::{BROKEN_BODY, INVALID_CONTENT, NOT_JSON, NOT_JSON_TYPE, SLOW_BODY, TOO_LARGE};

/// How much of a fault's description is repeated, in characters: it may quote the body.
const MAX_DETAIL: usize = 300;
/// How much of a body that is too large is read on, in bytes.
const DRAINED_BYTES: usize = 64 * 1024 * 1024;
/// For how long.
const DRAIN_TIME: Duration = Duration::from_secs(5);

/// What lines of JSON are called; no name is registered for them.
const LINES_TYPES: [&str; 5] = [
    "application/x-ndjson",
    "application/ndjson",
    "application/jsonl",
    "application/x-jsonlines",
    "application/jsonlines",
];

/// A body that says it is JSON, or does not say what it is.
pub(crate) struct JsonBytes(pub Bytes);

impl<S: Bounded> FromRequest<S> for JsonBytes {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        check_type(&parts.headers)?;
        read(body, &parts.headers, state.limits()).await.map(Self)
    }
}

/// A body of any length that says it is lines of JSON, or does not say what it is. It is not read yet.
pub(crate) struct JsonLines(pub Body);

impl<S: Sync> FromRequest<S> for JsonLines {
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Problem> {
        let is_lines = request.headers().get(CONTENT_TYPE).is_none_or(|value| {
            let essence = essence(value);
            LINES_TYPES.iter().any(|known| essence.eq_ignore_ascii_case(known)) || is_json(essence)
        });
        match is_lines {
            true => Ok(Self(request.into_body())),
            false => Err(Problem::new(NOT_JSON_TYPE, "send lines with Content-Type: application/x-ndjson")),
        }
    }
}

/// Reads JSON that has one shape.
pub(crate) fn json<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(body).map_err(|error| match error.is_data() {
        true => {
            let detail: String = error.to_string().chars().take(MAX_DETAIL).collect();
            Problem::new(INVALID_CONTENT, detail).at(pointer_to_fault::<T>(body), "invalid")
        }
        false => Problem::new(NOT_JSON, format!("the body is not JSON: {error}")),
    })
}

/// Where in the body its fault is, as a JSON Pointer (RFC 6901).
fn pointer_to_fault<T: DeserializeOwned>(body: &[u8]) -> String {
    let read: Result<T, _> =
        serde_path_to_error::deserialize(&mut serde_json::Deserializer::from_slice(body));
    let path = read.err().map(|error| error.path().clone());
    let segments = path.iter().flatten().map(|segment| match segment {
        Segment::Seq { index } => format!("/{index}"),
        Segment::Map { key } => format!("/{}", key.replace('~', "~0").replace('/', "~1")),
        Segment::Enum { .. } | Segment::Unknown => String::new(),
    });
    segments.collect()
}

fn check_type(headers: &HeaderMap) -> Result<(), Problem> {
    match headers.get(CONTENT_TYPE).is_none_or(|value| is_json(essence(value))) {
        true => Ok(()),
        false => Err(Problem::new(NOT_JSON_TYPE, "send the body with Content-Type: application/json")),
    }
}

/// A content type without its parameters.
fn essence(value: &HeaderValue) -> &str {
    value.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim()
}

fn is_json(essence: &str) -> bool {
    let end = essence.get(essence.len().saturating_sub(5)..);
    essence.eq_ignore_ascii_case("application/json")
        || end.is_some_and(|end| end.eq_ignore_ascii_case("+json"))
}

async fn read(mut body: Body, headers: &HeaderMap, limits: &Limits) -> Result<Bytes, Problem> {
    let gathered = gather(&mut body, headers, limits.max_body_bytes);
    match tokio::time::timeout(limits.body_timeout, gathered).await {
        Ok(Ok(Some(whole))) => Ok(whole),
        Ok(Ok(None)) => {
            if !headers.contains_key(EXPECT) {
                let _ = tokio::time::timeout(DRAIN_TIME, drain(body)).await;
            }
            Err(Problem::new(TOO_LARGE, format!("send at most {} bytes", limits.max_body_bytes)))
        }
        Ok(Err(problem)) => Err(problem),
        Err(_) => {
            Err(Problem::new(SLOW_BODY, format!("send the whole body within {:?}", limits.body_timeout)))
        }
    }
}

/// The whole body. None: it is larger than `limit`, and what was read of it is dropped.
async fn gather(body: &mut Body, headers: &HeaderMap, limit: usize) -> Result<Option<Bytes>, Problem> {
    let announced = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    let (mut first, mut joined) = (Bytes::new(), BytesMut::new());
    let mut too_large = announced.is_some_and(|length| length > limit as u64);
    while !too_large {
        let Some(frame) = body.frame().await else {
            return Ok(Some(if joined.is_empty() { first } else { joined.freeze() }));
        };
        let frame = frame.map_err(|error| Problem::new(BROKEN_BODY, error.to_string()))?;
        let Ok(data) = frame.into_data() else { continue };
        too_large = first.len().max(joined.len()) + data.len() > limit;
        if first.is_empty() {
            first = data;
        } else {
            // One frame, as bodies mostly are, is not copied.
            if joined.is_empty() {
                joined.extend_from_slice(&first);
            }
            joined.extend_from_slice(&data);
        }
    }
    Ok(None)
}

async fn drain(mut body: Body) {
    let mut drained = 0;
    while drained < DRAINED_BYTES
        && let Some(Ok(frame)) = body.frame().await
    {
        drained += frame.data_ref().map_or(0, Bytes::len);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use futures::stream;

    use super::*;

    struct Bare(Limits);

    impl Bounded for Bare {
        fn limits(&self) -> &Limits {
            &self.0
        }
    }

    fn chunks(chunks: &'static [&'static str]) -> Body {
        Body::from_stream(stream::iter(chunks.iter().map(|chunk| Ok::<_, std::io::Error>(*chunk))))
    }

    #[tokio::test]
    async fn chunks_are_joined_up_to_the_limit() {
        let (headers, limits) = (HeaderMap::new(), Limits { max_body_bytes: 5, ..Limits::default() });
        for chunks_within in [&["ab", "cd", "e"][..], &["abcde"], &[]] {
            let whole = chunks_within.concat();
            assert_eq!(read(chunks(chunks_within), &headers, &limits).await.unwrap(), whole);
        }
        for chunks_beyond in [&["ab", "cd", "ef"][..], &["abcdef"]] {
            let refused = read(chunks(chunks_beyond), &headers, &limits).await.unwrap_err();
            assert_eq!(refused.kind, TOO_LARGE);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_does_not_come_is_not_waited_for() {
        let body = Body::from_stream(stream::pending::<Result<Bytes, std::io::Error>>());
        let request = Request::new(body);
        let read = JsonBytes::from_request(request, &Bare(Limits::default())).await;
        assert_eq!(read.map(|body| body.0).unwrap_err().kind, SLOW_BODY);
    }

    #[test]
    fn only_json_and_nothing_pass_for_json() {
        for (text, passes) in [
            ("application/json", true),
            ("Application/JSON; charset=utf-8", true),
            ("application/cloudevents+json", true),
            ("text/plain", false),
            ("application/x-www-form-urlencoded", false),
            ("application/jsonp", false),
        ] {
            let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(text))]);
            assert_eq!(check_type(&headers).is_ok(), passes, "{text}");
        }
        assert!(check_type(&HeaderMap::new()).is_ok());
    }

    #[test]
    fn what_is_not_json_and_what_is_not_valid_are_told_apart() {
        assert_eq!(json::<Vec<u8>>(b"[1").unwrap_err().kind, NOT_JSON);
        let invalid = json::<BTreeMap<String, Vec<u8>>>(br#"{"a/b": [1, "x"]}"#).unwrap_err();
        assert_eq!((invalid.kind, &*invalid.errors[0].path), (INVALID_CONTENT, "/a~1b/1"));
        let quoted = json::<u8>(format!("\"{}\"", "x".repeat(1_000)).as_bytes()).unwrap_err();
        assert_eq!(quoted.detail.len(), MAX_DETAIL);
    }
}
