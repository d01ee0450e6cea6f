//! The upkeep: warming, and making good without being asked.

use std::sync::Arc;
use std::time::Duration;

use cache::{Cache, MemorySettings, Unobserved, Upkeep};
use engine::{Progress, Step, settle};
use futures::FutureExt;
use orders::Queries;
use testkit::cached::{Forgetful, Instance, Shelf, Unreliable};
use testkit::clock::ManualClock;
use testkit::conformance::cache::settled;
use testkit::conformance::run;
use testkit::simulation::Chance;
use uuid::Uuid;

use crate::memory_cache;
use crate::reading::open;

const LATEST: usize = 130;

fn upkeep(instance: &Instance) -> Upkeep {
    let clock = Arc::new(ManualClock::default());
    Upkeep::new(Arc::clone(&instance.queries), Arc::clone(&instance.guard), clock, LATEST)
}

const fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

/// Every tenth is open.
async fn shelf(orders: u128) -> Arc<Shelf> {
    let order = |number| if number % 10 == 0 { open(id(number)) } else { settled(id(number), 1) };
    Shelf::with((1..=orders).map(order)).await
}

#[test]
fn the_latest_orders_are_there_before_anybody_asks() {
    run(async {
        let shelf = shelf(200).await;
        let cache = memory_cache(MemorySettings::default().ttl);
        let instance = Instance::new(&shelf, cache, Arc::new(Unobserved), Duration::ZERO);
        let mut steps: Vec<Box<dyn Step>> = vec![Box::new(upkeep(&instance))];
        settle(&mut steps, 10).await.unwrap();
        for number in 1..=200 {
            let asked = shelf.asked();
            assert_eq!(instance.queries.order(id(number)).await.unwrap().unwrap().version, 1);
            let is_warm = number > 200 - LATEST as u128 && number % 10 != 0;
            assert_eq!(shelf.asked() == asked, is_warm, "{number}");
        }
    });
}

#[test]
fn a_shop_with_few_orders_is_soon_warm_and_an_empty_one_at_once() {
    run(async {
        for orders in [0, 1, 50, 51] {
            let shelf = shelf(orders).await;
            let cache = memory_cache(MemorySettings::default().ttl);
            let instance = Instance::new(&shelf, cache, Arc::new(Unobserved), Duration::ZERO);
            let mut steps: Vec<Box<dyn Step>> = vec![Box::new(upkeep(&instance))];
            settle(&mut steps, 4).await.unwrap();
        }
    });
}

#[test]
fn a_cache_that_is_away_is_not_warmed() {
    run(async {
        let shelf = shelf(200).await;
        let way = Unreliable::new(Arc::new(Forgetful::default()), Chance::new(1));
        way.fail(1_000_000);
        let instance = Instance::new(&shelf, Arc::new(way), Arc::new(Unobserved), Duration::ZERO);
        let mut steps: Vec<Box<dyn Step>> = vec![Box::new(upkeep(&instance))];
        settle(&mut steps, 2).await.unwrap();
        assert_eq!(shelf.asked(), 0);
    });
}

#[test]
fn what_was_missed_is_made_good_even_if_nobody_asks() {
    run(async {
        let shelf = shelf(1).await;
        let cache: Arc<dyn Cache> = Arc::new(Forgetful::default());
        let way = Arc::new(Unreliable::new(Arc::clone(&cache), Chance::new(1)));
        let one = Instance::new(&shelf, way.clone(), Arc::new(Unobserved), Duration::ZERO);
        let other = Instance::new(&shelf, cache, Arc::new(Unobserved), Duration::ZERO);
        assert_eq!(other.queries.order(id(1)).await.unwrap().unwrap().version, 1);
        let mut upkeep = upkeep(&one);
        while upkeep.step().await.unwrap() == Progress::Worked {}
        assert!(upkeep.wait().now_or_never().is_none(), "there is nothing to do");
        way.fail(1_000_000);
        one.refund(id(1)).await;
        upkeep.wait().await;
        assert!(matches!(upkeep.step().await, Ok(Progress::Idle(Some(_)))), "it will try again");
        way.fail(0);
        assert_eq!(upkeep.step().await, Ok(Progress::Idle(None)));
        assert_eq!(other.queries.order(id(1)).await.unwrap().unwrap().version, 2);
    });
}
