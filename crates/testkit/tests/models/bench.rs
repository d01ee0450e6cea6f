//! A service on the bench: over a store in memory, with a belt from each source and a world of its own.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use engine::breaker::{Breaker, BreakerSettings};
use engine::effects::{Desk, Worker};
use engine::intake::intake;
use engine::observe::Unobserved;
use engine::service::sources;
use engine::{
    Applier, ApplierSettings, Clock, Command, Intake, Job, Key, Message, Origin, Part, Performed, Performer,
    Progress, Record, Service, Signal, Step,
};
use futures::FutureExt;
use testkit::clock::{CountedIds, ManualClock};
use testkit::memory::{Belt, MemoryStore};
use uuid::Uuid;

/// The order that all is about.
pub const ID: Uuid = Uuid::from_u128(7);

pub struct Bench<S: Service> {
    pub store: MemoryStore<S>,
    pub clock: Arc<ManualClock>,
    intake: Intake<S>,
    applier: Applier<S>,
    worker: Worker<S>,
    belts: BTreeMap<&'static str, (Belt, BTreeMap<Key, u64>)>,
    ids: CountedIds,
}

impl<S: Service> Bench<S> {
    pub fn new(service: S, world: impl Performer + 'static) -> Self {
        let (store, clock) = (MemoryStore::new(1), Arc::new(ManualClock::default()));
        let timed = Arc::clone(&clock) as Arc<dyn Clock>;
        let (intake, outlet) = intake(100, Signal::new());
        // The models are on trial, not the breaker.
        let breaker = Breaker::new(BreakerSettings { minimum_calls: u32::MAX, ..Default::default() });
        let (desk, jobs) = Desk::new(breaker, 8);
        let observer = Arc::new(Unobserved);
        let worker = Worker::new(
            Arc::clone(&desk),
            jobs,
            Arc::new(world),
            intake.clone(),
            Arc::clone(&timed),
            Arc::clone(&observer) as _,
        );
        let settings = ApplierSettings::default();
        let mut applier =
            Applier::new(Arc::new(service), Arc::new(store.clone()), timed, observer, settings, outlet)
                .desk(desk);
        let mut belts = BTreeMap::new();
        for source in sources::<S>() {
            let belt = Belt::default();
            applier = applier.inlet(belt.inlet(source));
            belts.insert(source, (belt, BTreeMap::new()));
        }
        Self { store, clock, intake, applier, worker, belts, ids: CountedIds::default() }
    }

    /// The source says something about the order.
    pub fn say(&mut self, source: &str, kind: &str, data: String) {
        self.say_about(&Key::Id(ID), source, kind, data);
    }

    /// The source says something about this key.
    pub fn say_about(&mut self, key: &Key, source: &str, kind: &str, data: String) {
        let (belt, sequences) = self.belts.get_mut(source).expect("a known source");
        let sequence = sequences.entry(key.clone()).or_default();
        *sequence += 1;
        belt.put([Record {
            source: source.to_owned(),
            key: key.clone(),
            sequence: Some(*sequence),
            foreign_id: None,
            steps: match S::PART {
                Part::All => None,
                Part::Step(step) | Part::Named(step) => Some(step.to_owned()),
            },
            kind: kind.to_owned(),
            time: self.clock.now(),
            data,
        }]);
        self.settle();
    }

    /// Somebody commands something, and does not care for the answer.
    pub fn command(&mut self, input: S::Input) {
        self.command_about(Key::Id(ID), input);
    }

    /// Somebody commands something of this key, and does not care for the answer.
    pub fn command_about(&mut self, key: Key, input: S::Input) {
        let origin = Origin::Command { id: engine::Ids::next(&self.ids) };
        let message = Message { key, origin, input };
        drop(self.intake.submit(Command { message, claims: vec![] }).expect("there is room"));
        self.settle();
    }

    pub fn pass(&mut self, time: Duration) {
        self.clock.advance(time);
        self.settle();
    }

    pub fn settle(&mut self) {
        for _ in 0..1_000 {
            let applied = self.applier.step().now_or_never().expect("at once").expect("no fault");
            let performed = self.worker.step().now_or_never().expect("at once").expect("no fault");
            if applied != Progress::Worked && performed != Progress::Worked {
                return;
            }
        }
        panic!("it still moves");
    }

    pub fn state(&self) -> Option<Arc<S::State>> {
        self.store.state(&Key::Id(ID))
    }

    /// The types of the events that were published, in their order.
    pub fn published(&self) -> Vec<String> {
        self.store.records().iter().map(|record| record.kind.clone()).collect()
    }
}

/// A world for services that never turn to it.
pub struct NoWorld;

#[async_trait]
impl Performer for NoWorld {
    async fn perform(&self, job: &Job) -> Performed {
        panic!("nobody performs {job:?}");
    }
}
