//! Reading through the cache: what is asked where, and how often.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;
use std::time::Duration;

use cache::{Observation, Observer};
use futures::FutureExt;
use futures::future::join_all;
use orders::{Order, PaymentFact, Queries};
use uuid::Uuid;

use testkit::cached::{Instance, Shelf};
use testkit::conformance::cache::settled;
use testkit::conformance::run;

use crate::memory_cache;

const LONG: Duration = Duration::from_secs(600);
const ID: Uuid = Uuid::from_u128(7);
const DOCUMENT: &str = "{\"order_uid\": \"x\"}";

/// Counts what it is told.
#[derive(Default)]
pub struct Counts([AtomicU64; 3]);

impl Observer for Counts {
    fn observe(&self, observation: Observation) {
        self.0[observation as usize].fetch_add(1, Ordering::SeqCst);
    }
}

impl Counts {
    /// Hits, misses and faults.
    pub fn all(&self) -> [u64; 3] {
        [0, 1, 2].map(|index: usize| self.0[index].load(Ordering::SeqCst))
    }
}

pub fn with_document(mut order: Order) -> Order {
    Arc::make_mut(&mut order.content).document = Some(DOCUMENT.to_owned());
    order
}

pub fn open(id: Uuid) -> Order {
    let mut order = settled(id, 1);
    order.facts.payment = PaymentFact::Unknown;
    assert!(!order.is_settled());
    order
}

async fn instance(order: Order) -> (Arc<Shelf>, Instance, Arc<Counts>) {
    let (shelf, counts) = (Shelf::with([order]).await, Arc::new(Counts::default()));
    let observer = Arc::clone(&counts) as Arc<dyn Observer>;
    let instance = Instance::new(&shelf, memory_cache(LONG), observer, LONG);
    (shelf, instance, counts)
}

async fn version(instance: &Instance) -> u64 {
    instance.queries.order(ID).await.unwrap().unwrap().version
}

#[test]
fn what_has_ended_is_read_once() {
    run(async {
        let (shelf, instance, counts) = instance(with_document(settled(ID, 3))).await;
        let first = instance.queries.order(ID).await.unwrap().unwrap();
        let asked = shelf.asked();
        assert_eq!(counts.all(), [0, 1, 0]);
        let again = instance.queries.order(ID).await.unwrap().unwrap();
        assert_eq!((&again.facts, again.version), (&first.facts, 3));
        assert_eq!(again.content.document, None, "it is kept once, beside the order");
        assert_eq!(instance.queries.document(ID).await.unwrap().as_deref(), Some(DOCUMENT));
        assert_eq!((shelf.asked(), counts.all()), (asked, [2, 1, 0]));
    });
}

#[test]
fn that_it_came_as_no_document_is_known_too() {
    run(async {
        let (shelf, instance, _) = instance(settled(ID, 3)).await;
        assert_eq!(version(&instance).await, 3);
        let asked = shelf.asked();
        assert_eq!(instance.queries.document(ID).await.unwrap(), None);
        assert_eq!(shelf.asked(), asked);
    });
}

#[test]
fn what_is_open_is_always_asked_of_the_database() {
    run(async {
        let (shelf, instance, counts) = instance(with_document(open(ID))).await;
        for round in 1..=3 {
            assert_eq!(version(&instance).await, 1);
            assert_eq!(instance.queries.document(ID).await.unwrap().as_deref(), Some(DOCUMENT));
            assert_eq!((shelf.asked(), counts.all()), (round * 2, [0, round * 2, 0]));
        }
    });
}

#[test]
fn what_is_not_there_is_not_there() {
    run(async {
        let (_, instance, _) = instance(settled(ID, 3)).await;
        assert_eq!(instance.queries.order(Uuid::from_u128(8)).await.unwrap(), None);
        assert_eq!(instance.queries.document(Uuid::from_u128(8)).await.unwrap(), None);
        assert_eq!(instance.queries.by_external_id("external").await.unwrap(), None);
    });
}

#[test]
fn an_order_that_is_found_by_its_name_is_kept_for_its_id() {
    run(async {
        let (shelf, instance, _) = instance(with_document(settled(ID, 3))).await;
        let name = format!("external-{ID}");
        assert_eq!(instance.queries.by_external_id(&name).await.unwrap().unwrap().version, 3);
        let asked = shelf.asked();
        assert_eq!(version(&instance).await, 3);
        assert_eq!(instance.queries.document(ID).await.unwrap().as_deref(), Some(DOCUMENT));
        assert_eq!(shelf.asked(), asked);
        assert_eq!(instance.queries.by_external_id(&name).await.unwrap().unwrap().version, 3);
        assert_eq!(shelf.asked(), asked + 1, "names are the database's");
    });
}

#[test]
fn who_commits_a_change_of_what_is_kept_reads_it() {
    run(async {
        let (_, instance, _) = instance(settled(ID, 3)).await;
        for before in 3..6 {
            assert_eq!(version(&instance).await, before);
            instance.refund(ID).await;
            assert_eq!(version(&instance).await, before + 1);
        }
    });
}

#[test]
fn readers_who_come_at_once_load_twice_at_most() {
    run(async {
        let (shelf, instance, _) = instance(open(ID)).await;
        let versions = join_all((0..50).map(|_| version(&instance))).await;
        assert_eq!((versions, shelf.asked()), (vec![1; 50], 2));
        assert_eq!((version(&instance).await, shelf.asked()), (1, 3));
    });
}

#[test]
fn a_reader_who_comes_later_does_not_get_what_was_read_before() {
    run(async {
        let (shelf, instance, _) = instance(settled(ID, 1)).await;
        let mut early = Box::pin(version(&instance));
        // It has looked, and not answered yet.
        while shelf.asked() == 0 {
            assert!(poll_fn(|cx| Poll::Ready(early.poll_unpin(cx))).await.is_pending());
        }
        assert!(poll_fn(|cx| Poll::Ready(early.poll_unpin(cx))).await.is_pending());
        instance.refund(ID).await;
        let late = version(&instance);
        let (early, late) = futures::join!(early, late);
        assert_eq!((early, late), (1, 2));
        assert_eq!(version(&instance).await, 2);
    });
}

#[test]
fn a_reader_who_goes_away_leaves_nobody_waiting() {
    run(async {
        let (shelf, instance, _) = instance(open(ID)).await;
        let mut first = Box::pin(version(&instance));
        while shelf.asked() == 0 {
            assert!(poll_fn(|cx| Poll::Ready(first.poll_unpin(cx))).await.is_pending());
        }
        let mut second = Box::pin(version(&instance));
        assert!(poll_fn(|cx| Poll::Ready(second.poll_unpin(cx))).await.is_pending());
        drop(first);
        assert_eq!(second.await, 1);
    });
}
