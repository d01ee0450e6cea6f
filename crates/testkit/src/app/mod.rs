//! TestApp: the whole shop on temporary SQLite files, or on another [`Ground`], with a clock moved by hand, ids that count
//! and the payment provider in process.
//!
//! It has no thread, and over files no runtime: there every port answers at once, so every future is polled once and done. A
//! test says itself what moves and when: [`TestApp::settle`], [`TestApp::advance`], [`TestApp::step`].
//!
//! When it is dropped it holds the shop to its promises: see [`TestApp::complaints`].

use std::sync::Arc;
use std::time::Duration;

use engine::breaker::BreakerSettings;
use engine::retry::Backoff;
use engine::{Clock, Fault, Ids};
use futures::FutureExt;
use jiff::Timestamp;
use orders::forms::FormSettings;
use provider::Knobs;

use crate::clock::{CountedIds, ManualClock};
use crate::faults::Rig;
use crate::memory::Belt;
use crate::patience::within;

mod ask;
mod check;
mod drain;
mod ground;
mod look;
mod patient;
mod post;
mod provider_port;
mod road;
mod server;
mod shelf;
mod shop;
mod tally;

pub use drain::Rest;
pub use ground::Ground;
pub use post::PostOffice;
pub use road::readers;
pub use server::Server;
pub use shelf::Shelf;
pub use shop::{Node, Shop};
pub use tally::Verdicts;

use road::Road;

/// How the shop is set up. A change holds from the next [`TestApp::restart`] on.
#[derive(Clone, Copy, Debug)]
pub struct AppSettings {
    /// How customers are told, and what.
    pub notifications: notifications::Settings,
    /// The simulated work.
    pub processing: processing::Settings,
    /// How long a buyer has to pay.
    pub payment_deadline: Duration,
    /// Retry of set-aside messages and effects.
    pub backoff: Backoff,
    /// The breaker in front of the payment provider.
    pub breaker: BreakerSettings,
    /// How long a worker has for a leased effect.
    pub lease: Duration,
    /// Messages in a batch.
    pub batch: usize,
    /// Partitions of each log.
    pub partitions: u16,
    /// How often the logs are trimmed.
    pub clean_up_period: Duration,
}

impl Default for AppSettings {
    fn default() -> Self {
        Self {
            notifications: notifications::Settings::default(),
            processing: processing::Settings::default(),
            payment_deadline: Duration::from_secs(30 * 60),
            backoff: Backoff::default(),
            breaker: BreakerSettings::default(),
            lease: Duration::from_secs(30),
            batch: 64,
            partitions: 2,
            clean_up_period: Duration::from_secs(60 * 60),
        }
    }
}

/// The shop under test.
pub struct TestApp {
    /// The process that lives now. None while it is dead.
    shop: Option<Shop>,
    /// What outlives it.
    world: World,
    expected_dead: usize,
    unchecked: bool,
}

/// What outlives a process.
pub(crate) struct World {
    pub ground: Ground,
    /// The broker between the services. None: they read each other's logs.
    pub road: Option<Road>,
    pub clock: Arc<ManualClock>,
    pub ids: Arc<CountedIds>,
    pub knobs: Arc<Knobs>,
    pub post: Arc<PostOffice>,
    pub verdicts: Arc<Verdicts>,
    pub rig: Option<Arc<dyn Rig>>,
    pub settings: AppSettings,
    /// Orders that come in over a broker.
    pub ingress: Belt,
}

impl World {
    /// Waits until something comes of what is on its way. False: nothing is.
    fn has_news(&self) -> bool {
        let Some(road) = &self.road else { return false };
        let Some(freight) = road.freight() else { return false };
        self.ground.wait(within(&format!("{freight} arrives"), road.arrival()));
        true
    }
}

impl Default for TestApp {
    fn default() -> Self {
        Self::new()
    }
}

