//! `GET` and `PUT /api/v1/provider/settings`: how the provider behaves.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use provider::wire::{SettingsAnswer, SettingsBody};

use super::schema;
use crate::api::ProviderApi;
use crate::body::{JsonBytes, json as read_json};
use crate::problem::{Problem, ProblemView};
use crate::respond::json;

/// Get how the provider behaves
#[utoipa::path(
    get,
    path = "/api/v1/provider/settings",
    operation_id = "get_provider_settings",
    tag = "provider",
    responses((status = 200, description = "How its knobs stand", body = schema::Settings)),
)]
pub(crate) async fn get(State(api): State<Arc<ProviderApi>>) -> Response {
    json(StatusCode::OK, &SettingsAnswer::from(api.knobs.settings()))
}

/// Set how the provider behaves
///
/// It replaces all knobs: what is left out goes back to 0 or false.
#[utoipa::path(
    put,
    path = "/api/v1/provider/settings",
    operation_id = "set_provider_settings",
    tag = "provider",
    request_body(content = schema::SettingsChange, content_type = "application/json"),
    responses(
        (status = 200, description = "How its knobs stand now", body = schema::Settings),
        (status = 422, description = "Invalid content", body = ProblemView<'static>, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn set(
    State(api): State<Arc<ProviderApi>>,
    JsonBytes(body): JsonBytes,
) -> Result<Response, Problem> {
    api.knobs.set(read_json::<SettingsBody>(&body)?.read()?);
    Ok(json(StatusCode::OK, &SettingsAnswer::from(api.knobs.settings())))
}

#[cfg(test)]
mod tests {
    use crate::tests::{Shop, get, put};

    #[tokio::test]
    async fn knobs_are_turned_from_the_shop_too() {
        let shop = Shop::new();
        let path = "/api/v1/provider/settings";
        let body = r#"{"failure_rate": 0.25, "delay_ms": 5}"#;
        assert_eq!(shop.ask(put(path, body)).await.status, 200);
        let text = shop.ask(get(path)).await.text().to_owned();
        assert_eq!(text, r#"{"failure_rate":0.25,"timeout_rate":0,"delay_ms":5,"outage":false}"#);
        for body in [r#"{"failure_rate": 2}"#, r#"{"failure": 1}"#] {
            assert_eq!(shop.ask(put(path, body)).await.status, 422, "{body}");
        }
    }
}
