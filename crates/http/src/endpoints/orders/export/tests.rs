//! The export over services in memory: what it writes, and how it ends.

use axum::http::Request;
use contract::Reason;
use http_body_util::BodyExt;
use orders::Order;
use uuid::Uuid;

use crate::tests::orders::{document_order, numbered_order, payable_order, priced_order};
use crate::tests::{Headed, Shop, get};

const PATH: &str = "/api/v1/orders/export";

fn shop(orders: impl IntoIterator<Item = Order>) -> Shop {
    let shop = Shop::new();
    orders.into_iter().for_each(|order| shop.keep(order));
    shop
}

/// More than a page of orders, the newest first.
fn many() -> Vec<Order> {
    let numbered = |number: u128| {
        let order = numbered_order(1);
        Order { id: Uuid::from_u128(order.id.as_u128() + 2_500 - number), ..order }
    };
    (0..2_500).map(numbered).collect()
}

#[tokio::test]
async fn both_formats_say_what_there_is_to_say() {
    let mut failed = payable_order();
    failed.facts.cancelled = Some(Reason::new("changed_mind", "=He said: \"no\", and left"));
    let shop = shop([document_order(), Order { id: Uuid::from_u128(1), ..failed }, priced_order()]);
    for format in ["csv", "ndjson"] {
        let answer = shop.ask(get(&format!("{PATH}?format={format}"))).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("content-disposition"), format!("attachment; filename=\"orders.{format}\""));
        insta::assert_snapshot!(format!("export_{format}"), answer.text());
    }
}

#[tokio::test]
async fn every_order_comes_once_and_the_newest_first() {
    let shop = shop(many());
    let answer = shop.ask(get(PATH)).await;
    let id = |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap()["id"].clone();
    let ids: Vec<_> = answer.text().lines().map(id).collect();
    assert_eq!(ids, many().iter().map(|order| order.id.to_string()).collect::<Vec<_>>());
}

#[tokio::test]
async fn it_has_the_filters_of_the_list() {
    let shop = shop([document_order(), priced_order()]);
    for (query, lines) in [("q=product-2", 1), ("customer_id=nobody", 0), ("status=PENDING", 2)] {
        let answer = shop.ask(get(&format!("{PATH}?{query}"))).await;
        assert_eq!((answer.status, answer.text().lines().count()), (200, lines), "{query}");
    }
    for query in ["limit=1", "q=a", "format=xml"] {
        assert_eq!(shop.ask(get(&format!("{PATH}?{query}"))).await.status, 400, "{query}");
    }
}

#[tokio::test]
async fn the_client_says_which_format_it_likes() {
    let shop = shop([]);
    for (accept, kind) in [
        ("text/csv", "text/csv; charset=utf-8; header=present"),
        ("text/csv;q=0.5, application/x-ndjson", "application/x-ndjson"),
        ("application/x-ndjson;q=0.2,text/csv;q=0.21", "text/csv; charset=utf-8; header=present"),
        ("text/html, */*;q=0.8", "application/x-ndjson"),
    ] {
        let answer = shop.ask(get(PATH).header("accept", accept)).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, kind), "{accept}");
    }
    for accept in ["text/html", "text/csv;q=0", "text/csv;q=2"] {
        let answer = shop.ask(get(PATH).header("accept", accept)).await;
        assert_eq!((answer.status, answer.slug().as_str()), (406, "not-acceptable"), "{accept}");
    }
}

/// What its client reads, and whether that has an end.
async fn read(shop: &Shop, request: Request<axum::body::Body>, meanwhile: impl FnOnce()) -> (usize, bool) {
    let mut body = shop.open(request).await.into_body();
    let first = body.frame().await.unwrap().unwrap().into_data().unwrap();
    meanwhile();
    let mut lines = first.iter().filter(|byte| **byte == b'\n').count();
    loop {
        match body.frame().await {
            Some(Ok(frame)) => {
                lines += frame.into_data().unwrap().iter().filter(|byte| **byte == b'\n').count()
            }
            Some(Err(_)) => return (lines, false),
            None => return (lines, true),
        }
    }
}

#[tokio::test]
async fn what_goes_wrong_on_the_way_breaks_it_off() {
    let shop = shop(many());
    assert_eq!(read(&shop, get(PATH), || {}).await, (2_500, true));
    assert_eq!(read(&shop, get(PATH), || shop.lose_orders(true)).await, (1_000, false));
    assert_eq!(shop.ask(get(PATH)).await.status, 503, "what goes wrong at once is told");
    shop.lose_orders(false);
    assert_eq!(read(&shop, get(PATH), || shop.leaving.cancel()).await, (1_000, false));
}

#[tokio::test]
async fn no_more_flow_at_once_than_may() {
    let shop = shop(many());
    let mut open = Vec::new();
    for _ in 0..super::MAX_EXPORTS {
        open.push(shop.open(get(PATH)).await);
    }
    assert_eq!(shop.ask(get(PATH)).await.status, 503);
    open.pop();
    assert_eq!(shop.ask(get(PATH)).await.status, 200);
}
