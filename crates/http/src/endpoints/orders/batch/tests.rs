//! The batch over the engine: what is answered, and what is read when.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use bytes::Bytes;
use engine::Command;
use futures::channel::mpsc;
use futures::{FutureExt, SinkExt, stream};
use http_body_util::BodyExt;
use orders::{Input, forms};
use serde_json::Value;

use super::MAX_BATCHES;
use crate::Limits;
use crate::tests::orders::DOCUMENT;
use crate::tests::{Answered, Headed, Shop, get, post};

const PATH: &str = "/api/v1/orders/batch";
const AMOUNT: &str = r#"{"customer_name": "John Doe", "total_amount": 100.50}"#;

/// The answers, line by line.
fn told(answered: &Answered) -> Vec<Value> {
    assert_eq!((answered.status, answered.header("content-type")), (200, "application/x-ndjson"));
    answered.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn statuses(told: &[Value]) -> Vec<(u64, u64)> {
    let number = |value: &Value| value.as_u64().unwrap();
    told.iter().map(|line| (number(&line["line"]), number(&line["status"]))).collect()
}

/// A request whose body comes as it is sent.
fn streamed() -> (mpsc::Sender<Result<Bytes, std::io::Error>>, Request<Body>) {
    let (sender, receiver) = mpsc::channel(8);
    (sender, Request::post(PATH).body(Body::from_stream(receiver)).unwrap())
}

/// A request whose body never ends, and how many pieces of it were read. Every piece is ten lines.
fn endless() -> (Arc<AtomicUsize>, Request<Body>) {
    let read = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&read);
    let pieces = stream::repeat_with(move || {
        counted.fetch_add(1, Ordering::Relaxed);
        Ok::<_, std::io::Error>(format!("{AMOUNT}\n").repeat(10))
    });
    (read, Request::post(PATH).body(Body::from_stream(pieces)).unwrap())
}

async fn placed(shop: &Shop) -> usize {
    shop.ask(get("/api/v1/orders?limit=1000")).await.json().as_array().unwrap().len()
}

#[tokio::test]
async fn every_line_is_answered_in_order_and_a_bad_one_stops_no_other() {
    let shop = Shop::with(&[], Limits { max_body_bytes: 4_000, ..Limits::default() });
    let document = serde_json::from_str::<Value>(DOCUMENT).unwrap().to_string();
    let lines = [
        AMOUNT,
        r#"{"customer_id": "c", "items": [{"product_id": "p", "quantity": 2, "price": 10.50}]}"#,
        r#"{"items": [{"pizzaId": "no-such", "quantity": 1}]}"#,
        "",
        "  \r",
        r#"{"user_id": "u", "amount": "140", "products": [{"product_id": "p", "quantity": 1}]}"#,
        "{",
        &"x".repeat(4_001),
        r#"{"customer_name": "A", "total_amount": 1.005}"#,
        &document,
        &document,
        AMOUNT,
    ];
    let answered = shop.ask(post(PATH, &lines.join("\n"))).await;
    let told = told(&answered);
    let expected = [
        (1, 201),
        (2, 201),
        (3, 422),
        (6, 201),
        (7, 400),
        (8, 413),
        (9, 422),
        (10, 201),
        (11, 200),
        (12, 201),
    ];
    assert_eq!(statuses(&told), expected);
    assert_eq!(told[7]["id"], told[8]["id"], "one document is one order");
    let problem = &told[6]["problem"];
    assert_eq!((&problem["type"], &problem["status"]), (&"/problems/invalid-content".into(), &422.into()));
    assert_eq!(
        (&problem["instance"], &problem["errors"][0]["path"]),
        (&PATH.into(), &"/total_amount".into())
    );
    let order = shop.ask(get(&format!("/api/v1/orders/{}", told[0]["id"].as_str().unwrap()))).await;
    assert_eq!(order.json()["customer_name"], "John Doe");
    assert_eq!(placed(&shop).await, 5);
}

