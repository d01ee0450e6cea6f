//! A server that is away: a fault, and then it works again.

use std::time::Instant;

use engine::Fault;

use super::*;
use crate::line::{Condition, Line};

/// How long a test waits for what has to come.
const PATIENCE: Duration = Duration::from_secs(60);

/// With little time for everything.
fn hasty(place: &Place, url: &str) -> RedisCache {
    let settings = RedisSettings { url: url.to_owned(), timeout: Duration::from_secs(1), ..place.0.clone() };
    RedisCache::open(settings, Handle::current(), Arc::new(SystemIds)).unwrap()
}

async fn is_away(cache: &RedisCache) -> bool {
    matches!(cache.get(ID).await, Err(Fault::Unavailable(_)))
}

async fn until_there(cache: &RedisCache) {
    let begun = Instant::now();
    while let Err(fault) = cache.get(ID).await {
        assert!(begun.elapsed() < PATIENCE, "{fault}");
        tokio::task::yield_now().await;
    }
}

#[test]
fn a_server_that_is_not_there_is_a_fault_with_or_without_tls() {
    run(async {
        let place = Place(RedisSettings::new("redis://127.0.0.1:1"));
        for url in ["redis://127.0.0.1:1", "rediss://127.0.0.1:1", "redis://nowhere.invalid"] {
            let cache = hasty(&place, url);
            assert!(is_away(&cache).await && is_away(&cache).await);
            assert!(matches!(cache.fence(&[Fence { id: ID, version: 1 }]).await, Err(Fault::Unavailable(_))));
            assert!(matches!(cache.void().await, Err(Fault::Unavailable(_))));
        }
    });
}

/// That it is no panic shows that the client finds what it needs for TLS.
#[test]
fn a_server_that_speaks_no_tls_is_a_fault() {
    run(async {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let place = Place(RedisSettings::new(&format!("rediss://{address}")));
        let cache = hasty(&place, &place.0.url);
        let (fault, ()) = futures::join!(cache.get(ID), async {
            let (mut client, _) = listener.accept().await.unwrap();
            tokio::io::AsyncWriteExt::write_all(&mut client, b"-ERR what?\r\n").await.unwrap();
        });
        let Err(Fault::Unavailable(reason)) = fault else { panic!("{fault:?}") };
        assert!(!reason.contains("panicked"), "{reason}");
    });
}

#[test]
#[ignore = "needs Redis: scripts/services up"]
fn a_line_that_is_cut_is_a_fault_and_a_whole_one_works_again() {
    run(async {
        let place = Place::new();
        let line = Line::to(&place.0.url).await;
        let cache = hasty(&place, &line.url());
        until_there(&cache).await;
        put(&cache, 3).await;
        for broken in [Condition::Cut, Condition::Silent] {
            line.set(broken);
            // Also of a line that says nothing it is told, which ends the wait.
            assert!(is_away(&cache).await && is_away(&cache).await);
            line.set(Condition::Whole);
            until_there(&cache).await;
            assert_eq!(version(&cache).await, Some(3));
        }
    });
}

#[test]
#[ignore = "needs Redis: scripts/services up"]
fn who_asks_from_a_thread_that_ends_does_not_take_the_connection_along() {
    run(async {
        let place = Place::new();
        let cache = place.open(LONG).await;
        let asked = Arc::clone(&cache);
        let thread = std::thread::Builder::new().spawn(move || {
            // As a service's thread has it: with time, and without a network.
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
            runtime.block_on(async { put(&*asked, 3).await });
        });
        thread.unwrap().join().unwrap();
        assert_eq!(version(&*cache).await, Some(3));
    });
}
