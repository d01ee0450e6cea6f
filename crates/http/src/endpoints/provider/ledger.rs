//! `GET /api/v1/provider/ledger`: what was charged, voided and refunded.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use engine::Key;
use provider::wire::{LedgerEntry, LedgerPage, read_key};

use super::schema;
use crate::api::ProviderApi;
use crate::parameters::{self, DEFAULT_LIMIT, parameters};
use crate::problem::{Problem, ProblemView};
use crate::problems::INVALID_CURSOR;
use crate::respond::json;

/// Read the ledger
#[utoipa::path(
    get,
    path = "/api/v1/provider/ledger",
    operation_id = "read_ledger",
    tag = "provider",
    params(
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 1000, description = "How many, 100 if left out"),
        ("after" = Option<String>, Query, description = "The `next` of the page before"),
    ),
    responses(
        (status = 200, description = "A page, and what the whole ledger comes to", body = schema::LedgerPage),
        (status = 400, description = "An unknown or invalid parameter", body = ProblemView<'static>, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn ledger(State(api): State<Arc<ProviderApi>>, uri: Uri) -> Result<Response, Problem> {
    let (limit, after) = read(&uri)?;
    let mut charges = api.ledger.page(after.as_ref(), limit + 1).await?;
    let has_next = charges.len() > limit;
    charges.truncate(limit);
    let next = charges.last().filter(|_| has_next).map(|charge| charge.key.to_string());
    let totals = api.ledger.totals().await?.into();
    let entries = charges.into_iter().map(LedgerEntry::from).collect();
    Ok(json(StatusCode::OK, &LedgerPage { entries, next, totals }))
}

fn read(uri: &Uri) -> Result<(usize, Option<Key>), Problem> {
    let (mut limit, mut after) = (DEFAULT_LIMIT, None);
    for (name, value) in parameters(uri) {
        match &*name {
            "limit" => limit = parameters::limit(&value)?,
            "after" => {
                let key = read_key(&value);
                after =
                    Some(key.map_err(|error| {
                        Problem::new(INVALID_CURSOR, error.message).at("after", error.code)
                    })?);
            }
            unknown => return Err(parameters::unknown(unknown, &["limit", "after"])),
        }
    }
    Ok((limit, after))
}

#[cfg(test)]
mod tests {
    use crate::tests::get;
    use crate::tests::provider::Bank;

    #[tokio::test]
    async fn the_ledger_is_read_page_by_page() {
        let bank = Bank::new();
        (1..=3).for_each(|number| bank.keep(number));
        let first = bank.ask(get("/api/v1/provider/ledger?limit=2")).await.json();
        assert_eq!((first["entries"].as_array().unwrap().len(), &first["next"]), (2, &"charge-2".into()));
        let last = bank.ask(get("/api/v1/provider/ledger?limit=2&after=charge-2")).await;
        insta::assert_json_snapshot!("ledger", last.json());
        assert_eq!(bank.ask(get("/api/v1/provider/ledger?page=2")).await.status, 400);
        assert_eq!(bank.ask(get("/api/v1/payments/by-key/charge-2")).await.json()["status"], "voided");
        assert_eq!(bank.ask(get("/api/v1/payments/by-key/charge-9")).await.status, 404);
    }
}
