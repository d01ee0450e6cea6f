//! `GET /order/{order_uid}`: an order by whatever it is called, in the shape of the full document (form 5).

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use orders::Order;
use uuid::Uuid;

use crate::api::Api;
use crate::path::Name;
use crate::problem::{Problem, ProblemView};
use crate::problems::no_such_order;
use crate::respond::{json, raw_json};
use crate::view::document::{DocumentView, with_status};

/// Look an order up
///
/// A full document is given back exactly as it came, with `status` as its last key; other orders in the same shape.
#[utoipa::path(
    get,
    path = "/order/{order_uid}",
    operation_id = "look_up_order",
    tag = "orders",
    params(("order_uid" = String, Path, description = "The order's `order_uid`, external id or id")),
    responses(
        (status = 200, description = "The document", body = DocumentView<'static>),
        (status = 404, description = "There is no such order", body = ProblemView<'static>, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn lookup(State(api): State<Arc<Api>>, Name(name): Name) -> Result<Response, Problem> {
    let order = find(&api, &name).await?;
    Ok(match api.order_queries.document(order.id).await? {
        Some(document) => raw_json(StatusCode::OK, with_status(&document, order.status())),
        None => json(StatusCode::OK, &DocumentView::from(&order)),
    })
}

/// Ids come first: they are ours, and in memory.
async fn find(api: &Api, name: &str) -> Result<Order, Problem> {
    if let Ok(id) = Uuid::try_parse(name)
        && let Some(order) = api.order_queries.order(id).await?
    {
        return Ok(order);
    }
    api.order_queries.by_external_id(name).await?.ok_or_else(no_such_order)
}

#[cfg(test)]
mod tests {
    use crate::tests::orders::{DOCUMENT, document_order, priced_order};
    use crate::tests::{Shop, get};

    #[tokio::test]
    async fn a_document_is_given_back_byte_for_byte() {
        let shop = Shop::new();
        shop.keep(document_order());
        let id = document_order().id;
        for name in ["c71e90d4a2f84b3e8d16demo", &id.to_string()] {
            let response = shop.ask(get(&format!("/order/{name}"))).await;
            assert_eq!(response.status, 200);
            let whole = DOCUMENT.trim_end().strip_suffix('}').unwrap().trim_end();
            assert_eq!(response.text(), format!("{whole},\"status\":\"PENDING\"}}"));
        }
    }

    #[tokio::test]
    async fn another_order_has_the_same_shape() {
        let shop = Shop::new();
        shop.keep(priced_order());
        let response = shop.ask(get(&format!("/order/{}/", priced_order().id))).await;
        assert_eq!(response.json()["payment"]["amount"].to_string(), "46.0");
        assert_eq!(shop.ask(get("/order/unknown")).await.status, 404);
    }
}
