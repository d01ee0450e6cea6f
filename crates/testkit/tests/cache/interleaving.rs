//! Readers and writers on two instances, interleaved by a seed: no state goes back for clients who talk to each other.

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Waker};
use std::time::Duration;

use cache::{Cache, Unobserved};
use futures::executor::block_on;
use orders::Queries;
use tokio::task::yield_now;
use uuid::Uuid;

use testkit::cached::{Clients, Forgetful, Halting, Instance, Shelf, Unreliable, refund};
use testkit::conformance::cache::settled;
use testkit::simulation::Chance;

use crate::memory_cache;

/// Seeds, unless `ORDO_SEEDS` says otherwise.
const SEEDS: u64 = 2_000;
const LONG: Duration = Duration::from_secs(600);
/// Two orders, so that what concerns one does not always concern the other.
const IDS: [Uuid; 2] = [Uuid::from_u128(1), Uuid::from_u128(2)];
const READERS: usize = 4;
const READS: usize = 12;
const WRITERS: usize = 2;
const WRITES: usize = 4;
const LOSSES: usize = 12;
/// A run that takes longer has come to a standstill.
const STEPS: usize = 1_000_000;

type Task<'t> = Pin<Box<dyn Future<Output = Result<(), String>> + 't>>;

/// Moves the tasks in an order that chance decides, until all have ended. Answers the first thing that was wrong.
fn interleave(mut tasks: Vec<Task<'_>>, chance: &mut Chance) -> Result<(), String> {
    let mut context = Context::from_waker(Waker::noop());
    let mut result = Ok(());
    for _ in 0..STEPS {
        if tasks.is_empty() {
            return result;
        }
        let index = chance.index(tasks.len());
        if let std::task::Poll::Ready(ended) = tasks[index].as_mut().poll(&mut context) {
            result = result.and(ended);
            drop(tasks.swap_remove(index));
        }
    }
    panic!("nothing moves any more");
}

/// What writers do before they commit.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Writers {
    Fenced,
    /// As if there were no cache.
    Unfenced,
}

/// The parts of a run.
struct Run {
    chance: Chance,
    shelf: Arc<Shelf>,
    clients: Clients,
    instances: Vec<Instance>,
    /// How many are writing.
    writing: Cell<usize>,
}

impl Run {
    async fn new(seed: u64, caches: impl IntoIterator<Item = Arc<dyn Cache>>) -> Self {
        let shelf = Shelf::with(IDS.map(|id| settled(id, 1))).await;
        let chance = Chance::new(seed);
        let instance = |cache| {
            let way = Halting::new(cache, chance.clone());
            Instance::new(&shelf, Arc::new(way), Arc::new(Unobserved), Duration::ZERO)
        };
        let instances = caches.into_iter().map(instance).collect();
        let (clients, writing) = (Clients::default(), Cell::new(0));
        Self { chance, shelf, clients, instances, writing }
    }

    /// Instances, orders, and dice.
    fn draw(&self, chance: &mut Chance, length: usize) -> Vec<(&Instance, Uuid, bool)> {
        let mut one = |_| {
            let instance = &self.instances[chance.index(self.instances.len())];
            (instance, chance.pick(&IDS), chance.strikes(250_000))
        };
        (0..length).map(&mut one).collect()
    }