#[tokio::test]
async fn line_n_has_the_key_of_the_batch_and_its_number() {
    let shop = Shop::new();
    let other = AMOUNT.replace("John", "Jane");
    let ask = |body: &str| post(PATH, body).header("idempotency-key", "\"k\"");
    let first = told(&shop.ask(ask(&format!("{AMOUNT}\n\n{other}"))).await);
    let again = told(&shop.ask(ask(&format!("{AMOUNT}\r\n\r\n {other}\r\n"))).await);
    assert_eq!((statuses(&first), &first), (vec![(1, 201), (3, 201)], &again));
    let single = post("/api/v1/orders", &other).header("idempotency-key", "k/3");
    assert_eq!(shop.ask(single).await.json()["id"], first[1]["id"]);
    let changed = told(&shop.ask(ask(&format!("{other}\n\n{other}"))).await);
    assert_eq!((&changed[0]["status"], &changed[1]), (&422.into(), &first[1]));
    assert_eq!(changed[0]["problem"]["type"], "/problems/idempotency-key-reused");
    let without = told(&shop.ask(post(PATH, AMOUNT)).await);
    assert_ne!(without[0]["id"], first[0]["id"]);
}

#[tokio::test]
async fn a_line_is_answered_while_later_ones_are_still_being_sent() {
    let shop = Shop::new();
    let (mut sender, request) = streamed();
    let mut body = shop.open(request).await.into_body();
    shop.serve(async {
        for line in 1..=3 {
            let (head, rest) = AMOUNT.split_at(10);
            sender.send(Ok(Bytes::from_static(head.as_bytes()))).await.unwrap();
            sender.send(Ok(Bytes::from(format!("{rest}\n")))).await.unwrap();
            let answer = body.frame().await.unwrap().unwrap().into_data().unwrap();
            let answer: Value = serde_json::from_slice(&answer).unwrap();
            assert_eq!((&answer["line"], &answer["status"]), (&line.into(), &201.into()));
        }
        drop(sender);
        assert!(body.frame().await.is_none());
    })
    .await;
}

#[tokio::test]
async fn no_more_is_read_than_can_be_under_way() {
    let shop = Shop::new();
    let (read, request) = endless();
    let mut body = shop.open(request).await.into_body();
    assert_eq!(read.load(Ordering::Relaxed), 0, "nothing is read before an answer is asked for");
    assert!(body.frame().now_or_never().is_none(), "nobody answers");
    // Half of a queue of 64 lines is for batches.
    assert_eq!((shop.api.orders.backlog(), read.load(Ordering::Relaxed)), (32, 4));
    let (_, other) = endless();
    let mut other = shop.open(other).await.into_body();
    assert!(other.frame().now_or_never().is_none());
    assert_eq!(shop.api.orders.backlog(), 32, "however many batches there are");
    assert_eq!(shop.ask(post("/api/v1/orders", AMOUNT)).await.status, 201);
}

#[tokio::test]
async fn a_full_queue_is_waited_for() {
    let shop = Shop::new();
    let order = forms::parse(AMOUNT.as_bytes(), &shop.api.forms).unwrap();
    let busy: Vec<_> = (0..64)
        .map(|_| {
            let id = shop.api.ids.next();
            let input = Input::Place(Box::new(order.clone()));
            let origin = engine::Origin::Command { id };
            let message = engine::Message { key: engine::Key::Id(id), origin, input };
            shop.api.orders.submit(Command { message, claims: Vec::new() }).unwrap()
        })
        .collect();
    let response = shop.open(post(PATH, &format!("{AMOUNT}\n").repeat(500))).await;
    let mut answers = Box::pin(Answered::read(response));
    assert!(answers.as_mut().now_or_never().is_none());
    let told = told(&shop.serve(answers).await);
    assert_eq!((told.len(), busy.len()), (500, 64));
    assert!(told.iter().all(|line| line["status"] == 201), "{told:?}");
    assert_eq!(placed(&shop).await, 564);
}

