//! `GET /api/v1/dead-letters/{id}`: one dead letter, whole.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use crate::api::Api;
use crate::path::Name;
use crate::problem::{Problem, ProblemView};
use crate::respond::json;
use crate::view::dead_letter::LetterView;

/// Get a dead letter
///
/// With what it says, as long as it is set aside. What is not kept is null.
#[utoipa::path(
    get,
    path = "/api/v1/dead-letters/{id}",
    operation_id = "get_dead_letter",
    tag = "operations",
    params(("id" = String, Path, description = "The dead letter's id")),
    responses(
        (status = 200, description = "The dead letter", body = LetterView),
        (status = 404, description = "There is no such dead letter", body = ProblemView<'static>, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn get(State(api): State<Arc<Api>>, Name(id): Name) -> Result<Response, Problem> {
    Ok(json(StatusCode::OK, &super::find(&api, &id).await?.view()))
}