    fn reader(&self, chance: &mut Chance) -> Task<'_> {
        let reads = self.draw(chance, READS);
        Box::pin(async move {
            for (instance, id, by_name) in reads {
                self.clients.read(&*instance.queries, id, by_name).await?;
            }
            Ok(())
        })
    }

    fn writer(&self, chance: &mut Chance, writers: Writers) -> Task<'_> {
        let writes = self.draw(chance, WRITES);
        Box::pin(async move {
            for (instance, id, _) in writes {
                self.writing.set(self.writing.get() + 1);
                match writers {
                    Writers::Fenced => instance.refund(id).await,
                    Writers::Unfenced => refund(&self.shelf.store, id).await,
                }
                self.writing.set(self.writing.get() - 1);
                yield_now().await;
            }
            Ok(())
        })
    }

    /// Loses this and that.
    fn loser(&self, chance: &mut Chance, cache: Arc<Forgetful>, when: Losses) -> Task<'_> {
        let losses: Vec<_> = (0..LOSSES).map(|_| (chance.below(8), chance.pick(&IDS))).collect();
        Box::pin(async move {
            for (what, id) in losses {
                let is_free = when == Losses::Always || self.writing.get() == 0;
                match what {
                    0 if is_free => cache.lose_all(),
                    1..4 if is_free => cache.lose(id),
                    _ => cache.lose_entry(id),
                }
                for _ in 0..8 {
                    yield_now().await;
                }
            }
            Ok(())
        })
    }

    /// Readers and writers at once.
    fn tasks(&self, chance: &mut Chance, writers: Writers) -> Vec<Task<'_>> {
        let mut tasks: Vec<_> = (0..READERS).map(|_| self.reader(chance)).collect();
        tasks.extend((0..WRITERS).map(|_| self.writer(chance, writers)));
        tasks
    }

    fn go(&self, writers: Writers) -> Result<(), String> {
        let mut chance = self.chance.clone();
        let tasks = self.tasks(&mut chance, writers);
        interleave(tasks, &mut chance)
    }

    fn go_forgetting(&self, cache: Arc<Forgetful>, when: Losses) -> Result<(), String> {
        let mut chance = self.chance.clone();
        let mut tasks = self.tasks(&mut chance, Writers::Fenced);
        tasks.push(self.loser(&mut chance, cache, when));
        interleave(tasks, &mut chance)
    }

    /// When everything is at rest, everybody is answered what is in the database.
    async fn is_right(&self) -> Result<(), String> {
        for id in IDS {
            let committed = self.shelf.order(id).await.unwrap().unwrap().version;
            for instance in &self.instances {
                let answered = instance.queries.order(id).await.unwrap().unwrap().version;
                if answered != committed {
                    return Err(format!("{id} is at {committed}, and {answered} is answered"));
                }
            }
        }
        Ok(())
    }
}

/// When a fence may be lost.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Losses {
    /// Not from before the commit to behind it.
    NotOfThoseInUse,
    Always,
}

/// Every seed, up to the first that fails. Without a runtime: one would hold up tasks that it takes for greedy.
fn all_seeds<F: Future<Output = Result<(), String>>>(run: impl Fn(u64) -> F) -> Result<(), String> {
    let seeds = std::env::var("ORDO_SEEDS").map_or(SEEDS, |seeds| seeds.parse().unwrap());
    (1..=seeds).try_for_each(|seed| block_on(run(seed)).map_err(|reason| format!("seed {seed}: {reason}")))
}

async fn over_memory(seed: u64, writers: Writers) -> Result<(), String> {
    let cache = memory_cache(LONG);
    Run::new(seed, [Arc::clone(&cache), cache]).await.go(writers)
}

/// Two instances over a cache that forgets.
async fn forgetting(seed: u64) -> (Arc<Forgetful>, Run) {
    let cache = Arc::new(Forgetful::default());
    let both = [(); 2].map(|()| Arc::clone(&cache) as Arc<dyn Cache>);
    (cache, Run::new(seed, both).await)
}

#[test]
fn no_state_goes_back_on_two_instances_over_one_cache() {
    all_seeds(|seed| over_memory(seed, Writers::Fenced)).unwrap();
}

#[test]
fn without_fences_it_is_seen_to_go_back() {
    assert!(all_seeds(|seed| over_memory(seed, Writers::Unfenced)).is_err());
}

#[test]
fn no_state_goes_back_whatever_the_cache_forgets_between_commits() {
    let run = |seed| async move {
        let (cache, run) = forgetting(seed).await;
        run.go_forgetting(cache, Losses::NotOfThoseInUse)
    };
    all_seeds(run).unwrap();
}

/// A fence that is lost before its commit is set again behind it.
#[test]
fn whatever_the_cache_forgets_and_whenever_the_last_word_is_right() {
    let run = |seed| async move {
        let (cache, run) = forgetting(seed).await;
        // In between it may be wrong for a moment.
        let _ = run.go_forgetting(cache, Losses::Always);
        run.is_right().await
    };
    all_seeds(run).unwrap();
}

/// What an instance could not say to the cache, it makes good before it listens to it again.
#[test]
fn no_state_goes_back_for_the_clients_of_an_instance_whose_way_to_the_cache_is_broken_now_and_then() {
    let run = |seed| async move {
        let way = Arc::new(Unreliable::new(Arc::new(Forgetful::default()), Chance::new(seed)));
        way.fail(200_000);
        Run::new(seed, [way as Arc<dyn Cache>]).await.go(Writers::Fenced)
    };
    all_seeds(run).unwrap();
}