#[tokio::test]
async fn what_was_handed_in_is_placed_also_if_the_client_goes() {
    let shop = Shop::new();
    let (read, request) = endless();
    let mut body = shop.open(request).await.into_body();
    assert!(body.frame().now_or_never().is_none());
    drop(body);
    assert_eq!(shop.ask(post("/api/v1/orders", AMOUNT)).await.status, 201);
    assert_eq!(placed(&shop).await, 33);
    assert_eq!(read.load(Ordering::Relaxed), 4, "nothing more is read");
}

#[tokio::test]
async fn half_a_line_of_a_broken_body_is_none() {
    let shop = Shop::new();
    let pieces = [Ok(format!("{AMOUNT}\n{AMOUNT}")), Err(std::io::Error::other("gone"))];
    let request = Request::post(PATH).body(Body::from_stream(stream::iter(pieces))).unwrap();
    assert_eq!(statuses(&told(&shop.ask(request).await)), [(1, 201)]);
}

#[tokio::test]
async fn there_are_only_so_many_batches_at_once() {
    let shop = Shop::new();
    let mut open = Vec::new();
    for _ in 0..MAX_BATCHES {
        open.push(shop.open(post(PATH, AMOUNT)).await);
    }
    let response = shop.ask(post(PATH, AMOUNT)).await;
    assert_eq!((response.status, response.header("retry-after")), (503, "1"));
    drop(open.pop());
    assert_eq!(statuses(&told(&shop.ask(post(PATH, AMOUNT)).await)), [(1, 201)]);
    let other = post(PATH, AMOUNT).header("content-type", "application/x-www-form-urlencoded");
    assert_eq!(shop.ask(other).await.status, 415);
    open.clear();
    for kind in ["application/x-ndjson; charset=utf-8", "application/JSONL", "application/json"] {
        assert_eq!(shop.ask(post(PATH, AMOUNT).header("content-type", kind)).await.status, 200, "{kind}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_pauses_for_too_long_ends_there() {
    let shop = Shop::new();
    let (mut sender, request) = streamed();
    sender.send(Ok(Bytes::from(format!("{AMOUNT}\n{{\"half\"")))).await.unwrap();
    let told = told(&shop.ask(request).await);
    assert_eq!(statuses(&told), [(1, 201), (2, 408)]);
    assert_eq!(told[1]["problem"]["type"], "/problems/slow-body");
}

#[tokio::test(start_paused = true)]
async fn a_line_that_nobody_answers_is_given_up_and_the_next_ones_with_it() {
    let shop = Shop::with(&[], Limits { request_timeout: Duration::from_secs(2), ..Limits::default() });
    let begun = tokio::time::Instant::now();
    let answered = Answered::read(shop.open(post(PATH, &format!("{AMOUNT}\n").repeat(3))).await).await;
    let told = told(&answered);
    assert_eq!(statuses(&told), [(1, 503), (2, 503), (3, 503)]);
    assert_eq!(told[0]["problem"]["type"], "/problems/timed-out");
    assert!(begun.elapsed() < Duration::from_secs(3), "they wait together");
}

#[tokio::test]
async fn a_server_that_stops_answers_what_it_has_read_and_no_more() {
    let shop = Shop::new();
    let (mut sender, request) = streamed();
    let mut body = shop.open(request).await.into_body();
    let answers = shop
        .serve(async {
            sender.send(Ok(Bytes::from(format!("{AMOUNT}\n")))).await.unwrap();
            let first = body.frame().await.unwrap().unwrap().into_data().unwrap();
            shop.leaving.cancel();
            let rest = body.collect().await.unwrap().to_bytes();
            [first, rest].map(|answer| serde_json::from_slice::<Value>(&answer).unwrap())
        })
        .await;
    assert_eq!(statuses(&answers), [(1, 201), (2, 503)]);
    assert!(sender.send(Ok(Bytes::new())).await.is_err(), "the body is let go");
}
