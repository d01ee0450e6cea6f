//! `POST /api/v1/menu`: puts a product on the menu.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::LOCATION;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use catalog::Input;

use super::body::ProductBody;
use crate::api::Api;
use crate::body::{JsonBytes, json};
use crate::idempotency::IdempotencyKey;
use crate::problem::{Problem, ProblemView};
use crate::view::product::ProductView;

/// Put a product on the menu
#[utoipa::path(
    post,
    path = "/api/v1/menu",
    operation_id = "create_product",
    tag = "menu",
    params(("Idempotency-Key" = Option<String>, Header, description = "Your name for this attempt, at most 255 characters")),
    request_body(content = ProductBody, content_type = "application/json"),
    responses(
        (status = 201, description = "The product", body = ProductView<'static>),
        (status = 409, description = "The menu has one with this id", body = ProblemView<'static>, content_type = "application/problem+json"),
        (status = 422, description = "Invalid content", body = ProblemView<'static>, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn create(
    State(api): State<Arc<Api>>,
    key: IdempotencyKey,
    JsonBytes(body): JsonBytes,
) -> Result<Response, Problem> {
    let product = json::<ProductBody>(&body)?.product(None, api.forms.default_currency)?;
    let id = product.id.clone();
    let input = Input::Create(Box::new(product));
    let done = super::change(&api, ("create-product", &key), &id, input, &[&body]).await?;
    let mut response = super::answer(StatusCode::CREATED, &done.reply);
    if let Ok(location) = HeaderValue::try_from(super::path_of(&id)) {
        response.headers_mut().insert(LOCATION, location);
    }
    Ok(super::marked(response, &done))
}

#[cfg(test)]
mod tests {
    use crate::tests::{Headed, Shop, get, post};

    const TIRAMISU: &str = r#"{"id": "tiramisù 2", "name": "Tiramisù", "price": "6.50", "stock": 3}"#;

    #[tokio::test]
    async fn a_product_is_created_once() {
        let shop = Shop::new();
        let create = || post("/api/v1/menu", TIRAMISU).header("idempotency-key", "k");
        let response = shop.ask(create()).await;
        assert_eq!(response.status, 201);
        insta::assert_snapshot!("created", response.text());
        assert_eq!(shop.ask(create()).await.headers["idempotent-replayed"], "true");
        let location = response.headers["location"].to_str().unwrap();
        assert_eq!(location, "/api/v1/menu/tiramis%C3%B9%202");
        assert_eq!(shop.ask(get(location)).await.json()["stock"], 3);
        let again = shop.ask(post("/api/v1/menu", TIRAMISU)).await;
        assert_eq!((again.status, again.slug()), (409, "product-exists".to_owned()));
    }

    #[tokio::test]
    async fn what_is_no_product_is_refused_and_the_place_is_named() {
        let shop = Shop::new();
        for (body, path) in [
            (r#"{"name": "A", "price": 1}"#, "/id"),
            (r#"{"id": "", "name": "A", "price": 1}"#, "/id"),
            (r#"{"id": "a", "name": "", "price": 1}"#, "/name"),
            (r#"{"id": "a", "name": "A", "price": 1.005}"#, "/price"),
            (r#"{"id": "a", "name": "A", "price": -1}"#, "/price"),
            (r#"{"id": "a", "name": "A", "price": 1, "stock": 1000000001}"#, "/stock"),
            (r#"{"id": "a", "name": "A", "price": 1, "stock": -1}"#, "/stock"),
            (r#"{"id": "a", "name": "A", "price": 1, "ingredients": ["\u0000"]}"#, "/ingredients"),
        ] {
            let response = shop.ask(post("/api/v1/menu", body)).await;
            assert_eq!(
                (response.status, &response.json()["errors"][0]["path"]),
                (422, &path.into()),
                "{body}"
            );
        }
        assert_eq!(shop.ask(post("/api/v1/menu", r#"{"id": "a", "colour": "red"}"#)).await.status, 422);
    }
}
