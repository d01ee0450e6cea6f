//! Several instances over one Redis.

use std::time::Instant;

use cache::Unobserved;
use futures::future::{join_all, try_join_all};
use orders::Queries;
use testkit::cached::{Clients, Instance, Shelf};

use super::*;
use crate::line::{Condition, Line};

fn instance(shelf: &Arc<Shelf>, cache: Arc<dyn Cache>) -> Instance {
    Instance::new(shelf, cache, Arc::new(Unobserved), Duration::ZERO)
}

async fn answered(instance: &Instance) -> u64 {
    instance.queries.order(ID).await.unwrap().unwrap().version
}

/// As they come, from several threads: each run is another one, and all have to hold.
#[test]
#[ignore = "needs Redis: scripts/services up"]
fn no_state_goes_back_on_two_instances() {
    run(async {
        let place = Place::new();
        let shelf = Shelf::with([settled(ID, 1)]).await;
        let instances = [instance(&shelf, place.open(LONG).await), instance(&shelf, place.open(LONG).await)];
        let clients = Clients::default();
        let readers = (0..8).map(|reader: usize| {
            let (clients, instances) = (&clients, &instances);
            async move {
                for read in 0..300 {
                    clients.read(&*instances[(reader + read) % 2].queries, ID, read % 5 == 0).await?;
                }
                Ok::<_, String>(())
            }
        });
        let writers = instances.iter().map(|instance| async move {
            for _ in 0..100 {
                instance.refund(ID).await;
                // So that it is read, and kept, before it is changed again.
                answered(instance).await;
            }
        });
        let (read, _) = futures::join!(try_join_all(readers), join_all(writers));
        read.unwrap();
        for instance in &instances {
            assert!(instance.guard.is_there(), "nothing was missed");
            assert_eq!(answered(instance).await, 201);
        }
    });
}

#[test]
#[ignore = "needs Redis: scripts/services up"]
fn a_fence_that_was_missed_makes_everything_void_for_all() {
    run(async {
        let place = Place::new();
        let line = Line::to(&place.0.url).await;
        let shelf = Shelf::with([settled(ID, 1)]).await;
        let one = instance(&shelf, place.at(&line.url(), LONG));
        let other = instance(&shelf, place.open(LONG).await);
        assert_eq!((answered(&one).await, answered(&other).await), (1, 1));
        let asked = shelf.asked();
        assert_eq!((answered(&one).await, answered(&other).await, shelf.asked()), (1, 1, asked));
        line.set(Condition::Cut);
        one.refund(ID).await;
        assert!(one.guard.owes());
        assert_eq!((answered(&one).await, answered(&other).await), (2, 1), "it cannot say so yet");
        line.set(Condition::Whole);
        let begun = Instant::now();
        while one.guard.owes() {
            assert!(begun.elapsed() < LONG, "it still owes");
            one.guard.make_good().await;
            tokio::task::yield_now().await;
        }
        assert_eq!((answered(&other).await, answered(&one).await), (2, 2));
    });
}
