//! A cache that is away: slower, and not wrong.

use std::sync::Arc;
use std::time::Duration;

use cache::{Cache, Observer, Unobserved};
use futures::future::join_all;
use orders::Queries;
use uuid::Uuid;

use testkit::cached::{Forgetful, Halting, Instance, Shelf, Unreliable};
use testkit::conformance::cache::settled;
use testkit::conformance::run;
use testkit::simulation::Chance;

use crate::reading::Counts;

const LONG: Duration = Duration::from_secs(600);
const ID: Uuid = Uuid::from_u128(7);
const ALWAYS: u64 = 1_000_000;

/// Two instances over one cache, the first of which has a way to it that can be broken.
struct World {
    shelf: Arc<Shelf>,
    way: Arc<Unreliable>,
    counts: Arc<Counts>,
    one: Instance,
    other: Instance,
}

impl World {
    async fn new(pause: Duration) -> Self {
        let shelf = Shelf::with([settled(ID, 1)]).await;
        let cache: Arc<dyn Cache> = Arc::new(Forgetful::default());
        let way = Arc::new(Unreliable::new(Arc::clone(&cache), Chance::new(1)));
        let counts = Arc::new(Counts::default());
        let observer = Arc::clone(&counts) as Arc<dyn Observer>;
        // So that others can come while somebody asks.
        let slow = Halting::new(Arc::clone(&way) as Arc<dyn Cache>, Chance::new(2));
        let one = Instance::new(&shelf, Arc::new(slow), observer, pause);
        let other = Instance::new(&shelf, cache, Arc::new(Unobserved), pause);
        Self { shelf, way, counts, one, other }
    }
}

async fn version(instance: &Instance) -> u64 {
    instance.queries.order(ID).await.unwrap().unwrap().version
}

#[test]
fn a_cache_that_is_away_is_left_alone_and_the_database_asked() {
    run(async {
        let world = World::new(LONG).await;
        assert_eq!(version(&world.one).await, 1);
        world.way.fail(ALWAYS);
        for _ in 0..5 {
            assert_eq!(version(&world.one).await, 1);
        }
        assert_eq!(world.counts.all(), [0, 6, 1], "it was asked once");
        assert_eq!(world.shelf.asked(), 2 + 5, "what is not kept is not prepared to be kept");
        assert!(!world.one.guard.is_there());
    });
}

#[test]
fn a_cache_that_is_back_is_used_again() {
    run(async {
        let world = World::new(Duration::ZERO).await;
        world.way.fail(ALWAYS);
        assert_eq!((version(&world.one).await, version(&world.one).await), (1, 1));
        assert_eq!(world.counts.all(), [0, 2, 2]);
        world.way.fail(0);
        assert_eq!((version(&world.one).await, version(&world.one).await), (1, 1));
        assert_eq!(world.counts.all(), [1, 3, 2]);
        assert!(world.one.guard.is_there());
    });
}

/// Of fifty at once, one finds out that it is still away.
#[test]
fn one_reader_alone_finds_out_whether_it_is_back() {
    run(async {
        let world = World::new(Duration::from_millis(500)).await;
        world.way.fail(ALWAYS);
        assert_eq!(version(&world.one).await, 1);
        while world.counts.all()[2] == 1 {
            join_all((0..50).map(|_| version(&world.one))).await;
        }
        let faults = world.counts.all()[2];
        assert!(faults < 10, "{faults} of them asked");
    });
}

/// It is the way of one instance that is broken: what the others have kept is still answered, until that instance is back.
#[test]
fn a_fence_that_was_missed_makes_everything_void_for_all() {
    run(async {
        let world = World::new(Duration::ZERO).await;
        assert_eq!((version(&world.one).await, version(&world.other).await), (1, 1));
        world.way.fail(ALWAYS);
        world.one.refund(ID).await;
        assert!(world.one.guard.owes());
        assert_eq!(version(&world.one).await, 2, "the database is asked");
        world.one.guard.make_good().await;
        assert!(world.one.guard.owes(), "it is still away");
        world.way.fail(0);
        world.one.guard.make_good().await;
        assert!(!world.one.guard.owes());
        assert_eq!((version(&world.other).await, version(&world.one).await), (2, 2));
    });
}

#[test]
fn the_first_who_asks_a_cache_that_is_back_makes_good_what_was_missed() {
    run(async {
        let world = World::new(Duration::ZERO).await;
        assert_eq!(version(&world.other).await, 1);
        world.way.fail(ALWAYS);
        world.one.refund(ID).await;
        world.way.fail(0);
        assert_eq!(version(&world.one).await, 2);
        assert!(!world.one.guard.owes());
        assert_eq!(version(&world.other).await, 2);
    });
}
