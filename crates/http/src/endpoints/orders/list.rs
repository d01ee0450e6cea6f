//! `GET /api/v1/orders`: orders, newest first, page by page.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, StatusCode, Uri};
use axum::response::Response;
use orders::ListFilter;
use orders::page::Next;

use super::filters::{self, Filters};
use crate::api::Api;
use crate::cursor;
use crate::parameters::{self, DEFAULT_LIMIT, parameters};
use crate::problem::{Problem, ProblemView};
use crate::respond::json;
use crate::view::order::OrderView;

const KNOWN: &[&str] = &{
    let [a, b, c, d, e, f, g, h, i, j, k] = filters::KNOWN;
    ["limit", "cursor", "skip", a, b, c, d, e, f, g, h, i, j, k]
};

/// List orders, newest first
///
/// The `Link` header with `rel="next"` leads to the next page, as long as there is one. For one page so many orders are looked at
/// and no more: where hardly any fits the filters, a page may be shorter than `limit`, or empty, and have a next one.
///
/// What is found by `q` and `product_id` may be behind by a moment while many orders are placed.
#[utoipa::path(
    get,
    path = "/api/v1/orders",
    operation_id = "list_orders",
    tag = "orders",
    params(
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 1000, description = "How many, 100 if left out"),
        ("cursor" = Option<String>, Query, description = "From the `Link` header of the page before"),
        ("skip" = Option<u32>, Query, description = "Leave out so many of the newest"),
        Filters,
    ),
    responses(
        (status = 200, description = "Orders", body = Vec<OrderView<'static>>, headers(("Link" = Option<String>, description = "The next page"))),
        (status = 400, description = "An unknown or invalid parameter, or a malformed cursor", body = ProblemView<'static>, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn list(State(api): State<Arc<Api>>, uri: Uri) -> Result<Response, Problem> {
    let page = api.order_queries.list(&read(&uri)?).await?;
    let views: Vec<_> = page.orders.iter().map(OrderView::from).collect();
    let mut response = json(StatusCode::OK, &views);
    response.headers_mut().extend(page.next.and_then(|next| next_page(&uri, next)));
    Ok(response)
}

fn next_page(uri: &Uri, next: Next) -> Option<(HeaderName, HeaderValue)> {
    let skip = (next.skip > 0).then(|| next.skip.to_string());
    parameters::next_page(uri, &[("cursor", Some(&cursor::encode(next.before))), ("skip", skip.as_deref())])
}

fn read(uri: &Uri) -> Result<ListFilter, Problem> {
    let mut filter = ListFilter { limit: DEFAULT_LIMIT, ..ListFilter::default() };
    for (name, value) in parameters(uri) {
        match &*name {
            "limit" => filter.limit = parameters::limit(&value)?,
            "cursor" => filter.before = Some(cursor::decode(&value)?),
            "skip" => filter.skip = parameters::skip(&value)?,
            name if filters::read(&mut filter, name, &value)? => {}
            unknown => return Err(parameters::unknown(unknown, KNOWN)),
        }
    }
    Ok(filter)
}

#[cfg(test)]
mod tests {
    use crate::tests::orders::numbered_order;
    use crate::tests::{Shop, get};

    #[tokio::test]
    async fn pages_follow_each_other_without_gap_or_repetition() {
        let shop = Shop::new();
        (1..=5).for_each(|number| shop.keep(numbered_order(number)));
        let mut seen = Vec::new();
        let mut path = "/api/v1/orders/?limit=2&status=pending".to_owned();
        loop {
            let response = shop.ask(get(&path)).await;
            assert_eq!(response.status, 200);
            seen.extend(response.json().as_array().unwrap().iter().map(|order| order["customer_id"].clone()));
            let link = response.header("link").to_owned();
            let Some(next) = link.strip_prefix('<').and_then(|link| link.strip_suffix(">; rel=\"next\""))
            else {
                break;
            };
            path = next.to_owned();
        }
        assert_eq!(seen, ["5", "4", "3", "2", "1"]);
    }

    #[tokio::test]
    async fn filters_are_handed_on() {
        let shop = Shop::new();
        (1..=5).for_each(|number| shop.keep(numbered_order(number)));
        for (query, found) in [
            ("customer_id=3", 1),
            ("skip=3", 2),
            ("status=PAID", 0),
            ("payment_status=none", 5),
            ("product_id=product-2", 5),
            ("product_id=product", 0),
            ("external_id=x", 0),
            ("total_min=46&total_max=46.00", 5),
            ("total_min=46.01", 0),
            ("q=PRODUCT-1%20duct-2", 5),
            ("q=product-3", 0),
        ] {
            let response = shop.ask(get(&format!("/api/v1/orders?{query}"))).await;
            assert_eq!(response.json().as_array().unwrap().len(), found, "{query}");
        }
    }

    #[tokio::test]
    async fn what_is_not_understood_is_400() {
        let shop = Shop::new();
        for (query, slug) in [
            ("colour=red", "unknown-parameter"),
            ("cursor=%21", "invalid-cursor"),
            ("limit=0", "invalid-parameter"),
            ("limit=1001", "invalid-parameter"),
            ("skip=-1", "invalid-parameter"),
            ("status=LOST", "invalid-parameter"),
            ("total_min=-1", "invalid-parameter"),
            ("total_max=ten", "invalid-parameter"),
            ("q=ab", "invalid-parameter"),
            ("q=", "invalid-parameter"),
        ] {
            let response = shop.ask(get(&format!("/api/v1/orders?{query}"))).await;
            assert_eq!((response.status, response.slug().as_str()), (400, slug), "{query}");
        }
    }
}
