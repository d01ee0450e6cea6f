//! `GET /api/v1/menu/{id}`: a product of the menu.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use crate::api::Api;
use crate::path::Name;
use crate::problem::{Problem, ProblemView};
use crate::view::product::ProductView;

/// Get a product
#[utoipa::path(
    get,
    path = "/api/v1/menu/{id}",
    operation_id = "get_product",
    tag = "menu",
    params(("id" = String, Path, description = "The product's id")),
    responses(
        (status = 200, description = "The product", body = ProductView<'static>),
        (status = 404, description = "There is no such product", body = ProblemView<'static>, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn product(State(api): State<Arc<Api>>, Name(id): Name) -> Result<Response, Problem> {
    Ok(super::answer(StatusCode::OK, &super::find(&api, &id).await?))
}

#[cfg(test)]
mod tests {
    use crate::tests::{Shop, get};

    #[tokio::test]
    async fn a_product_is_found_by_its_id() {
        let shop = Shop::new();
        assert_eq!(shop.ask(get("/api/v1/menu/margherita")).await.json()["name"], "Margherita");
        assert_eq!(shop.ask(get("/api/v1/menu/calzone")).await.status, 404);
    }
}
