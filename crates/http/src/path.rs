//! Ids in paths. One that is malformed is the id of nothing: 404, never 400.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use uuid::Uuid;

use crate::problem::Problem;
use crate::problems::{NOT_FOUND, no_such_notification, no_such_order};

/// The id of an order, from the path's only parameter.
pub(crate) struct OrderId(pub Uuid);

impl<S: Send + Sync> FromRequestParts<S> for OrderId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Path::<Uuid>::from_request_parts(parts, state).await {
            Ok(Path(id)) => Ok(Self(id)),
            Err(_) => Err(no_such_order()),
        }
    }
}

/// The id of a notification, from the path's only parameter.
pub(crate) struct NotificationId(pub Uuid);

impl<S: Send + Sync> FromRequestParts<S> for NotificationId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Path::<Uuid>::from_request_parts(parts, state).await {
            Ok(Path(id)) => Ok(Self(id)),
            Err(_) => Err(no_such_notification()),
        }
    }
}

/// The name of something, from the path's only parameter.
pub(crate) struct Name(pub String);

impl<S: Send + Sync> FromRequestParts<S> for Name {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Path::<String>::from_request_parts(parts, state).await {
            Ok(Path(name)) => Ok(Self(name)),
            Err(_) => Err(Problem::new(NOT_FOUND, "the path is not well-formed text")),
        }
    }
}
