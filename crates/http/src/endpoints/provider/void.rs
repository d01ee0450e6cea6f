//! `POST /api/v1/payments/void`: sees to it that nothing is charged under a key from now on.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use provider::Operation;
use provider::wire::VoidBody;

use super::perform::{Halt, begin, perform};
use super::schema;
use crate::api::ProviderApi;
use crate::body::{JsonBytes, json};
use crate::problem::ProblemView;

/// Void a key
#[utoipa::path(
    post,
    path = "/api/v1/payments/void",
    operation_id = "void_charge",
    tag = "provider",
    request_body(content = schema::Void, content_type = "application/json"),
    responses(
        (status = 200, description = "Voided, or captured before and left so", body = schema::PaymentAnswer),
        (status = 422, description = "Invalid content", body = ProblemView<'static>, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn void(
    State(api): State<Arc<ProviderApi>>,
    JsonBytes(body): JsonBytes,
) -> Result<Response, Halt> {
    let body = json::<VoidBody>(&body)?;
    let rest = begin(&api, Operation::Change, &body.charge_key).await?;
    let (key, input) = body.read()?;
    perform(&api, key, input, rest).await
}
