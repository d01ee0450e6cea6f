//! The events' stream: what is wanted, what was missed, and what is gone.

use std::sync::Arc;
use std::time::Duration;

use engine::{Log, Record};

use super::published;
use crate::tests::{Headed, Shop, get};

#[tokio::test]
async fn events_are_told_from_now_on_as_brokers_carry_them() {
    let shop = Shop::new();
    shop.place().await;
    let mut events = shop.listen(get("/api/v1/events")).await;
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
        let mut stream = shop.listen(get(&format!("/api/v1/events?last_event_id=2.0&{query}"))).await;
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
    let mut stream = shop.listen(get("/api/v1/events?type=order.failed")).await;
    let comes = async {
        for _ in 0..60 {
            shop.orders.keep_record(published(1));
            tokio::time::advance(Duration::from_secs(1)).await;
        }
    };
    let told = tokio::select! {
        told = shop.told(&mut stream) => told,
        () = comes => panic!("it was silent for a minute"),
    };
    assert_eq!(told.event, "", "a heartbeat");
    assert_ne!(told.id, "0.0", "and not for want of events");
}

#[tokio::test]
async fn who_comes_back_gets_the_events_he_missed() {
    let shop = Shop::new();
    let mut events = shop.listen(get("/api/v1/events")).await;
    shop.place().await;
    let heard = shop.told(&mut events).await;
    drop(events);
    (0..300).for_each(|number| shop.orders.keep_record(published(number)));
    let mut events = shop.listen(get("/api/v1/events").header("last-event-id", heard.id)).await;
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
        let mut events = shop.listen(get("/api/v1/events").header("last-event-id", token)).await;
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
    let mut events = shop.listen(get("/api/v1/events").header("last-event-id", "3.0")).await;
    let gap = shop.told(&mut events).await;
    assert_eq!((&*gap.event, &*gap.id), ("gap", "9.0"));
    shop.orders.keep_record(published(1));
    assert_eq!(shop.told(&mut events).await.id, "10.0");
}

#[tokio::test]
async fn who_is_too_slow_for_the_ring_reads_on_from_the_logs_and_holds_up_nobody() {
    let shop = Shop::new();
    let mut slow = shop.listen(get("/api/v1/events")).await;
    let mut quick = shop.listen(get("/api/v1/events")).await;
    for round in 1..=30 {
        (0..200).for_each(|number| shop.orders.keep_record(published(number)));
        let expected: Vec<_> = (200 * (round - 1) + 1..=200 * round).map(|at| format!("{at}.0")).collect();
        assert_eq!(shop.ids(&mut quick, 200).await, expected);
    }
    let expected: Vec<_> = (1..=6_000).map(|at| format!("{at}.0")).collect();
    assert_eq!(shop.ids(&mut slow, 6_000).await, expected, "the log still has it all");
    shop.orders.keep_record(published(1));
    assert_eq!(shop.told(&mut slow).await.id, "6001.0", "and it goes on");
}

#[tokio::test]
async fn who_is_too_slow_for_the_logs_too_is_told_of_a_gap() {
    let shop = Shop::new();
    let mut slow = shop.listen(get("/api/v1/events")).await;
    let mut quick = shop.listen(get("/api/v1/events")).await;
    (0..6_000).for_each(|number| shop.orders.keep_record(published(number)));
    shop.ids(&mut quick, 6_000).await;
    shop.orders.trim(0, 5_000, 6_000).await.unwrap();
    assert_eq!(shop.told(&mut slow).await.event, "gap");
    assert_eq!(shop.told(&mut slow).await.id, "5001.0", "it goes on with what is left");
}

#[tokio::test(start_paused = true)]
async fn a_database_that_is_away_keeps_no_heartbeat_from_who_catches_up() {
    let shop = Shop::new();
    (1..=9).for_each(|number| shop.orders.keep_record(published(number)));
    let mut events = shop.listen(get("/api/v1/events").header("last-event-id", "3.0")).await;
    shop.orders.data().is_away = true;
    let begun = tokio::time::Instant::now();
    let heartbeat = shop.told(&mut events).await;
    assert_eq!((&*heartbeat.event, &*heartbeat.id), ("", "3.0"));
    assert_eq!(begun.elapsed(), crate::live::HEARTBEAT);
    shop.orders.data().is_away = false;
    assert_eq!(shop.told(&mut events).await.id, "4.0");
}
