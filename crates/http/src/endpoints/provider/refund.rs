//! `POST /api/v1/payments/refund`: gives back what a charge captured, or a part of it.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use provider::Operation;
use provider::wire::RefundBody;

use super::perform::{Halt, begin, perform, required};
use super::schema;
use crate::api::ProviderApi;
use crate::body::{JsonBytes, json};
use crate::idempotency::IdempotencyKey;
use crate::problem::ProblemView;

/// Refund a charge
#[utoipa::path(
    post,
    path = "/api/v1/payments/refund",
    operation_id = "refund_charge",
    tag = "provider",
    params(("Idempotency-Key" = String, Header, description = "The refund's key")),
    request_body(content = schema::Refund, content_type = "application/json"),
    responses(
        (status = 200, description = "Refunded", body = schema::PaymentAnswer),
        (status = 404, description = "There is no such charge", body = ProblemView<'static>, content_type = "application/problem+json"),
        (status = 409, description = "More than is left of the charge", body = ProblemView<'static>, content_type = "application/problem+json"),
        (status = 422, description = "Invalid, or the key was used with other content", body = ProblemView<'static>, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn refund(
    State(api): State<Arc<ProviderApi>>,
    key: IdempotencyKey,
    JsonBytes(body): JsonBytes,
) -> Result<Response, Halt> {
    let text = required(key)?;
    let rest = begin(&api, Operation::Change, &text).await?;
    let (charge, input) = json::<RefundBody>(&body)?.read(text, api.default_currency)?;
    perform(&api, charge, input, rest).await
}
