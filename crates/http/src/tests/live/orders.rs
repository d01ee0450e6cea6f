//! An order's stream: from its beginning or from where the client was, whoever writes on.

use serde_json::json;

use super::stream_of;
use crate::tests::{Headed, Shop, get};

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
    let first = async |request| shop.told(&mut shop.listen(request).await).await.id;
    assert_eq!(first(header("1")).await, "2");
    assert_eq!(first(get(&format!("{path}?last_event_id=1"))).await, "2");
    let both = get(&format!("{path}?last_event_id=9")).header("last-event-id", "1");
    assert_eq!(first(both).await, "2", "the address is still that of the first time");
    for strange in ["0", "nonsense", "3", "18446744073709551615", ""] {
        assert_eq!(first(header(strange)).await, "1", "{strange} is no entry of this order");
    }
    let mut stream = shop.listen(header("2")).await;
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
async fn a_database_that_is_away_delays_a_stream_and_does_not_end_it() {
    let shop = Shop::new();
    let order = shop.place().await;
    let mut stream = shop.listen(get(&stream_of(&order)).header("last-event-id", "1")).await;
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

#[tokio::test(start_paused = true)]
async fn a_database_that_is_away_keeps_no_heartbeat_from_who_follows_an_order() {
    let shop = Shop::new();
    let order = shop.place().await;
    let mut stream = shop.listen(get(&stream_of(&order)).header("last-event-id", "1")).await;
    shop.write_elsewhere(&order, 2);
    shop.orders.data().is_away = true;
    let begun = tokio::time::Instant::now();
    assert_eq!(
        (shop.told(&mut stream).await.event, begun.elapsed()),
        (String::new(), crate::live::HEARTBEAT)
    );
    shop.orders.data().is_away = false;
    assert_eq!(shop.told(&mut stream).await.id, "2");
}
