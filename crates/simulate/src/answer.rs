//! What a server answered, as far as a load run looks at it.

use std::time::Duration;

use bytes::Bytes;
use http::{
    HeaderMap,
    header::{LOCATION, RETRY_AFTER},
    response::Parts,
};
use uuid::Uuid;

/// What a server answered.
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// `Retry-After` in seconds, if it was given so.
    pub retry_after: Option<Duration>,
    /// The id at the end of `Location`.
    pub id: Option<Uuid>,
    /// The body; empty unless it was asked for.
    pub body: Bytes,
}

impl Answer {
    /// Reads the head; a header that is missing or malformed counts as not given.
    pub fn of(head: &Parts, body: Bytes) -> Self {
        let (retry_after, id) = (retry_after(&head.headers), id(&head.headers));
        Self { status: head.status.as_u16(), retry_after, id, body }
    }
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

fn id(headers: &HeaderMap) -> Option<Uuid> {
    headers.get(LOCATION)?.to_str().ok()?.trim_end_matches('/').rsplit('/').next()?.parse().ok()
}
