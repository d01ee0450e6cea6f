//! `POST /api/v1/dead-letters/{id}/discard`: gives a dead letter up.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use engine::RepairAct;
use serde::Deserialize;
use utoipa::ToSchema;

use super::act;
use crate::api::Api;
use crate::body::JsonBytes;
use crate::endpoints::orders::act::{body, checked};
use crate::path::Name;
use crate::problem::{Problem, ProblemView};
use crate::view::dead_letter::LetterView;

/// Why.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DiscardDeadLetter)]
pub(crate) struct DiscardBody {
    /// For people, at most 1000 characters.
    reason: String,
}

/// Give a dead letter up
///
/// It is passed over, and what waits behind it follows. The order's timeline tells who did it, and why.
#[utoipa::path(
    post,
    path = "/api/v1/dead-letters/{id}/discard",
    operation_id = "discard_dead_letter",
    tag = "operations",
    params(("id" = String, Path, description = "The dead letter's id")),
    request_body(content = DiscardBody, content_type = "application/json"),
    responses(
        (status = 200, description = "The dead letter as it stands now", body = LetterView),
        (status = 404, description = "There is no such dead letter", body = ProblemView<'static>, content_type = "application/problem+json"),
        (status = 409, description = "It is not dead any more", body = ProblemView<'static>, content_type = "application/problem+json"),
        (status = 422, description = "Invalid content", body = ProblemView<'static>, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn discard(
    State(api): State<Arc<Api>>,
    Name(id): Name,
    JsonBytes(given): JsonBytes,
) -> Result<Response, Problem> {
    let DiscardBody { reason } = body(&given)?;
    let reason = Some(checked(reason)?);
    act::perform(&api, &id, RepairAct::Discard, reason).await
}
