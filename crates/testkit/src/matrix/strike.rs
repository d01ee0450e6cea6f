//! The rig of the matrix: strikes one reaction with one flaw.

use std::sync::{Mutex, MutexGuard, PoisonError};

use engine::faults::Faults;
use engine::store::Stream;
use engine::{Delivery, Fault, Job, Performed, Scheduled};

use super::{Flaw, Reaction, Trigger};
use crate::faults::{Detours, Gate, Manner, Place, Rig};

/// How the engine is broken on purpose, to see the matrix turn red.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Broken {
    /// The duplicate check sees no marks.
    pub hidden_marks: bool,
    /// A restarted consumer has forgotten how far it was.
    pub lost_cursors: bool,
}

/// Strikes one reaction with one flaw.
pub(super) struct Strike {
    reaction: Reaction,
    flaw: Option<Flaw>,
    broken: Broken,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The message is in the service's next commit.
    armed: bool,
    /// How often it has struck.
    struck: u32,
    crashed: bool,
    /// The message was taken out of the stream, and waits there.
    withheld: bool,
    /// It may come now.
    released: bool,
    /// A later message came while it was withheld.
    overtaken: bool,
    detours: Detours,
    gate: Option<Gate>,
}

impl State {
    /// The process dies here, and whatever it tries from now on fails.
    fn crash(&mut self, point: &'static str) -> Result<(), Fault> {
        self.struck += 1;
        self.crashed = true;
        Err(Fault::Crashed(point))
    }
}

impl Strike {
    pub fn new(reaction: Reaction, flaw: Option<Flaw>, broken: Broken) -> Self {
        Self { reaction, flaw, broken, state: Mutex::default() }
    }

    /// The message is on its way: a command of that name.
    pub fn arm(&self, command: &str) {
        if self.reaction.trigger == Trigger::Command(named(command)) {
            self.state().armed = true;
        }
    }

    /// Whether a command of that name is to be sent twice, and counts it as struck.
    pub fn doubles(&self, command: &str) -> bool {
        let doubles =
            self.flaw == Some(Flaw::Duplicate) && self.reaction.trigger == Trigger::Command(named(command));
        if doubles {
            self.state().struck += 1;
        }
        doubles
    }

    /// How often it has struck.
    pub fn struck(&self) -> u32 {
        self.state().struck
    }

    /// Counts a strike that was made elsewhere.
    pub fn strike(&self) {
        self.state().struck += 1;
    }

    /// Whether a delivery is withheld.
    pub fn withholds(&self) -> bool {
        self.state().withheld
    }

    /// Whether a later message overtook the withheld one.
    pub fn was_overtaken(&self) -> bool {
        self.state().overtaken
    }

    /// The withheld delivery comes with the next poll.
    pub fn release(&self) {
        self.state().released = true;
    }

    /// The gate behind which an effect's answer waits, once.
    pub fn gate(&self) -> Option<Gate> {
        self.state().gate.take()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_target(&self, place: Place, delivery: &Delivery) -> bool {
        let Trigger::Event { source, kind } = self.reaction.trigger else { return false };
        place == (self.reaction.service, source) && delivery.record.kind == kind
    }

    fn limit(&self) -> u32 {
        if self.flaw == Some(Flaw::FailTwice) { 2 } else { 1 }
    }
}

/// The command's name as the registry spells it.
fn named(command: &str) -> &'static str {
    ["place", "cancel", "refund", "resend", "seed"]
        .into_iter()
        .find(|known| *known == command)
        .expect("a known command")
}

impl Faults for Strike {
    fn at(&self, service: &'static str, point: &'static str) -> Result<(), Fault> {
        let mut state = self.state();
        if state.crashed {
            return Err(Fault::Crashed(point));
        }
        let relays = self.reaction.trigger == Trigger::Publication;
        if service != self.reaction.service || !(state.armed || relays) || state.struck >= self.limit() {
            return Ok(());
        }
        let [failed, before, after] = match relays {
            true => ["publish.after", "publish.before", "publish.after"],
            false => ["commit.before", "commit.before", "commit.after"],
        };
        match self.flaw {
            Some(Flaw::Fail | Flaw::FailTwice) if point == failed => {
                state.struck += 1;
                Err(Fault::Unavailable("struck".to_owned()))
            }
            Some(Flaw::CrashBefore) if point == before => state.crash(point),
            Some(Flaw::CrashAfter) if point == after => state.crash(point),
            _ => Ok(()),
        }
    }
}

