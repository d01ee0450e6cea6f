//! The smallest service that can do everything a message can end in, and a bench to put it on.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use engine::breaker::{Breaker, BreakerSettings};
use engine::claim::ClaimKind;
use engine::effects::{Desk, Worker};
use engine::faults::{Faults, FaultyStore};
use engine::intake::{Repair, RepairAct, Repairs, intake};
use engine::observe::{Observation, Observer, Verdict};
use engine::retry::Backoff;
use engine::service::{Attempt, Change, Malformed, Outcome, Part, Reaction, Service, Touch};
use engine::{
    Answer, Applier, ApplierSettings, Claim, Clock, Command, Context, Draft, Fault, Intake, Job, Key,
    Message, Origin, Performed, Performer, Progress, Record, Scheduled, Signal, Step, Store,
};
use futures::FutureExt;
use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};
use testkit::clock::{CountedIds, ManualClock};
use testkit::memory::{Belt, MemoryStore};
use tokio::sync::oneshot::Receiver;

/// Does what it is told, and keeps what it was told under the key.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tiny;

/// The steps that its keys take.
pub const STEPS: &str = "big,tiny";

/// What a [`Tiny`] is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Say {
    /// Count so much more, and publish it.
    Add(u64),
    /// Count one more under a name, which says so; the second is what tells other content.
    Once(String, String),
    /// Too early unless so much is counted.
    Need(u64),
    /// There is nothing to do.
    Nothing,
    /// A bug.
    Panic,
    /// A bug already in what it touches.
    Stumble,
    /// It cannot ever work.
    Poison,
    /// A business no.
    Refuse,
    /// Write a key that was not named.
    Trespass,
    /// Say this to oneself, so many milliseconds later.
    Later(u64, Box<Say>),
    /// Ask the world.
    Ask,
    /// Do not ask it any more.
    Unask,
}

/// What is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// The sum.
    pub count: u64,
    /// What was applied, in its order.
    pub said: Vec<String>,
}

impl Service for Tiny {
    const NAME: &'static str = "tiny";
    const REACTIONS: &'static [Reaction] =
        &[Reaction { source: "peer", kind: "said" }, Reaction { source: "another", kind: "said" }];
    const PART: Part = Part::Step("tiny");

    type Input = Say;
    type State = Told;
    type Reply = u64;
    type Refusal = &'static str;

    fn decode(&self, _source: &str, _kind: &str, data: &str) -> Result<Say, Malformed> {
        assert_ne!(data, "!", "it chokes");
        Ok(serde_json::from_str(data)?)
    }

    fn claims(&self, input: &Say) -> Vec<Claim> {
        match input {
            Say::Once(name, content) => {
                vec![Claim {
                    id: format!("once/{name}"),
                    fingerprint: content.clone(),
                    kind: ClaimKind::External,
                    expires: None,
                }]
            }
            _ => Vec::new(),
        }
    }

    fn touch(&self, _key: &Key, input: &Say) -> Touch {
        assert_ne!(*input, Say::Stumble, "it stumbles");
        Touch::default()
    }

    fn handle(
        &self,
        draft: &mut Draft<'_, Told>,
        message: &Message<Say>,
        context: &Context,
    ) -> Outcome<Self> {
        let key = &message.key;
        let mut told = draft.get(key).cloned().unwrap_or_default();
        let change = match &message.input {
            Say::Nothing => return Outcome::Ignored,
            Say::Panic | Say::Stumble => panic!("it hurts"),
            Say::Poison => return Outcome::Poison("it tastes bad".to_owned()),
            Say::Refuse => return Outcome::Refused("no"),
            Say::Need(wanted) if told.count < *wanted => {
                return Outcome::NotYet(format!("{wanted} are needed"));
            }
            Say::Need(_) => Change::new(),
            Say::Trespass => {
                draft.put(&Key::name("elsewhere"), told.clone());
                Change::new()
            }
            Say::Add(more) => {
                told.count += more;
                Change::new().opening(key, "added", STEPS, format!("{more}")).note(key, format!("{more}"))
            }
            Say::Once(..) => {
                told.count += 1;
                Change::new()
            }
            Say::Later(millis, say) => {
                let due = engine::retry::later(context.now, Duration::from_millis(*millis));
                let data = serde_json::to_string(say).unwrap();
                Change::new().schedule(Scheduled::timer(key.clone(), "later", due, "said", data))
            }
            Say::Ask => Change::new().schedule(Scheduled::effect(
                key.clone(),
                "ask",
                context.now,
                "ask",
                String::new(),
            )),
            Say::Unask => Change::new().unschedule(key, "ask"),
        };
        told.said.push(name_of(message));
        let reply = told.count;
        draft.put(key, told);
        Outcome::Change(change.reply(reply))
    }

    fn attempted(&self, attempt: &Attempt<'_>) -> Option<Say> {
        (attempt.reason == "tell me").then_some(Say::Add(1_000))
    }
}

