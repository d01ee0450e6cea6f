//! `DELETE /api/v1/menu/{id}`: takes a product off the menu.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use catalog::Input;

use crate::api::Api;
use crate::conditional::IfMatch;
use crate::idempotency::IdempotencyKey;
use crate::path::Name;
use crate::problem::{Problem, ProblemView};

/// Take a product off the menu
///
/// Orders of it that are under way go on.
#[utoipa::path(
    delete,
    path = "/api/v1/menu/{id}",
    operation_id = "delete_product",
    tag = "menu",
    params(
        ("id" = String, Path, description = "The product's id"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` you have: 412 if the product was changed since"),
    ),
    responses(
        (status = 204, description = "It is off the menu"),
        (status = 404, description = "There is no such product", body = ProblemView<'static>, content_type = "application/problem+json"),
        (status = 412, description = "The product was changed", body = ProblemView<'static>, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn delete(
    State(api): State<Arc<Api>>,
    Name(id): Name,
    believed: IfMatch,
) -> Result<Response, Problem> {
    let expected_version = super::expected_version(&api, &id, &believed).await?;
    let (input, key) = (Input::Delete { expected_version }, IdempotencyKey(None));
    super::change(&api, ("delete-product", &key), &id, input, &[]).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

#[cfg(test)]
mod tests {
    use crate::tests::{Headed, Shop, delete, get, post, put};

    const PATH: &str = "/api/v1/menu/margherita";

    #[tokio::test]
    async fn a_product_that_was_deleted_is_gone_until_it_is_put_back() {
        let shop = Shop::new();
        assert_eq!(shop.ask(delete(PATH).header("if-match", "\"9\"")).await.status, 412);
        let deleted = shop.ask(delete(PATH)).await;
        assert_eq!((deleted.status, deleted.text().is_empty()), (204, true));
        for request in [get(PATH), delete(PATH)] {
            let response = shop.ask(request).await;
            assert_eq!((response.status, response.slug()), (404, "not-found".to_owned()));
        }
        assert_eq!(shop.ask(get("/api/v1/menu")).await.text(), "[]");
        let body = r#"{"id": "margherita", "name": "M", "price": 9}"#;
        assert_eq!(shop.ask(post("/api/v1/menu", body)).await.status, 201);
        assert_eq!(shop.ask(put(PATH, body)).await.status, 200);
    }
}