impl Rig for Strike {
    fn deliver(&self, place: Place, polled: Vec<Delivery>) -> Vec<Delivery> {
        let mut state = self.state();
        let mut delivered = Vec::new();
        for delivery in polled {
            let is_target = self.is_target(place, &delivery);
            state.armed |= is_target;
            let first = is_target && state.struck == 0;
            match self.flaw {
                Some(Flaw::Duplicate) if first => {
                    state.struck += 1;
                    delivered.extend([delivery.clone(), delivery]);
                }
                Some(Flaw::Late | Flaw::Reordered) if first => {
                    state.struck += 1;
                    state.withheld = true;
                    state.detours.keep(place, delivery);
                }
                _ => delivered.push(delivery),
            }
        }
        let here = matches!(self.reaction.trigger, Trigger::Event { source, .. } if place == (self.reaction.service, source));
        if here && state.withheld {
            state.overtaken |= !delivered.is_empty();
        }
        if here && state.released && state.detours.waiting(place) > 0 {
            delivered.extend(state.detours.take(place, 0));
            state.withheld = false;
        }
        delivered
    }

    fn settled(&self, place: Place) {
        self.state().detours.settled(place);
    }

    fn rewound(&self, place: Place) {
        self.state().detours.rewound(place);
    }

    fn restarted(&self) {
        let mut state = self.state();
        state.crashed = false;
        state.detours.restarted();
    }

    fn due(&self, service: &'static str, mut rows: Vec<Scheduled>) -> Vec<Scheduled> {
        let Trigger::Timer(name) = self.reaction.trigger else { return rows };
        let is_target = |row: &Scheduled| row.name == name;
        if service != self.reaction.service || !rows.iter().any(is_target) {
            return rows;
        }
        let mut state = self.state();
        state.armed = true;
        match self.flaw {
            Some(Flaw::Duplicate) if state.struck == 0 => {
                state.struck += 1;
                let again: Vec<_> = rows.iter().filter(|row| is_target(row)).cloned().collect();
                rows.extend(again);
            }
            Some(Flaw::Reordered) if rows.iter().filter(|row| is_target(row)).count() > 1 => {
                state.struck += 1;
                state.overtaken = true;
                rows.reverse();
            }
            _ => {}
        }
        rows
    }

    fn perform(&self, service: &'static str, job: &Job) -> Manner {
        let (kind, is_effect, caller) = match self.reaction.trigger {
            Trigger::Effect(kind) => (kind, true, self.reaction.service),
            Trigger::Request(kind) => (kind, false, "payments"),
            _ => return Manner::Once,
        };
        let mut state = self.state();
        if service != caller || job.kind != kind || state.struck >= self.limit() {
            return Manner::Once;
        }
        state.armed = true;
        match self.flaw {
            Some(Flaw::Fail | Flaw::FailTwice) if is_effect => {
                state.struck += 1;
                Manner::Instead(Performed::Failed("struck".to_owned()))
            }
            Some(Flaw::Duplicate) => {
                state.struck += 1;
                Manner::Twice
            }
            Some(Flaw::Late | Flaw::Reordered) => {
                state.struck += 1;
                let gate = Gate::default();
                state.gate = Some(gate.clone());
                Manner::Withheld(gate)
            }
            _ => Manner::Once,
        }
    }

    fn marks(&self, _service: &'static str, stream: Stream) -> Stream {
        if !self.broken.hidden_marks {
            return stream;
        }
        Stream { applied: Default::default(), ..stream }
    }

    fn cursors(&self, _service: &'static str, cursors: Vec<(u16, u64)>) -> Vec<(u16, u64)> {
        if self.broken.lost_cursors { Vec::new() } else { cursors }
    }
}
