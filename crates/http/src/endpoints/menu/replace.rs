//! `PUT /api/v1/menu/{id}`: replaces a product, or puts it on the menu.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use catalog::Input;
use catalog::input::Replacement;

use super::body::ProductBody;
use crate::api::Api;
use crate::body::{JsonBytes, json};
use crate::conditional::IfMatch;
use crate::idempotency::IdempotencyKey;
use crate::path::Name;
use crate::problem::{Problem, ProblemView};
use crate::view::product::ProductView;

/// Replace a product
///
/// A `stock` that is left out stays as it is: orders may be changing it. With one, so many pieces can be ordered from now on;
/// what is reserved for orders is not among them.
#[utoipa::path(
    put,
    path = "/api/v1/menu/{id}",
    operation_id = "replace_product",
    tag = "menu",
    params(
        ("id" = String, Path, description = "The product's id"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` you have: 412 if the product was changed since"),
        ("Idempotency-Key" = Option<String>, Header, description = "Your name for this attempt, at most 255 characters"),
    ),
    request_body(content = ProductBody, content_type = "application/json"),
    responses(
        (status = 200, description = "The product", body = ProductView<'static>),
        (status = 404, description = "`If-Match` was sent, and there is no such product", body = ProblemView<'static>, content_type = "application/problem+json"),
        (status = 412, description = "The product was changed", body = ProblemView<'static>, content_type = "application/problem+json"),
        (status = 422, description = "Invalid content", body = ProblemView<'static>, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn replace(
    State(api): State<Arc<Api>>,
    Name(id): Name,
    key: IdempotencyKey,
    believed: IfMatch,
    JsonBytes(body): JsonBytes,
) -> Result<Response, Problem> {
    let content: ProductBody = json(&body)?;
    let keeps_stock = content.stock.is_none();
    let product = content.product(Some(&id), api.forms.default_currency)?;
    let expected_version = super::expected_version(&api, &id, &believed).await?;
    let input = Input::Put(Box::new(Replacement { product, keeps_stock, expected_version }));
    let done = super::change(&api, ("replace-product", &key), &id, input, &[id.as_bytes(), &body]).await?;
    Ok(super::marked(super::answer(StatusCode::OK, &done.reply), &done))
}

#[cfg(test)]
mod tests {
    use crate::tests::{Headed, Shop, get, put};

    const PATH: &str = "/api/v1/menu/tiramisu";

    #[tokio::test]
    async fn a_product_is_replaced_and_keeps_its_stock_unless_one_is_named() {
        let shop = Shop::new();
        let put = |body: &str| put(PATH, body);
        let first = shop.ask(put(r#"{"name": "Tiramisù", "price": 6.50, "stock": 3}"#)).await;
        assert_eq!((first.status, &first.headers["etag"]), (200, &"\"1\"".parse().unwrap()));
        let dearer = shop.ask(put(r#"{"name": "Tiramisù", "price": 7}"#)).await.json();
        assert_eq!((dearer["price"].to_string(), &dearer["stock"]), ("7.0".to_owned(), &3.into()));
        let untracked = shop.ask(put(r#"{"id": "tiramisu", "name": "T", "price": 7, "stock": null}"#)).await;
        assert_eq!(untracked.json()["stock"], serde_json::Value::Null);
        assert_eq!(shop.ask(get(PATH)).await.json()["name"], "T");
    }

    #[tokio::test]
    async fn who_has_seen_another_version_does_not_replace_it() {
        let shop = Shop::new();
        let body = r#"{"name": "T", "price": 7}"#;
        assert_eq!(shop.ask(put(PATH, body).header("if-match", "\"1\"")).await.status, 404);
        assert_eq!(shop.ask(put(PATH, body)).await.status, 200);
        let response = shop.ask(put(PATH, body).header("if-match", "\"2\"")).await;
        assert_eq!((response.status, response.slug()), (412, "version-changed".to_owned()));
        assert_eq!(shop.ask(put(PATH, body).header("if-match", "\"2\", \"1\"")).await.status, 200);
        assert_eq!(shop.ask(put(PATH, body).header("if-match", "\"7\", \"8\"")).await.status, 412);
        assert_eq!(shop.ask(put(PATH, r#"{"id": "x", "name": "T", "price": 7}"#)).await.status, 422);
    }
}
