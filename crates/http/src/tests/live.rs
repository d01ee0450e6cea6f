//! Streams: what they tell, where they go on, and when they end.

use std::sync::Arc;
use std::time::Duration;

use engine::{Key, Log, Note, Record};
use orders::timeline::{Entry, EntryKind};
use serde_json::json;
use uuid::Uuid;

use super::{Headed, NOW, Opened, Shop, Told, get, post};

impl Shop {
    async fn place(&self) -> String {
        let placed = self.ask(post("/api/v1/orders", r#"{"customer_name": "A", "total_amount": 1}"#)).await;
        placed.json()["id"].as_str().unwrap().to_owned()
    }

    async fn cancel(&self, order: &str) {
        let cancel = post(&format!("/api/v1/orders/{order}/cancel"), r#"{"reason": "late"}"#);
        assert_eq!(self.ask(cancel).await.status, 200);
    }

    async fn follow(&self, order: &str) -> Opened {
        self.open(get(&stream_of(order))).await
    }

    async fn told(&self, stream: &mut Opened) -> Told {
        self.next(stream).await.expect("the stream goes on")
    }

    /// The ids of the next frames.
    async fn ids(&self, stream: &mut Opened, frames: usize) -> Vec<String> {
        let mut ids = Vec::new();
        for _ in 0..frames {
            ids.push(self.told(stream).await.id);
        }
        ids
    }

    /// What another process writes about an order: an entry, and nobody here is told.
    fn write_elsewhere(&self, order: &str, sequence: u64) {
        let entry = Entry::new(EntryKind::Event, "order.moved", "It moved.", "elsewhere");
        let key = Key::Id(order.parse().unwrap());
        self.orders.keep_later_note(Note { key, sequence, at: NOW, data: entry.encode() });
    }
}

fn stream_of(order: &str) -> String {
    format!("/api/v1/orders/{order}/stream")
}

fn published(number: u64) -> Arc<Record> {
    Arc::new(Record {
        source: "orders".to_owned(),
        key: Key::Id(Uuid::from_u128(u128::from(number))),
        sequence: Some(1),
        foreign_id: None,
        kind: "order.paid".to_owned(),
        time: NOW,
        data: "{}".to_owned(),
    })
}

#[tokio::test]
async fn an_order_is_told_from_its_beginning_and_goes_on() {
    let shop = Shop::new();
    let order = shop.place().await;
    let mut stream = shop.follow(&order).await;
    assert_eq!(stream.began, "retry: 1000\n\n");
    assert_eq!(stream.headers["content-type"], "text/event-stream");
    assert_eq!(stream.headers["cache-control"], "no-store");
    let created = shop.told(&mut stream).await;
    assert_eq!((&*created.event, &*created.id), ("entry", "1"));
    shop.cancel(&order).await;
    let cancelled = shop.told(&mut stream).await;
    assert_eq!((&*cancelled.id, &cancelled.data["type"]), ("2", &json!("order.cancelled")));
    let timeline = shop.ask(get(&format!("/api/v1/orders/{order}/timeline"))).await.json();
    assert_eq!(timeline, json!([created.data, cancelled.data]));
}

#[tokio::test]
async fn who_comes_back_hears_what_came_after() {
    let shop = Shop::new();
    let order = shop.place().await;
    shop.cancel(&order).await;
    let path = stream_of(&order);
    let header = |id: &str| get(&path).header("last-event-id", id);
    let first = async |request| shop.told(&mut shop.open(request).await).await.id;
    assert_eq!(first(header("1")).await, "2");
    assert_eq!(first(get(&format!("{path}?last_event_id=1"))).await, "2");
    let both = get(&format!("{path}?last_event_id=9")).header("last-event-id", "1");
    assert_eq!(first(both).await, "2", "the address is still that of the first time");
    for strange in ["0", "nonsense", "3", "18446744073709551615", ""] {
        assert_eq!(first(header(strange)).await, "1", "{strange} is no entry of this order");
    }
    let mut stream = shop.open(header("2")).await;
    shop.write_elsewhere(&order, 3);
    assert_eq!(shop.told(&mut stream).await.id, "3");
}

#[tokio::test]
async fn what_another_process_writes_is_found() {
    let shop = Shop::new();
    let order = shop.place().await;
    let mut stream = shop.follow(&order).await;
    assert_eq!(shop.told(&mut stream).await.id, "1");
    shop.write_elsewhere(&order, 2);
    let told = shop.told(&mut stream).await;
    assert_eq!((&*told.id, &told.data["actor"]), ("2", &json!("elsewhere")));
}

#[tokio::test]
async fn a_slow_reader_of_an_order_loses_nothing() {
    let shop = Shop::new();
    let order = shop.place().await;
    let mut stream = shop.follow(&order).await;
    (2..=500).for_each(|sequence| shop.write_elsewhere(&order, sequence));
    let expected: Vec<_> = (1..=500).map(|sequence: u64| sequence.to_string()).collect();
    assert_eq!(shop.ids(&mut stream, 500).await, expected);
}

#[tokio::test]
async fn nobody_follows_an_order_that_is_not_there() {
    let shop = Shop::new();
    for id in ["018f0000-0000-7000-8000-000000000000", "nonsense"] {
        assert_eq!(shop.ask(get(&stream_of(id))).await.status, 404, "{id}");
    }
    let order = shop.place().await;
    let refused = shop.ask(get(&format!("{}?colour=red", stream_of(&order)))).await;
    assert_eq!((refused.status, refused.slug().as_str()), (400, "unknown-parameter"));
}

#[tokio::test(start_paused = true)]
async fn a_silent_stream_outlives_the_limit_of_requests() {
    let shop = Shop::new();
    let order = shop.place().await;
    let mut stream = shop.open(get(&stream_of(&order)).header("last-event-id", "1")).await;
    let silent = Told { event: String::new(), id: String::new(), data: json!(null) };
    for _ in 0..10 {
        assert_eq!(shop.told(&mut stream).await, silent);
    }
    let mut events = shop.open(get("/api/v1/events")).await;
    assert_eq!(events.began, "retry: 1000\nid: 1.0\n\n");
    let heartbeat = shop.told(&mut events).await;
    assert_eq!((&*heartbeat.event, &*heartbeat.id), ("", "1.0"), "it keeps the client's place fresh");
}

#[tokio::test(start_paused = true)]
async fn a_database_that_is_away_delays_a_stream_and_does_not_end_it() {
    let shop = Shop::new();
    let order = shop.place().await;
    let mut stream = shop.open(get(&stream_of(&order)).header("last-event-id", "1")).await;
    shop.orders.data().is_away = true;
    shop.write_elsewhere(&order, 2);
    let comes_back = async {
        tokio::time::advance(crate::live::RETRY * 3).await;
        shop.orders.data().is_away = false;
        std::future::pending::<()>().await;
    };
    tokio::select! {
        told = shop.told(&mut stream) => assert_eq!(told.id, "2"),
        () = comes_back => unreachable!(),
    }
}

#[tokio::test]
async fn there_are_no_more_streams_than_may_be() {
    let shop = Shop::new();
    let order = shop.place().await;
    let open = [shop.follow(&order).await, shop.open(get("/api/v1/events")).await];
    for path in [&*stream_of(&order), "/api/v1/events"] {
        let refused = shop.ask(get(path)).await;
        assert_eq!((refused.status, refused.slug().as_str()), (503, "saturated"), "{path}");
        assert_eq!(refused.header("retry-after"), "1");
    }
    let metrics = shop.ask(get("/metrics")).await;
    for line in [
        r#"live_streams{stream="order"} 1"#,
        r#"live_streams{stream="events"} 1"#,
        r#"http_request_duration_seconds_count{method="GET",endpoint="/api/v1/events"} 2"#,
    ] {
        assert!(metrics.text().lines().any(|found| found == line), "{line} is not in {}", metrics.text());
    }
    drop(open);
    assert!(shop.ask(get("/metrics")).await.text().contains(r#"live_streams{stream="order"} 0"#));
    shop.follow(&order).await;
}

#[tokio::test(start_paused = true)]
async fn all_streams_end_when_the_process_stops() {
    let shop = Shop::new();
    let order = shop.place().await;
    let mut silent = shop.open(get(&stream_of(&order)).header("last-event-id", "1")).await;
    let stops = async { shop.leaving.cancel() };
    assert_eq!(tokio::join!(shop.next(&mut silent), stops).0, None, "while it waits");

    let shop = Shop::new();
    let mut events = shop.open(get("/api/v1/events")).await;
    let stops = async { shop.leaving.cancel() };
    assert_eq!(tokio::join!(shop.next(&mut events), stops).0, None, "while it waits");
}

#[tokio::test]
async fn a_stream_with_something_left_to_tell_ends_all_the_same() {
    let shop = Shop::new();
    let order = shop.place().await;
    let mut stream = shop.follow(&order).await;
    let mut events = shop.open(get("/api/v1/events").header("last-event-id", "0.0")).await;
    shop.leaving.cancel();
    assert_eq!((shop.next(&mut stream).await, shop.next(&mut events).await), (None, None));
}

#[tokio::test]
async fn events_are_told_from_now_on_as_brokers_carry_them() {
    let shop = Shop::new();
    shop.place().await;
    let mut events = shop.open(get("/api/v1/events")).await;
    assert_eq!(events.began, "retry: 1000\nid: 1.0\n\n");
    let order = shop.place().await;
    let created = shop.told(&mut events).await;
    assert_eq!((&*created.event, &*created.id), ("event", "2.0"));
    let told = |name: &str| created.data[name].as_str().unwrap().to_owned();
    assert_eq!(["source", "type", "subject"].map(told), ["orders", "order.created", &order]);
    assert_eq!((told("id"), told("sequence")), (format!("{order}:1"), "1".to_owned()));
    assert_eq!(created.data["data"]["order_id"], order);
}

#[tokio::test]
async fn only_the_events_that_are_wanted_are_told() {
    let shop = Shop::new();
    let (one, other) = (shop.place().await, shop.place().await);
    shop.cancel(&other).await;
    shop.cancel(&one).await;
    let payment = Record { source: "payments".to_owned(), ..(*published(1)).clone() };
    shop.payments.keep_record(Arc::new(payment));
    let wants = [
        ("type=order.cancelled&type=order.failed", "3."),
        (&format!("order_id={one}"), "4."),
        (&format!("topic=order-events&order_id={one}"), "4."),
        ("topic=payment-events", ".1"),
        ("type=order.paid", ".1"),
    ];
    for (query, expected) in wants {
        let mut stream = shop.open(get(&format!("/api/v1/events?last_event_id=2.0&{query}"))).await;
        let told = shop.told(&mut stream).await;
        assert!(told.event == "event" && told.id.contains(expected), "{query}: {told:?}");
    }
    for query in ["type=order.cancled", "topic=orders", "order_id=1", "colour=red"] {
        assert_eq!(shop.ask(get(&format!("/api/v1/events?{query}"))).await.status, 400, "{query}");
    }
}

#[tokio::test(start_paused = true)]
async fn among_many_events_that_are_not_wanted_a_stream_still_shows_that_it_goes_on() {
    let shop = Shop::new();
    let mut stream = shop.open(get("/api/v1/events?type=order.failed")).await;
    let comes = async {
        loop {
            shop.orders.keep_record(published(1));
            tokio::time::advance(Duration::from_secs(1)).await;
        }
    };
    let told = tokio::select! {
        told = shop.told(&mut stream) => told,
        () = comes => unreachable!(),
    };
    assert_eq!(told.event, "", "a heartbeat");
    assert_ne!(told.id, "0.0", "and not for want of events");
}

#[tokio::test]
async fn who_comes_back_gets_the_events_he_missed() {
    let shop = Shop::new();
    let mut events = shop.open(get("/api/v1/events")).await;
    shop.place().await;
    let heard = shop.told(&mut events).await;
    drop(events);
    (0..300).for_each(|number| shop.orders.keep_record(published(number)));
    let mut events = shop.open(get("/api/v1/events").header("last-event-id", heard.id)).await;
    shop.place().await;
    let expected: Vec<_> = (2..=302).map(|offset| format!("{offset}.0")).collect();
    assert_eq!(shop.ids(&mut events, 301).await, expected, "what was missed, and then what happens");
    shop.place().await;
    assert_eq!(shop.told(&mut events).await.id, "303.0", "and nothing twice");
}

#[tokio::test]
async fn where_it_cannot_go_on_it_says_so_and_goes_on_from_what_is_there() {
    let shop = Shop::new();
    (1..=9).for_each(|number| shop.orders.keep_record(published(number)));
    shop.orders.trim(0, 6, 9).await.unwrap();
    let told = async |token: &str| {
        let mut events = shop.open(get("/api/v1/events").header("last-event-id", token)).await;
        let gap = shop.told(&mut events).await;
        assert_eq!(gap.event, "gap", "{token}");
        shop.orders.keep_record(published(1));
        shop.told(&mut events).await.id
    };
    assert_eq!(told("3.0").await, "7.0", "what the log still has");
    for strange in ["nonsense", "99.0", "1.2.3"] {
        let next = shop.orders.head(0).await.unwrap() + 1;
        assert_eq!(told(strange).await, format!("{next}.0"), "{strange}: from now on");
    }
    let metrics = shop.ask(get("/metrics")).await;
    assert!(metrics.text().contains("live_gaps_total 4"), "{}", metrics.text());
}

#[tokio::test]
async fn who_is_left_with_nothing_of_what_he_missed_is_told() {
    let shop = Shop::new();
    (1..=9).for_each(|number| shop.orders.keep_record(published(number)));
    shop.orders.trim(0, 9, 9).await.unwrap();
    let mut events = shop.open(get("/api/v1/events").header("last-event-id", "3.0")).await;
    let gap = shop.told(&mut events).await;
    assert_eq!((&*gap.event, &*gap.id), ("gap", "9.0"));
    shop.orders.keep_record(published(1));
    assert_eq!(shop.told(&mut events).await.id, "10.0");
}

#[tokio::test]
async fn who_is_too_slow_for_the_events_is_told_and_holds_up_nobody() {
    let shop = Shop::new();
    let mut slow = shop.open(get("/api/v1/events")).await;
    let mut quick = shop.open(get("/api/v1/events")).await;
    for round in 1..=30 {
        (0..200).for_each(|number| shop.orders.keep_record(published(number)));
        let expected: Vec<_> = (200 * (round - 1) + 1..=200 * round).map(|at| format!("{at}.0")).collect();
        assert_eq!(shop.ids(&mut quick, 200).await, expected);
    }
    assert_eq!(shop.told(&mut slow).await.event, "gap");
    let next = shop.told(&mut slow).await;
    let at: u64 = next.id.strip_suffix(".0").unwrap().parse().unwrap();
    assert!((6_000 - 4_096..6_000).contains(&at), "it goes on with what is still in the ring: {at}");
}