fn name_of(message: &Message<Say>) -> String {
    match &message.origin {
        Origin::Event { source, sequence: Some(sequence) } => format!("{source} {sequence}"),
        Origin::Event { source, sequence: None } => (*source).to_owned(),
        Origin::Command { .. } => "command".to_owned(),
        Origin::Timer { name } => format!("timer {name}"),
        Origin::Effect { name, attempt } => format!("effect {name} {attempt}"),
    }
}

/// The event number `sequence` of `source` about `key`.
pub fn event(source: &str, key: &str, sequence: u64, say: &Say) -> Record {
    Record {
        source: source.to_owned(),
        key: Key::name(key),
        sequence: Some(sequence),
        foreign_id: None,
        steps: None,
        kind: "said".to_owned(),
        time: jiff::Timestamp::UNIX_EPOCH,
        data: serde_json::to_string(say).unwrap(),
    }
}

/// An event of a source that does not count.
pub fn foreign(key: &str, id: &str, say: &Say) -> Record {
    Record { sequence: None, foreign_id: Some(id.to_owned()), ..event("peer", key, 1, say) }
}

/// What the world does with a job.
type World = Box<dyn Fn(&Job) -> BoxFuture<'static, Performed> + Send + Sync>;

struct WorldPort(Arc<Mutex<Option<World>>>);

#[async_trait]
impl Performer for WorldPort {
    async fn perform(&self, job: &Job) -> Performed {
        let performing = self.0.lock().unwrap().as_ref().map(|world| world(job));
        match performing {
            Some(performing) => performing.await,
            None => Performed::Unavailable("there is no world".to_owned()),
        }
    }
}

/// Everything that was observed, the types of what was published, and the places of what was noted.
#[derive(Clone, Default)]
pub struct Seen(
    pub Arc<Mutex<Vec<Observation>>>,
    pub Arc<Mutex<Vec<String>>>,
    pub Arc<Mutex<Vec<(Key, u64)>>>,
);

impl Observer for Seen {
    fn observe(&self, observation: Observation) {
        self.0.lock().unwrap().push(observation);
    }

    fn published(&self, record: &Record) {
        self.1.lock().unwrap().push(record.kind.clone());
    }

    fn noted(&self, key: &Key, sequence: u64) {
        self.2.lock().unwrap().push((key.clone(), sequence));
    }
}

/// Every transaction takes 10 ms.
struct Slow(Arc<ManualClock>);

impl Faults for Slow {
    fn at(&self, _service: &'static str, point: &'static str) -> Result<(), Fault> {
        if point == "begin.before" {
            self.0.advance(Duration::from_millis(10));
        }
        Ok(())
    }
}

/// A [`Tiny`] on the bench: one applier, one worker, two belts.
pub struct Bench {
    pub store: MemoryStore<Tiny>,
    pub clock: Arc<ManualClock>,
    pub peer: Belt,
    pub another: Belt,
    pub intake: Intake<Tiny>,
    pub worker: Worker<Tiny>,
    pub applier: Applier<Tiny>,
    seen: Seen,
    ids: CountedIds,
    world: Arc<Mutex<Option<World>>>,
}

/// Waits of 100, 200, 400 ms; four attempts.
pub const BACKOFF: Backoff = Backoff {
    attempts: 4,
    base: Duration::from_millis(100),
    factor: 2,
    cap: Duration::from_secs(1),
    jitter: engine::retry::Jitter::None,
};

impl Default for Bench {
    fn default() -> Self {
        Self::new()
    }
}

impl Bench {
    pub fn new() -> Self {
        Self::over(&MemoryStore::new(2), |store| Arc::new(store))
    }

    /// Over a store that is decorated.
    pub fn over(
        store: &MemoryStore<Tiny>,
        decorate: impl FnOnce(MemoryStore<Tiny>) -> Arc<dyn Store<Tiny>>,
    ) -> Self {
        Self::build(store, decorate(store.clone()), Arc::default(), ApplierSettings::default())
    }

    /// Over a store that other processes write to as well; it is looked at again after a second.
    pub fn in_company(store: &MemoryStore<Tiny>) -> Self {
        let look_again = Some(Duration::from_secs(1));
        let settings = ApplierSettings { look_again, ..ApplierSettings::default() };
        Self::build(store, Arc::new(store.clone()), Arc::default(), settings)
    }

    /// Over a store in which every batch takes 10 ms. It rests for as long, but for no longer than `longest_rest`.
    pub fn at_a_pace(longest_rest: Duration) -> Self {
        let (store, clock) = (MemoryStore::new(2), Arc::<ManualClock>::default());
        let slow = FaultyStore::new(Arc::new(store.clone()), Arc::new(Slow(Arc::clone(&clock))));
        let settings = ApplierSettings { longest_rest, ..ApplierSettings::default() };
        Self::build(&store, Arc::new(slow), clock, settings)
    }