impl TestApp {
    /// A shop with the shipped menu, at rest.
    pub fn new() -> Self {
        Self::with(AppSettings::default())
    }

    /// A shop that is set up so, with the shipped menu, at rest.
    pub fn with(settings: AppSettings) -> Self {
        let mut app = Self::bare(Ground::files(), settings, None);
        app.start().expect("nothing is in its way");
        app.seed();
        app.settle();
        app
    }

    /// A shop with nothing in it, not started, on which a rig sits.
    pub fn rigged(ground: Ground, settings: AppSettings, rig: Arc<dyn Rig>) -> Self {
        Self::bare(ground, settings, Some(rig))
    }

    fn bare(ground: Ground, settings: AppSettings, rig: Option<Arc<dyn Rig>>) -> Self {
        let world = World {
            road: ground.broker().map(Road::over),
            ground,
            clock: Arc::default(),
            ids: Arc::default(),
            knobs: Arc::default(),
            post: Arc::default(),
            verdicts: Arc::default(),
            rig,
            settings,
            ingress: Belt::default(),
        };
        Self { shop: None, world, expected_dead: 0, unchecked: false }
    }

    /// Begins the life of a process over what the last one has left. On a server that does not know that it is dead, and waits
    /// for the end of what it had leased.
    ///
    /// # Errors
    /// What the rig has put in the way.
    pub fn start(&mut self) -> Result<(), Fault> {
        self.kill();
        if let Ground::Server(_) = self.world.ground {
            self.advance(self.world.settings.lease);
        }
        let shop = Shop::open(&self.world)?;
        self.shop = Some(shop);
        Ok(())
    }

    /// The process dies: what is not committed is gone.
    pub fn kill(&mut self) {
        self.shop = None;
        if let Some(rig) = &self.world.rig {
            rig.restarted();
        }
    }

    /// The process dies, and a new one begins over the same ground.
    pub fn restart(&mut self) {
        self.start().expect("nothing is in its way");
    }

    /// Changes the settings, from the next restart on.
    pub fn settings(&mut self) -> &mut AppSettings {
        &mut self.world.settings
    }

    /// What makes the payment provider misbehave.
    pub fn knobs(&self) -> &Knobs {
        &self.world.knobs
    }

    /// The mail server.
    pub fn post(&self) -> &PostOffice {
        &self.world.post
    }

    /// Turns some of the payment provider's knobs.
    pub fn turn(&self, turn: impl FnOnce(&mut provider::Settings)) {
        let mut settings = self.world.knobs.settings();
        turn(&mut settings);
        self.world.knobs.set(settings);
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        self.world.clock.now()
    }

    /// Moves the clock. Nothing happens by itself.
    pub fn advance(&self, by: Duration) {
        self.world.clock.advance(by);
    }

    /// Moves the clock to this time, unless it is later.
    pub fn advance_to(&self, time: Timestamp) {
        self.world.clock.advance_to(time);
    }

    /// How many messages ended how, by service, over all lives.
    pub fn verdicts(&self) -> &Verdicts {
        &self.world.verdicts
    }

    /// A new id.
    pub fn id(&self) -> uuid::Uuid {
        self.world.ids.next()
    }

    /// The process that lives now.
    pub fn shop(&self) -> &Shop {
        self.shop.as_ref().expect("the shop is started")
    }

    /// What a database answers.
    pub fn ask<T>(&self, question: impl Future<Output = Result<T, Fault>>) -> T {
        self.world.ground.wait(question).expect("the database can be read")
    }

    /// Whether a process lives.
    pub fn is_alive(&self) -> bool {
        self.shop.is_some()
    }
}

/// How the forms of an order are read.
pub(crate) fn forms() -> FormSettings {
    FormSettings { default_currency: "USD".parse().expect("a currency"), check_document_sums: false }
}

/// The answer of a future that never waits: over files every port of a TestApp is one.
fn at_once<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().expect("it answers at once")
}
