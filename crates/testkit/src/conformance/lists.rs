//! The suite of lists and searches: [`lists_conformance!`](crate::lists_conformance) makes its tests for one store of orders with
//! its index.
//!
//! Whatever is asked for, going from page to page gives exactly what the filter fits, once each, the newest first: with nothing
//! indexed, with a part indexed, and with all of it.

use std::sync::Arc;

use async_trait::async_trait;
use engine::store::{Existing, Writes};
use engine::{Key, Log, Progress, Record, Service, Step, Store};
use jiff::Timestamp;
use orders::page::Next;
use orders::{ListFilter, Order, Orders, Queries, State};
use proptest::test_runner::{Config, TestRunner};
use search::{Index, Indexer, IndexerSettings, SearchedQueries, Sweep};
use tokio::runtime::Handle;
use uuid::Uuid;

use self::asked::filters;
use self::stock::orders;
use super::at;
use crate::clock::ManualClock;

mod asked;
mod stock;

/// What a harness opens.
#[derive(Clone)]
pub struct Opened {
    /// Where orders are written.
    pub store: Arc<dyn Store<Orders>>,
    /// What they are asked of.
    pub queries: Arc<dyn Queries>,
    /// The index beside them.
    pub index: Arc<dyn Index>,
}

/// A store of orders under test, with a place of its own.
#[async_trait]
pub trait ListsHarness: Send + Sync {
    /// Whether the store finds the orders of a customer by itself.
    fn knows_customers(&self) -> bool;

    /// Opens the place, after what was opened before is dropped.
    async fn open(&self) -> Opened;

    /// Breaks what the index has on the disk, behind the back of who has it open. False: it has nothing to itself.
    fn break_index(&self) -> bool {
        false
    }
}

