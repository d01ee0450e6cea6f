//! Frames: what is sent, as the HTML standard writes it (section 9.2, server-sent events).

use std::convert::Infallible;
use std::fmt::{Display, Write};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName};
use axum::response::Response;
use futures::{Stream, StreamExt};
use serde::Serialize;

/// How long a stream may be silent. Proxies give up on connections that are silent for a minute or half of one.
pub(crate) const HEARTBEAT: Duration = Duration::from_secs(15);
/// How long a client is to wait before it comes again.
pub(crate) const RETRY: Duration = Duration::from_secs(1);
/// Tells proxies like nginx to hold nothing back.
const BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// A frame that is being written.
pub(crate) struct Frame(String);

impl Frame {
    /// What a stream begins with: when to come again, should it break.
    pub fn opening() -> Self {
        Self(format!("retry: {}\n", RETRY.as_millis()))
    }

    /// A comment, which clients pass over.
    pub fn heartbeat() -> Self {
        Self(":\n".to_owned())
    }

    /// Something that happened.
    pub fn event(name: &str) -> Self {
        Self(format!("event: {name}\n"))
    }

    /// Where the client is to go on, should the stream break. In a frame without data it is noted and nothing else.
    #[must_use]
    pub fn id(mut self, id: &impl Display) -> Self {
        // Writing to a String cannot fail.
        let _ = writeln!(self.0, "id: {id}");
        self
    }

    /// What is told, as JSON. It may have been written by others with line breaks between its parts.
    #[must_use]
    pub fn data(mut self, data: &impl Serialize) -> Self {
        let text = serde_json::to_string(data).unwrap_or_default();
        for line in text.split(['\n', '\r']) {
            let _ = writeln!(self.0, "data: {line}");
        }
        self
    }

    /// As it is sent.
    pub fn finish(mut self) -> Bytes {
        self.0.push('\n');
        self.0.into()
    }
}

/// The answer that frames go out with.
pub(crate) fn response(frames: impl Stream<Item = Bytes> + Send + 'static) -> Response {
    let mut response = Response::new(Body::from_stream(frames.map(Ok::<_, Infallible>)));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(BUFFERING, HeaderValue::from_static("no"));
    response
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;

    use super::*;

    #[test]
    fn a_frame_ends_with_an_empty_line_and_breaks_none() {
        let data = RawValue::from_string("{\"a\":\n1}".to_owned()).unwrap();
        let frame = Frame::event("entry").id(&7).data(&data).finish();
        assert_eq!(frame, "event: entry\nid: 7\ndata: {\"a\":\ndata: 1}\n\n");
        assert_eq!(Frame::opening().finish(), "retry: 1000\n\n");
        assert_eq!(Frame::heartbeat().id(&"1.2").finish(), ":\nid: 1.2\n\n");
    }
}
