//! What holds for all streams: how many there are, how long they may be silent, and when they end.

use serde_json::json;

use super::{Told, stream_of};
use crate::tests::{Headed, Shop, get};

#[tokio::test(start_paused = true)]
async fn a_silent_stream_outlives_the_limit_of_requests() {
    let shop = Shop::new();
    let order = shop.place().await;
    let mut stream = shop.listen(get(&stream_of(&order)).header("last-event-id", "1")).await;
    let silent = Told { event: String::new(), id: String::new(), data: json!(null) };
    for _ in 0..10 {
        assert_eq!(shop.told(&mut stream).await, silent);
    }
    let mut events = shop.listen(get("/api/v1/events")).await;
    assert_eq!(events.began, "retry: 1000\nid: 1.0\n\n");
    let heartbeat = shop.told(&mut events).await;
    assert_eq!((&*heartbeat.event, &*heartbeat.id), ("", "1.0"), "it keeps the client's place fresh");
}

#[tokio::test]
async fn there_are_no_more_streams_than_may_be() {
    let shop = Shop::new();
    let order = shop.place().await;
    let open = [shop.follow(&order).await, shop.listen(get("/api/v1/events")).await];
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
    let mut silent = shop.listen(get(&stream_of(&order)).header("last-event-id", "1")).await;
    let stops = async { shop.leaving.cancel() };
    assert_eq!(tokio::join!(shop.next(&mut silent), stops).0, None, "while it waits");

    let shop = Shop::new();
    let mut events = shop.listen(get("/api/v1/events")).await;
    let stops = async { shop.leaving.cancel() };
    assert_eq!(tokio::join!(shop.next(&mut events), stops).0, None, "while it waits");
}

#[tokio::test]
async fn a_stream_with_something_left_to_tell_ends_all_the_same() {
    let shop = Shop::new();
    let order = shop.place().await;
    let mut stream = shop.follow(&order).await;
    let mut events = shop.listen(get("/api/v1/events").header("last-event-id", "0.0")).await;
    shop.leaving.cancel();
    assert_eq!((shop.next(&mut stream).await, shop.next(&mut events).await), (None, None));
}