/// Makes a module `lists` with a test per case: `lists_conformance!(MyHarness::new())`. Attributes behind the harness are those of
/// every test.
#[macro_export]
macro_rules! lists_conformance {
    ($harness:expr $(, #[$attribute:meta])*) => {
        mod lists {
            #[allow(unused_imports, reason = "the harness may be named by its path")]
            use super::*;
            use $crate::conformance::lists as cases;

            $crate::conformance_cases!(
                [$(#[$attribute])*] $harness,
                cases,
                pages_give_what_fits_once_each_and_in_order,
                orders_from_before_there_was_an_index_are_found,
                what_the_log_lost_is_indexed_again,
                an_index_that_breaks_is_filled_again,
                a_page_looks_at_no_more_than_it_may,
                a_track_number_is_found,
            );
        }
    };
}

/// The shop of a case.
struct Shop {
    opened: Opened,
    log: Arc<dyn Log>,
    clock: Arc<ManualClock>,
    searched: SearchedQueries,
    orders: Vec<Order>,
}

impl Shop {
    async fn open(harness: &impl ListsHarness) -> Self {
        let opened = harness.open().await;
        let log: Arc<dyn Log> = opened.store.clone();
        let (inner, index) = (Arc::clone(&opened.queries), Arc::clone(&opened.index));
        let searched = SearchedQueries::new(inner, index, Arc::clone(&log), harness.knows_customers());
        Self { opened, log, clock: Arc::default(), searched, orders: Vec::new() }
    }

    /// Writes the orders in batches, not in the order of their ids, and says so in the log.
    async fn place(&mut self, orders: &[Order]) {
        for batch in orders.chunks(17) {
            let mut tx = self.opened.store.begin().await.expect("begins");
            let mut batch = batch.to_vec();
            batch.sort_by_key(|order| Key::Id(order.id));
            let states = batch
                .iter()
                .map(|order| (Key::Id(order.id), Arc::new(State::Order(order.clone())), Existing::No));
            let writes = Writes {
                now: at(0),
                claims: vec![],
                states: states.collect(),
                streams: vec![],
                notes: vec![],
                events: batch.iter().map(|order| Arc::new(created(order))).collect(),
                scheduled: vec![],
                dead_letters: vec![],
                cursors: vec![],
            };
            tx.write(writes).await.expect("writes");
            tx.commit().await.expect("commits");
        }
        self.orders.extend_from_slice(orders);
    }

    fn indexer(&self) -> Indexer {
        let Opened { queries, index, .. } = &self.opened;
        let settings = IndexerSettings { batch: 20, ..IndexerSettings::default() };
        let (index, log) = (Arc::clone(index), Arc::clone(&self.log));
        Indexer::new(Uuid::from_u128(1), index, Arc::clone(queries), log, self.clock.clone(), settings)
    }

    /// Lets the indexer do so many steps at most.
    async fn index(&self, indexer: &mut Indexer, steps: usize) {
        for _ in 0..steps {
            match indexer.step().await.expect("steps") {
                Progress::Worked => {}
                Progress::Idle(None) => return,
                Progress::Idle(Some(until)) => self.clock.advance_to(until),
            }
        }
    }

    /// What the filter fits.
    fn fitting(&self, filter: &ListFilter) -> Vec<Uuid> {
        let fits = |order: &&Order| filter.fits(order, order.content.document.as_deref());
        let mut ids: Vec<_> = self.orders.iter().filter(fits).map(|order| order.id).collect();
        ids.sort_unstable();
        ids.into_iter().rev().skip(filter.skip).collect()
    }

    /// What going from page to page gives.
    async fn paged(&self, filter: &ListFilter) -> Vec<Uuid> {
        let (mut filter, mut ids, mut pages) = (filter.clone(), Vec::new(), 0);
        loop {
            let page = self.searched.list(&filter).await.expect("answers");
            assert!(page.orders.len() <= filter.limit);
            ids.extend(page.orders.iter().map(|order| order.id));
            let Some(Next { before, skip }) = page.next else { return ids };
            assert!(filter.before.is_none_or(|last| before < last), "it gets on");
            (filter.before, filter.skip, pages) = (Some(before), skip, pages + 1);
            assert!(pages < 10_000, "it comes to an end");
        }
    }

    /// Asks all that can be asked.
    fn check(&self, what: &str) {
        let mut runner =
            TestRunner::new(Config { cases: 150, failure_persistence: None, ..Config::default() });
        let checked = runner.run(&filters(), |filter| {
            let paged = tokio::task::block_in_place(|| Handle::current().block_on(self.paged(&filter)));
            assert_eq!(paged, self.fitting(&filter), "{what}");
            Ok(())
        });
        if let Err(error) = checked {
            panic!("{what}: {error}");
        }
    }
}

fn created(order: &Order) -> Record {
    Record {
        source: Orders::NAME.to_owned(),
        key: Key::Id(order.id),
        sequence: Some(1),
        foreign_id: None,
        steps: None,
        kind: contract::events::ORDER_CREATED.to_owned(),
        time: Timestamp::UNIX_EPOCH,
        data: "{}".to_owned(),
    }
}

/// However far the index is.
pub async fn pages_give_what_fits_once_each_and_in_order(harness: impl ListsHarness) {
    let mut shop = Shop::open(&harness).await;
    let orders = orders(180);
    let (first, second) = orders.split_at(120);
    let mut indexer = shop.indexer();
    shop.place(first).await;
    shop.check("nothing is indexed");
    shop.index(&mut indexer, 3).await;
    shop.check("the sweep is under way");
    shop.index(&mut indexer, 100).await;
    shop.check("all is indexed");
    shop.place(second).await;
    shop.check("something is not indexed yet");
    shop.index(&mut indexer, 100).await;
    shop.check("all is indexed again");
}

/// As in a data directory of the version before, whose log has been cleaned.
pub async fn orders_from_before_there_was_an_index_are_found(harness: impl ListsHarness) {
    let mut shop = Shop::open(&harness).await;
    shop.place(&orders(60)).await;
    for partition in 0..shop.log.partitions() {
        shop.log.trim(partition, u64::MAX >> 1, usize::MAX).await.expect("trims");
    }
    let mut indexer = shop.indexer();
    shop.index(&mut indexer, 100).await;
    let all = ListFilter { product_id: Some("p-1".to_owned()), limit: 7, ..ListFilter::default() };
    assert_eq!(shop.paged(&all).await, shop.fitting(&all));
    assert!(!shop.fitting(&all).is_empty());
}

/// A cleaner that did not know of the index has deleted what it had not read.
pub async fn what_the_log_lost_is_indexed_again(harness: impl ListsHarness) {
    let mut shop = Shop::open(&harness).await;
    let orders = orders(60);
    let mut indexer = shop.indexer();
    shop.place(&orders[..30]).await;
    shop.index(&mut indexer, 100).await;
    shop.place(&orders[30..50]).await;
    for partition in 0..shop.log.partitions() {
        let head = shop.log.head(partition).await.expect("answers");
        shop.log.trim(partition, head, usize::MAX).await.expect("trims");
    }
    shop.place(&orders[50..]).await;
    shop.index(&mut indexer, 100).await;
    let all = ListFilter { product_id: Some("p-1".to_owned()), limit: 7, ..ListFilter::default() };
    assert_eq!(shop.paged(&all).await, shop.fitting(&all));
}

/// Nobody is told less meanwhile, and its indexer learns of it when it puts something in.
pub async fn an_index_that_breaks_is_filled_again(harness: impl ListsHarness) {
    let orders = orders(90);
    let mut shop = Shop::open(&harness).await;
    shop.place(&orders[..60]).await;
    shop.index(&mut shop.indexer(), 100).await;
    // What nobody has read since the start is in nobody's memory.
    drop(shop);
    let mut shop = Shop { orders: orders[..60].to_vec(), ..Shop::open(&harness).await };
    let mut indexer = shop.indexer();
    shop.index(&mut indexer, 100).await;
    if !harness.break_index() {
        return;
    }
    shop.place(&orders[60..]).await;
    shop.check("it is broken");
    shop.index(&mut indexer, 100).await;
    assert_eq!(shop.opened.index.position().await.map(|position| position.sweep), Ok(Sweep::Done));
    shop.check("it is filled again");
}

/// So it costs no more, however few fit.
pub async fn a_page_looks_at_no_more_than_it_may(harness: impl ListsHarness) {
    let mut shop = Shop::open(&harness).await;
    shop.place(&orders(60)).await;
    let nobody = ListFilter {
        payment_status: Some(contract::PaymentStatus::Refunded),
        limit: 10,
        reach: 25,
        ..ListFilter::default()
    };
    let page = shop.opened.queries.list(&nobody).await.expect("answers");
    let mut ids: Vec<_> = shop.orders.iter().map(|order| order.id).collect();
    ids.sort_unstable();
    assert_eq!(page.orders, []);
    assert_eq!(page.next, Some(Next { before: ids[60 - 25], skip: 0 }));
}

/// It stands in the document alone.
pub async fn a_track_number_is_found(harness: impl ListsHarness) {
    let mut shop = Shop::open(&harness).await;
    shop.place(&orders(60)).await;
    let mut indexer = shop.indexer();
    let tracked = ListFilter { text: orders::Text::parse("track-7"), limit: 10, ..ListFilter::default() };
    shop.index(&mut indexer, 100).await;
    assert!(!shop.fitting(&tracked).is_empty());
    assert_eq!(shop.paged(&tracked).await, shop.fitting(&tracked));
}
