//! The end of the server, for answers that have no end of their own.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use tokio_util::sync::CancellationToken;

/// An extension that the listener gives to every request: it is cancelled when the server is asked to stop. Streams end
/// then, so that nobody waits out the shutdown deadline for them. Without it they go on until the connection is cut.
#[derive(Clone, Debug, Default)]
pub struct Closing(pub CancellationToken);

impl<S: Sync> FromRequestParts<S> for Closing {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_default())
    }
}