    fn build(
        store: &MemoryStore<Tiny>,
        decorated: Arc<dyn Store<Tiny>>,
        clock: Arc<ManualClock>,
        settings: ApplierSettings,
    ) -> Self {
        let (seen, world) = (Seen::default(), Arc::default());
        let (peer, another) = (Belt::default(), Belt::default());
        let (intake, outlet) = intake(100, Signal::new());
        let (desk, jobs) = Desk::new(Breaker::new(BreakerSettings::default()), 8);
        let settings = ApplierSettings { batch: 32, backoff: BACKOFF, ..settings };
        let timed = Arc::clone(&clock) as Arc<dyn Clock>;
        let observer = Arc::new(seen.clone()) as Arc<dyn Observer>;
        let port = Arc::new(WorldPort(Arc::clone(&world)));
        let worker = Worker::new(
            Arc::clone(&desk),
            jobs,
            port,
            intake.clone(),
            Arc::clone(&timed),
            Arc::clone(&observer),
        );
        let applier = Applier::new(Arc::new(Tiny), decorated, timed, observer, settings, outlet)
            .inlet(peer.inlet("peer"))
            .inlet(another.inlet("another"))
            .desk(desk);
        let (store, ids) = (store.clone(), CountedIds::default());
        Self { store, clock, peer, another, intake, worker, applier, seen, ids, world }
    }

    /// One step of the applier.
    pub fn step(&mut self) -> Result<Progress, Fault> {
        self.applier.step().now_or_never().expect("it answers at once")
    }

    /// Steps until nothing moves without the clock. Faults are tried again.
    pub fn settle(&mut self) {
        for _ in 0..200 {
            let applied = self.step();
            let performed = self.worker.step().now_or_never();
            let moved = |step: &Result<Progress, Fault>| !matches!(step, Ok(Progress::Idle(_)));
            if !moved(&applied) && performed.as_ref().is_none_or(|step| !moved(step)) {
                return;
            }
        }
        panic!("it still moves after 200 rounds");
    }

    /// Lets so many milliseconds pass, one after the other.
    pub fn pass(&mut self, millis: u64) {
        for _ in 0..millis / 10 {
            self.clock.advance(Duration::from_millis(10));
            self.settle();
        }
    }

    /// The worker moves before the applier does.
    pub fn worker_first(&mut self) {
        let _ = self.worker.step().now_or_never();
    }

    pub fn advance(&self, millis: u64) {
        self.clock.advance(Duration::from_millis(millis));
    }

    /// Hands in a command.
    pub fn ask(&self, key: &str, say: Say, claims: Vec<Claim>) -> Receiver<Answer<Tiny>> {
        let id = engine::Ids::next(&self.ids);
        let message = Message { key: Key::name(key), origin: Origin::Command { id }, input: say };
        self.intake.submit(Command { message, claims }).expect("there is room")
    }

    /// Hands in a command and settles.
    pub fn tell(&mut self, key: &str, say: Say, claims: Vec<Claim>) -> Answer<Tiny> {
        let mut receiver = self.ask(key, say, claims);
        self.settle();
        receiver.try_recv().expect("an answer")
    }

    /// An operator's act.
    pub fn repair(&mut self, key: &str, name: &str, act: RepairAct) -> bool {
        let (actor, reason) = ("tester".to_owned(), "it was mended".to_owned());
        let repair = Repair { key: Key::name(key), name: name.to_owned(), act, actor, reason };
        let mut receiver = self.intake.repair(repair).expect("there is room");
        self.settle();
        receiver.try_recv().expect("an answer")
    }

    /// From now on the world does this.
    pub fn world(&self, world: impl Fn(&Job) -> BoxFuture<'static, Performed> + Send + Sync + 'static) {
        *self.world.lock().unwrap() = Some(Box::new(world));
    }

    pub fn count(&self, key: &str) -> u64 {
        self.store.state(&Key::name(key)).map_or(0, |told| told.count)
    }

    pub fn said(&self, key: &str) -> Vec<String> {
        self.store.state(&Key::name(key)).map_or_else(Vec::new, |told| told.said.clone())
    }

    /// How many messages ended so.
    pub fn verdicts(&self, verdict: Verdict) -> usize {
        let seen = self.seen.0.lock().unwrap();
        seen.iter().filter(|observation| **observation == Observation::Message(verdict)).count()
    }

    /// How many events the observer was told of.
    pub fn published(&self) -> usize {
        self.seen.1.lock().unwrap().len()
    }

    /// Where notes were written that the observer was told of.
    pub fn noted(&self) -> Vec<(Key, u64)> {
        self.seen.2.lock().unwrap().clone()
    }

    /// The sizes of all committed batches that had messages.
    pub fn batches(&self) -> Vec<usize> {
        let seen = self.seen.0.lock().unwrap();
        let size = |observation: &Observation| match observation {
            Observation::Batch { messages, .. } => Some(*messages).filter(|messages| *messages > 0),
            _ => None,
        };
        seen.iter().filter_map(size).collect()
    }

    /// Key, row and code of everything that waits for an operator.
    pub fn dead(&self) -> Vec<(String, String, String)> {
        let letter = |letter: engine::DeadLetter| (letter.key.to_string(), letter.name, letter.code);
        self.store.dead().into_iter().map(letter).collect()
    }
}

/// The row of a set-aside event of `peer`.
pub fn held(sequence: u64) -> String {
    format!("held/peer/{sequence:020}")
}
