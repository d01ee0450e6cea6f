//! `GET /api/v1/orders`: orders, newest first, page by page.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::LINK;
use axum::http::{HeaderValue, StatusCode, Uri};
use axum::response::Response;
use contract::{PaymentStatus, ProcessingStatus, Status};
use orders::{ListFilter, Order};

use crate::api::Api;
use crate::parameters::{self, DEFAULT_LIMIT, parameters, word};
use crate::problem::{Problem, ProblemView};
use crate::respond::json;
use crate::view::order::OrderView;
use crate::{cursor, view::states};

const KNOWN: &[&str] = &[
    "limit",
    "cursor",
    "skip",
    "status",
    "payment_status",
    "processing_status",
    "customer_id",
    "created_from",
    "created_to",
];

/// List orders, newest first
///
/// The `Link` header with `rel="next"` leads to the next page, as long as there is one.
#[utoipa::path(
    get,
    path = "/api/v1/orders",
    operation_id = "list_orders",
    tag = "orders",
    params(
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 1000, description = "How many, 100 if left out"),
        ("cursor" = Option<String>, Query, description = "From the `Link` header of the page before"),
        ("skip" = Option<u32>, Query, description = "Leave out so many of the newest"),
        ("status" = Option<states::Status>, Query, description = "Only those in this state"),
        ("payment_status" = Option<states::PaymentStatus>, Query, description = "Only those whose money stands so"),
        ("processing_status" = Option<states::ProcessingStatus>, Query, description = "Only those whose processing stands so"),
        ("customer_id" = Option<String>, Query, description = "Only this customer's"),
        ("created_from" = Option<String>, Query, format = DateTime, description = "Only those created at or after this time (RFC 3339)"),
        ("created_to" = Option<String>, Query, format = DateTime, description = "Only those created before this time (RFC 3339)"),
    ),
    responses(
        (status = 200, description = "Orders", body = Vec<OrderView<'static>>, headers(("Link" = Option<String>, description = "The next page"))),
        (status = 400, description = "An unknown or invalid parameter, or a malformed cursor", body = ProblemView<'static>, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn list(State(api): State<Arc<Api>>, uri: Uri) -> Result<Response, Problem> {
    let filter = read(&uri)?;
    // One more than asked for tells whether there is a next page.
    let mut orders =
        api.order_queries.list(&ListFilter { limit: filter.limit + 1, ..filter.clone() }).await?;
    let has_next = orders.len() > filter.limit;
    orders.truncate(filter.limit);
    let views: Vec<_> = orders.iter().map(OrderView::from).collect();
    let mut response = json(StatusCode::OK, &views);
    let next = orders.last().filter(|_| has_next).map(|last| next_page(&uri, last));
    if let Some(link) = next.and_then(|link| HeaderValue::try_from(link).ok()) {
        response.headers_mut().insert(LINK, link);
    }
    Ok(response)
}

fn read(uri: &Uri) -> Result<ListFilter, Problem> {
    let mut filter = ListFilter { limit: DEFAULT_LIMIT, ..ListFilter::default() };
    for (name, value) in parameters(uri) {
        match &*name {
            "limit" => filter.limit = parameters::limit(&value)?,
            "cursor" => filter.before = Some(cursor::decode(&value)?),
            "skip" => filter.skip = parameters::skip(&value)?,
            "status" => filter.status = Some(word(&name, &value, Status::ALL)?),
            "payment_status" => filter.payment_status = Some(word(&name, &value, PaymentStatus::ALL)?),
            "processing_status" => {
                filter.processing_status = Some(word(&name, &value, ProcessingStatus::ALL)?)
            }
            "customer_id" => filter.customer_id = Some(value.into_owned()),
            "created_from" => filter.created_from = Some(parameters::time(&name, &value)?),
            "created_to" => filter.created_to = Some(parameters::time(&name, &value)?),
            unknown => return Err(parameters::unknown(unknown, KNOWN)),
        }
    }
    Ok(filter)
}

/// The same question behind `last`.
fn next_page(uri: &Uri, last: &Order) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in parameters(uri).filter(|(name, _)| name != "cursor" && name != "skip") {
        query.append_pair(&name, &value);
    }
    query.append_pair("cursor", &cursor::encode(last.id));
    format!("<{}?{}>; rel=\"next\"", uri.path(), query.finish())
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
        for (query, found) in
            [("customer_id=3", 1), ("skip=3", 2), ("status=PAID", 0), ("payment_status=none", 5)]
        {
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
        ] {
            let response = shop.ask(get(&format!("/api/v1/orders?{query}"))).await;
            assert_eq!((response.status, response.slug().as_str()), (400, slug), "{query}");
        }
    }
}
