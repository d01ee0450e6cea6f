//! The weather: what happens to the ports, drawn from the seed, and the trace of everything.

use std::sync::{Mutex, MutexGuard, PoisonError};

use engine::faults::Faults;
use engine::{Delivery, Fault, Job, Service};
use notifications::Notifications;

use super::Chance;
use crate::faults::{Detours, Gate, Manner, Place, Rig};

/// How bad the weather is, in parts per million.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Forecast {
    /// A port call that fails.
    pub fault: u64,
    /// A port call at which the process dies.
    pub crash: u64,
    /// A delivery that comes twice.
    pub double: u64,
    /// A delivery that comes later.
    pub delay: u64,
    /// A batch of deliveries that comes in another order.
    pub shuffle: u64,
    /// A job that is performed twice.
    pub twice: u64,
    /// A job whose answer comes late.
    pub withhold: u64,
}

/// What happens to the ports.
pub(super) struct Weather(Mutex<State>);

struct State {
    chance: Chance,
    forecast: Forecast,
    trace: Vec<String>,
    crashed: bool,
    detours: Detours,
    gates: Vec<Gate>,
}

impl Weather {
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(State {
            chance: Chance::new(seed),
            forecast: Forecast::default(),
            trace: Vec::new(),
            crashed: false,
            detours: Detours::default(),
            gates: Vec::new(),
        }))
    }

    /// From now on the weather is like this.
    pub fn turns(&self, forecast: Forecast) {
        self.state().forecast = forecast;
    }

    /// Draws from the seed.
    pub fn draw<T>(&self, draw: impl FnOnce(&mut Chance) -> T) -> T {
        draw(&mut self.state().chance)
    }

    /// Writes into the trace.
    pub fn note(&self, line: String) {
        self.state().trace.push(line);
    }

    /// Everything that happened.
    pub fn trace(&self) -> Vec<String> {
        self.state().trace.clone()
    }

    /// Lets a withheld answer through, the oldest first. Answers whether there was one.
    pub fn open_gate(&self) -> bool {
        let mut state = self.state();
        let open = !state.gates.is_empty();
        if open {
            state.gates.remove(0).open();
        }
        open
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Faults for Weather {
    fn at(&self, service: &'static str, point: &'static str) -> Result<(), Fault> {
        let state = &mut *self.state();
        if state.crashed {
            return Err(Fault::Crashed(point));
        }
        if state.chance.strikes(state.forecast.crash) {
            state.crashed = true;
            state.trace.push(format!("  dies at {service} {point}"));
            return Err(Fault::Crashed(point));
        }
        if state.chance.strikes(state.forecast.fault) {
            state.trace.push(format!("  fault at {service} {point}"));
            return Err(Fault::Unavailable(point.to_owned()));
        }
        Ok(())
    }
}

impl Rig for Weather {
    fn deliver(&self, place: Place, polled: Vec<Delivery>) -> Vec<Delivery> {
        let state = &mut *self.state();
        let mut delivered = Vec::new();
        state.detours.note(place, &polled);
        for delivery in polled {
            if state.chance.strikes(state.forecast.double) {
                state.trace.push(format!("  {place:?} doubles {}", delivery.record.id()));
                state.detours.keep(place, delivery.clone());
            }
            if state.chance.strikes(state.forecast.delay) {
                state.trace.push(format!("  {place:?} delays {}", delivery.record.id()));
                state.detours.keep(place, delivery);
            } else {
                delivered.push(delivery);
            }
        }
        let is_calm = state.forecast.delay == 0;
        while state.detours.waiting(place) > 0 && (is_calm || state.chance.strikes(200_000)) {
            let index = state.chance.index(state.detours.waiting(place));
            delivered.extend(state.detours.take(place, index));
        }
        if state.chance.strikes(state.forecast.shuffle) {
            for end in (1..delivered.len()).rev() {
                delivered.swap(end, state.chance.index(end + 1));
            }
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
        state.gates.clear();
        state.detours.restarted();
    }

    fn perform(&self, service: &'static str, job: &Job) -> Manner {
        let state = &mut *self.state();
        state.trace.push(format!("  {} {} attempt {}", job.kind, job.key, job.attempt));
        // Nobody performs twice what is to be done at most once.
        if state.chance.strikes(state.forecast.twice) && service != Notifications::NAME {
            return Manner::Twice;
        }
        if state.chance.strikes(state.forecast.withhold) {
            let gate = Gate::default();
            state.gates.push(gate.clone());
            return Manner::Withheld(gate);
        }
        Manner::Once
    }
}
