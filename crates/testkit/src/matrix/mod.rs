//! The fault matrix: every reaction of every service with every fault, struck exactly there.
//!
//! The reactions are those the services name themselves, and besides them the commands, timers, effects and requests
//! to the payment provider. A cell runs a small scenario in which the reaction occurs, for an order and a companion,
//! lets the fault strike, and then holds the shop to what it is without the fault: the same end, all promises kept,
//! nothing left behind. A cell whose fault did not strike fails. The stories are the same wherever they happen: over files,
//! at a server, and there over a broker ([`Ground`](crate::app::Ground)). Only orders that come in never come over a real one.

mod all;
mod run;
mod scenario;
mod strike;
mod table;

use catalog::Catalog;
use engine::Service;
use orders::Orders;
use payments::{Payments, jobs};
use processing::Processing;
use provider::Provider;

pub use all::{Outcome, all};
pub use run::{End, Grounds, baseline, run, run_in};
pub use strike::Broken;
pub use table::name;

/// Something a service reacts to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reaction {
    /// The service.
    pub service: &'static str,
    /// To what.
    pub trigger: Trigger,
}

/// What a service reacts to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// An event.
    Event {
        /// Who publishes it.
        source: &'static str,
        /// Its type.
        kind: &'static str,
    },
    /// A command of a client.
    Command(&'static str),
    /// A timer.
    Timer(&'static str),
    /// What came of an effect.
    Effect(&'static str),
    /// A request to the payment provider.
    Request(&'static str),
    /// What it has published itself, which its relay hands over to a broker.
    Publication,
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// The batch fails once, or the world says no once.
    Fail,
    /// The same, twice in a row.
    FailTwice,
    /// The message comes twice.
    Duplicate,
    /// The process dies before the commit.
    CrashBefore,
    /// The process dies behind the commit, before anybody hears of it.
    CrashAfter,
    /// The message comes when everything else has come to rest.
    Late,
    /// Later messages come first.
    Reordered,
}

impl Flaw {
    /// All of them, in the order of the table's columns.
    pub const ALL: [Self; 7] = [
        Self::Fail,
        Self::FailTwice,
        Self::Duplicate,
        Self::CrashBefore,
        Self::CrashAfter,
        Self::Late,
        Self::Reordered,
    ];
}

impl Reaction {
    /// Whether it can go wrong so. Whoever waits for an answer sends his messages himself: they come when he sends them. What
    /// a relay hands over comes twice if the relay fails.
    pub const fn has(&self, flaw: Flaw) -> bool {
        match self.trigger {
            Trigger::Command(_) | Trigger::Request(_) => !matches!(flaw, Flaw::Late | Flaw::Reordered),
            Trigger::Publication => !matches!(flaw, Flaw::Duplicate | Flaw::Late | Flaw::Reordered),
            Trigger::Event { .. } | Trigger::Timer(_) | Trigger::Effect(_) => true,
        }
    }
}

/// What the relays do, where there is a broker.
pub fn relays() -> Vec<Reaction> {
    let services = [Orders::NAME, Payments::NAME, Processing::NAME, Catalog::NAME];
    services.map(|service| Reaction { service, trigger: Trigger::Publication }).into()
}

/// Every reaction there is, wherever the shop stands.
pub fn registry() -> Vec<Reaction> {
    let mut all = events::<Orders>();
    all.extend(events::<Payments>());
    all.extend(events::<Processing>());
    all.extend(events::<Catalog>());
    all.extend(events::<Provider>());
    let more = [
        (Orders::NAME, Trigger::Command("place")),
        (Orders::NAME, Trigger::Command("cancel")),
        (Payments::NAME, Trigger::Command("refund")),
        (Catalog::NAME, Trigger::Command("seed")),
        (Orders::NAME, Trigger::Timer(orders::service::PAYMENT_DEADLINE)),
        (Processing::NAME, Trigger::Timer(processing::service::FINISH)),
        (Catalog::NAME, Trigger::Timer(catalog::service::TELL_STOCK)),
        (Payments::NAME, Trigger::Effect(jobs::CHARGE)),
        (Payments::NAME, Trigger::Effect(jobs::VOID)),
        (Payments::NAME, Trigger::Effect(jobs::REFUND)),
        (Provider::NAME, Trigger::Request(jobs::CHARGE)),
        (Provider::NAME, Trigger::Request(jobs::VOID)),
        (Provider::NAME, Trigger::Request(jobs::REFUND)),
    ];
    all.extend(more.map(|(service, trigger)| Reaction { service, trigger }));
    all
}

fn events<S: Service>() -> Vec<Reaction> {
    let event = |reaction: &engine::Reaction| Reaction {
        service: S::NAME,
        trigger: Trigger::Event { source: reaction.source, kind: reaction.kind },
    };
    S::REACTIONS.iter().map(event).collect()
}
