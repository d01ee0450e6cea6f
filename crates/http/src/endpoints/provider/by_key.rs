//! `GET /api/v1/payments/by-key/{key}`: what is known under the key of a charge.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use provider::Operation;
use provider::wire::{LedgerEntry, read_key};

use super::perform::{Halt, begin};
use super::schema;
use crate::api::ProviderApi;
use crate::path::Name;
use crate::problem::{Problem, ProblemView};
use crate::problems::NOT_FOUND;
use crate::respond::json;

/// Look a charge up
///
/// A 404 says that nothing was heard under the key so far; only a void makes that final.
#[utoipa::path(
    get,
    path = "/api/v1/payments/by-key/{key}",
    operation_id = "look_up_charge",
    tag = "provider",
    params(("key" = String, Path, description = "The charge's idempotency key")),
    responses(
        (status = 200, description = "What is known under it", body = schema::LedgerEntry),
        (status = 404, description = "Nothing so far", body = ProblemView<'static>, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn by_key(State(api): State<Arc<ProviderApi>>, Name(text): Name) -> Result<Response, Halt> {
    begin(&api, Operation::Look, &text).await?;
    let nothing = || Problem::new(NOT_FOUND, "nothing was heard under this key so far");
    let Ok(key) = read_key(&text) else { return Err(nothing().into()) };
    let charge = api.ledger.by_key(&key).await?.ok_or_else(nothing)?;
    Ok(json(StatusCode::OK, &LedgerEntry::from(charge)))
}
