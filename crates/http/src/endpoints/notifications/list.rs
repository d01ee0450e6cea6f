//! `GET /api/v1/notifications`: what customers were told, newest first, page by page.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use notifications::ListFilter;

use crate::api::Api;
use crate::cursor;
use crate::parameters::{self, DEFAULT_LIMIT, invalid, parameters};
use crate::problem::{Problem, ProblemView};
use crate::respond::json;
use crate::view::notification::NotificationView;
use crate::view::states;

const KNOWN: &[&str] = &["limit", "cursor", "order_id", "state"];

/// List notifications, newest first
///
/// The `Link` header with `rel="next"` leads to the next page, as long as there is one.
#[utoipa::path(
    get,
    path = "/api/v1/notifications",
    operation_id = "list_notifications",
    tag = "notifications",
    params(
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 1000, description = "How many, 100 if left out"),
        ("cursor" = Option<String>, Query, description = "From the `Link` header of the page before"),
        ("order_id" = Option<Uuid>, Query, description = "Only those about this order"),
        ("state" = Option<states::NotificationState>, Query, description = "Only those in this state"),
    ),
    responses(
        (status = 200, description = "Notifications", body = Vec<NotificationView<'static>>, headers(("Link" = Option<String>, description = "The next page"))),
        (status = 400, description = "An unknown or invalid parameter, or a malformed cursor", body = ProblemView<'static>, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn list(State(api): State<Arc<Api>>, uri: Uri) -> Result<Response, Problem> {
    let filter = read(&uri)?;
    // One more than asked for tells whether there is a next page.
    let one_more = ListFilter { limit: filter.limit + 1, ..filter.clone() };
    let mut told = api.notification_queries.list(&one_more).await?;
    let has_next = told.len() > filter.limit;
    told.truncate(filter.limit);
    let views: Vec<_> = told.iter().map(NotificationView::from).collect();
    let mut response = json(StatusCode::OK, &views);
    let next = told.last().filter(|_| has_next).map(|last| cursor::encode(last.id));
    let link = next.and_then(|cursor| parameters::next_page(&uri, &[("cursor", Some(&cursor))]));
    response.headers_mut().extend(link);
    Ok(response)
}

fn read(uri: &Uri) -> Result<ListFilter, Problem> {
    let mut filter = ListFilter { limit: DEFAULT_LIMIT, ..ListFilter::default() };
    for (name, value) in parameters(uri) {
        match &*name {
            "limit" => filter.limit = parameters::limit(&value)?,
            "cursor" => filter.before = Some(cursor::decode(&value)?),
            "order_id" => {
                let id = value.parse().map_err(|_| invalid("order_id", "write an order's id"))?;
                filter.order_id = Some(id);
            }
            "state" => filter.state = Some(state(&value)?),
            unknown => return Err(parameters::unknown(unknown, KNOWN)),
        }
    }
    Ok(filter)
}

fn state(value: &str) -> Result<&'static str, Problem> {
    let words = notifications::State::WORDS;
    let known = words.iter().find(|word| word.eq_ignore_ascii_case(value));
    known.copied().ok_or_else(|| invalid("state", format!("write one of {}", words.join(", "))))
}

#[cfg(test)]
mod tests {
    use notifications::{Kind, State};

    use crate::tests::notifications::told;
    use crate::tests::orders::priced_order;
    use crate::tests::{Shop, get};

    fn shop() -> Shop {
        let shop = Shop::new();
        for kind in Kind::ALL {
            shop.keep_notification(told(*kind, State::Sent));
        }
        shop.keep_notification(told(Kind::Failed, State::Unknown { error: "cut".into() }));
        shop
    }

    #[tokio::test]
    async fn what_was_told_is_shown_in_the_words_of_the_customer() {
        let shop = Shop::new();
        shop.keep_notification(told(Kind::Paid, State::Failed { error: "550 no such user".into() }));
        let path = format!("/api/v1/notifications/?order_id={}", priced_order().id);
        let response = shop.ask(get(&path)).await;
        assert_eq!(response.status, 200);
        insta::assert_json_snapshot!("notifications", response.json());
    }

    #[tokio::test]
    async fn pages_follow_each_other_newest_first() {
        let shop = shop();
        let mut seen = Vec::new();
        let mut path = "/api/v1/notifications?limit=4".to_owned();
        loop {
            let response = shop.ask(get(&path)).await;
            seen.extend(response.json().as_array().unwrap().iter().map(|told| told["kind"].clone()));
            let link = response.header("link").to_owned();
            let Some(next) = link.strip_prefix('<').and_then(|link| link.strip_suffix(">; rel=\"next\""))
            else {
                break;
            };
            path = next.to_owned();
        }
        let kinds: Vec<_> = Kind::ALL.iter().rev().map(|kind| kind.as_str()).collect();
        assert_eq!(seen, kinds);
    }

    #[tokio::test]
    async fn filters_are_handed_on_and_what_is_not_understood_is_400() {
        let shop = shop();
        for (query, found) in [("state=unknown", 1), ("state=SENT", 5), ("state=SKIPPED", 0)] {
            let response = shop.ask(get(&format!("/api/v1/notifications?{query}"))).await;
            assert_eq!(response.json().as_array().unwrap().len(), found, "{query}");
        }
        let other = "order_id=0190a6f0-0000-7000-8000-00000000dead";
        let response = shop.ask(get(&format!("/api/v1/notifications?{other}"))).await;
        assert_eq!(response.text(), "[]");
        for (query, slug) in [
            ("kind=order.paid", "unknown-parameter"),
            ("skip=1", "unknown-parameter"),
            ("cursor=%21", "invalid-cursor"),
            ("limit=0", "invalid-parameter"),
            ("order_id=7", "invalid-parameter"),
            ("state=LOST", "invalid-parameter"),
        ] {
            let response = shop.ask(get(&format!("/api/v1/notifications?{query}"))).await;
            assert_eq!((response.status, response.slug().as_str()), (400, slug), "{query}");
        }
    }
}
