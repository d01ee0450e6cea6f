//! `GET /api/v1/menu`: the menu.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use crate::api::Api;
use crate::problem::Problem;
use crate::respond::json;
use crate::view::product::ProductView;

/// Get the menu
#[utoipa::path(
    get,
    path = "/api/v1/menu",
    operation_id = "get_menu",
    tag = "menu",
    responses((status = 200, description = "All products, by name", body = Vec<ProductView<'static>>)),
)]
pub(crate) async fn menu(State(api): State<Arc<Api>>) -> Result<Response, Problem> {
    let products = api.catalog_queries.menu().await?;
    Ok(json(StatusCode::OK, &products.iter().map(ProductView::from).collect::<Vec<_>>()))
}

#[cfg(test)]
mod tests {
    use crate::tests::{Shop, get};

    #[tokio::test]
    async fn the_menu_has_prices_with_decimals() {
        let response = Shop::new().ask(get("/api/v1/menu/")).await;
        insta::assert_snapshot!("menu", response.text());
    }
}
