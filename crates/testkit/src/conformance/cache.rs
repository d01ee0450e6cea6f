//! The cache port's suite: [`cache_conformance!`](crate::cache_conformance) makes its tests for one adapter.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use cache::{Cache, Entry, Fence, Look, Stamp};
use contract::Reason;
use jiff::Timestamp;
use orders::{Content, Line, Order, PaymentFact, ProcessingFact};
use uuid::Uuid;

/// Longer than any test takes.
const LONG: Duration = Duration::from_secs(600);
/// How long a test waits for what has to come.
const PATIENCE: Duration = Duration::from_secs(60);

/// An adapter under test, with a place of its own.
#[async_trait]
pub trait CacheHarness: Send + Sync {
    /// Whether the instances in one place share what they keep.
    fn is_shared(&self) -> bool;

    /// Another instance, whose entries live so long.
    async fn open(&self, ttl: Duration) -> Arc<dyn Cache>;
}

/// Makes a module `cache` with a test per case: `cache_conformance!(MyHarness::new())`. Attributes behind the harness are
/// those of every test.
#[macro_export]
macro_rules! cache_conformance {
    ($harness:expr $(, #[$attribute:meta])*) => {
        mod cache {
            #[allow(unused_imports, reason = "the harness may be named by its path")]
            use super::*;
            use $crate::conformance::cache as cases;

            $crate::conformance_cases!(
                [$(#[$attribute])*] $harness,
                cases,
                what_is_kept_is_answered_word_for_word,
                of_two_versions_the_newer_one_stays,
                what_is_below_a_fence_is_neither_answered_nor_kept,
                a_fence_stays_where_a_lower_one_comes,
                what_was_read_before_a_fence_is_not_kept_even_if_the_fence_is_forgotten,
                many_fences_are_set_at_once,
                nothing_outlives_a_void,
                what_was_read_before_a_void_is_not_kept,
                entries_expire,
                instances_see_each_others_entries_if_they_share,
            );
        }
    };
}

/// A settled order in this version, with something in every field. Another version has other facts.
pub fn settled(id: Uuid, version: u64) -> Order {
    let line = Line {
        product_id: "margherita".to_owned(),
        name: Some("Margherita".to_owned()),
        quantity: 2,
        price: Some(900),
        total: Some(1_800),
    };
    let metadata = serde_json::json!({ "ratio": 0.1, "note": "\u{1f355} \"\\\0", "deep": [{}, [null, -1]] });
    let content = Content {
        customer_id: Some("c-1".to_owned()),
        customer_name: Some("Ann".to_owned()),
        lines: vec![line],
        total: 1_800,
        currency: "USD".parse().expect("a currency"),
        delivery: None,
        payment_method: Some("card".to_owned()),
        external_id: Some(format!("external-{id}")),
        metadata: metadata.as_object().expect("an object").clone(),
        document: None,
    };
    let now = Timestamp::UNIX_EPOCH + Duration::from_micros(1_767_268_800_123_456);
    let mut order = Order::new(id, content, false, now);
    order.facts.payment = PaymentFact::Paid;
    order.facts.processing = ProcessingFact::Rejected(Reason::new("burnt", "It is burnt."));
    (order.facts.paid, order.facts.refunded, order.version) = (1_800, version.cast_signed(), version);
    assert!(order.is_settled());
    order
}

fn entry(id: Uuid, version: u64) -> Entry {
    Entry::new(settled(id, version), None)
}

const fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

/// A stamp of now.
async fn stamp(cache: &dyn Cache) -> Stamp {
    match cache.get(id(u128::MAX)).await.expect("answers") {
        Look::Miss(stamp) => stamp,
        Look::Hit(entry) => panic!("nobody put {entry:?}"),
    }
}

/// Puts what is read now.
async fn put(cache: &dyn Cache, entry: &Entry) {
    cache.put(&stamp(cache).await, entry).await.expect("answers");
}

async fn fence(cache: &dyn Cache, id: Uuid, version: u64) {
    cache.fence(&[Fence { id, version }]).await.expect("answers");
}

/// The version that is answered.
async fn version(cache: &dyn Cache, id: Uuid) -> Option<u64> {
    match cache.get(id).await.expect("answers") {
        Look::Hit(entry) => Some(entry.order.version),
        Look::Miss(_) => None,
    }
}

/// With a document and without one.
pub async fn what_is_kept_is_answered_word_for_word(harness: impl CacheHarness) {
    let cache = harness.open(LONG).await;
    let document = Some("{ \"order_uid\": \"\\u0000\\ud83c\\udf55\",\n\t\"ünï\": 0.10 }\0".to_owned());
    let entries =
        [entry(id(1), 3), Entry::new(settled(id(2), 1), document), entry(id(3), u64::from(u32::MAX))];
    for entry in &entries {
        assert!(matches!(cache.get(entry.order.id).await.expect("answers"), Look::Miss(_)));
        put(&*cache, entry).await;
    }
    for entry in entries {
        assert_eq!(cache.get(entry.order.id).await.expect("answers"), Look::Hit(Box::new(entry)));
    }
}

/// In whichever order they come.
pub async fn of_two_versions_the_newer_one_stays(harness: impl CacheHarness) {
    let cache = harness.open(LONG).await;
    for (put_version, kept) in [(9, 9), (8, 9), (9, 9), (10, 10), (1, 10), (11, 11)] {
        put(&*cache, &entry(id(1), put_version)).await;
        assert_eq!(version(&*cache, id(1)).await, Some(kept));
    }
}

/// What it announces is kept when it is read.
pub async fn what_is_below_a_fence_is_neither_answered_nor_kept(harness: impl CacheHarness) {
    let cache = harness.open(LONG).await;
    put(&*cache, &entry(id(1), 9)).await;
    put(&*cache, &entry(id(2), 9)).await;
    fence(&*cache, id(1), 10).await;
    assert_eq!(version(&*cache, id(1)).await, None);
    put(&*cache, &entry(id(1), 9)).await;
    assert_eq!(version(&*cache, id(1)).await, None, "the commit was not there yet");
    put(&*cache, &entry(id(1), 10)).await;
    assert_eq!((version(&*cache, id(1)).await, version(&*cache, id(2)).await), (Some(10), Some(9)));
    fence(&*cache, id(1), 10).await;
    assert_eq!(version(&*cache, id(1)).await, Some(10), "the one behind the commit takes nothing away");
}

/// Writers may be late.
pub async fn a_fence_stays_where_a_lower_one_comes(harness: impl CacheHarness) {
    let cache = harness.open(LONG).await;
    fence(&*cache, id(1), 100).await;
    fence(&*cache, id(1), 20).await;
    put(&*cache, &entry(id(1), 99)).await;
    assert_eq!(version(&*cache, id(1)).await, None);
    put(&*cache, &entry(id(1), 100)).await;
    fence(&*cache, id(1), 30).await;
    assert_eq!(version(&*cache, id(1)).await, Some(100));
}

/// The stamp tells.
pub async fn what_was_read_before_a_fence_is_not_kept_even_if_the_fence_is_forgotten(
    harness: impl CacheHarness,
) {
    let cache = harness.open(LONG).await;
    let before = stamp(&*cache).await;
    fence(&*cache, id(1), 10).await;
    let others: Vec<_> = (2..20_000).map(|number| Fence { id: id(number), version: 2 }).collect();
    cache.fence(&others).await.expect("answers");
    cache.put(&before, &entry(id(1), 9)).await.expect("answers");
    assert_eq!(version(&*cache, id(1)).await, None);
}

/// More than anybody handles in one go.
pub async fn many_fences_are_set_at_once(harness: impl CacheHarness) {
    let cache = harness.open(LONG).await;
    let ids: Vec<_> = (0..1_500).map(id).collect();
    for id in &ids {
        put(&*cache, &entry(*id, 1)).await;
    }
    let fences: Vec<_> = ids.iter().map(|id| Fence { id: *id, version: 2 }).collect();
    cache.fence(&fences).await.expect("answers");
    for id in ids {
        assert_eq!(version(&*cache, id).await, None);
    }
}

/// And it works as before from then on.
pub async fn nothing_outlives_a_void(harness: impl CacheHarness) {
    let cache = harness.open(LONG).await;
    put(&*cache, &entry(id(1), 9)).await;
    put(&*cache, &entry(id(2), 9)).await;
    cache.void().await.expect("answers");
    assert_eq!((version(&*cache, id(1)).await, version(&*cache, id(2)).await), (None, None));
    put(&*cache, &entry(id(1), 9)).await;
    assert_eq!((version(&*cache, id(1)).await, version(&*cache, id(2)).await), (Some(9), None));
}

/// Not even above a fence that was set: another one may have been missed.
pub async fn what_was_read_before_a_void_is_not_kept(harness: impl CacheHarness) {
    let cache = harness.open(LONG).await;
    fence(&*cache, id(1), 5).await;
    let before = stamp(&*cache).await;
    cache.void().await.expect("answers");
    cache.put(&before, &entry(id(1), 9)).await.expect("answers");
    cache.put(&before, &entry(id(2), 9)).await.expect("answers");
    assert_eq!((version(&*cache, id(1)).await, version(&*cache, id(2)).await), (None, None));
    put(&*cache, &entry(id(1), 9)).await;
    cache.put(&before, &entry(id(1), 9)).await.expect("answers");
    assert_eq!(version(&*cache, id(1)).await, Some(9), "nor does it take the place of what counts");
}

/// By themselves.
pub async fn entries_expire(harness: impl CacheHarness) {
    let cache = harness.open(Duration::from_millis(50)).await;
    put(&*cache, &entry(id(1), 9)).await;
    let begun = Instant::now();
    while version(&*cache, id(1)).await.is_some() {
        assert!(begun.elapsed() < PATIENCE, "it is still there");
        tokio::task::yield_now().await;
    }
    assert!(begun.elapsed() >= Duration::from_millis(20), "it hardly was there");
}

/// Their fences and voids too.
pub async fn instances_see_each_others_entries_if_they_share(harness: impl CacheHarness) {
    let (one, other) = (harness.open(LONG).await, harness.open(LONG).await);
    let shared = harness.is_shared();
    put(&*one, &entry(id(1), 9)).await;
    assert_eq!(version(&*other, id(1)).await.is_some(), shared);
    fence(&*other, id(1), 10).await;
    assert_eq!(version(&*one, id(1)).await.is_none(), shared);
    put(&*one, &entry(id(2), 9)).await;
    other.void().await.expect("answers");
    assert_eq!(version(&*one, id(2)).await.is_none(), shared);
}
