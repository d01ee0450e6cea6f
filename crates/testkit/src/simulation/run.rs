//! One run: bad weather, then calm, then judgement.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use engine::Fault;
use engine::breaker::BreakerSettings;
use engine::intake::RepairAct;
use engine::retry::Backoff;
use payments::Payment;

use super::Chance;
use super::clients::{Clients, Wish, random_order};
use super::weather::{Forecast, Weather};
use crate::app::{AppSettings, Ground, TestApp};
use crate::faults::Rig;

/// How long it may take until everything has settled, in rounds of a minute.
const PATIENCE: usize = 120;
const A_MINUTE: Duration = Duration::from_secs(60);

/// A run that is over.
#[derive(Debug)]
pub struct Finished {
    /// What is wrong.
    pub outcome: Result<(), String>,
    /// Everything that happened.
    pub trace: Vec<String>,
    /// How many orders were acknowledged.
    pub orders: usize,
}

/// Runs the shop under this seed.
pub fn simulate(seed: u64) -> Finished {
    let weather = Arc::new(Weather::new(seed));
    let settings = weather.draw(random_settings);
    weather.note(format!("{settings:?}"));
    let rig = Arc::clone(&weather) as Arc<dyn Rig>;
    let mut run = Run {
        app: TestApp::rigged(Ground::files(), settings, rig),
        weather: Arc::clone(&weather),
        clients: Clients::default(),
    };
    run.app.unchecked();
    // A panic is a finding like any other, and its trace is wanted.
    let outcome = catch_unwind(AssertUnwindSafe(|| run.all()));
    let outcome = outcome.unwrap_or_else(|panic| Err(format!("a panic: {}", text(&*panic))));
    Finished { outcome, trace: weather.trace(), orders: run.clients.orders().len() }
}

fn text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default()
}

fn random_settings(chance: &mut Chance) -> AppSettings {
    AppSettings {
        processing: processing::Settings {
            failure_ppm: chance.pick(&[0, 0, 300_000]),
            delay: Duration::from_millis(chance.pick(&[0, 0, 700, 5_000])),
        },
        backoff: Backoff { attempts: chance.pick(&[3, 8]), ..Backoff::default() },
        breaker: BreakerSettings { minimum_calls: chance.pick(&[5, 20]), ..BreakerSettings::default() },
        batch: chance.pick(&[1, 3, 64]),
        partitions: chance.pick(&[1, 3]),
        clean_up_period: Duration::from_secs(chance.pick(&[5, 3_600])),
        ..AppSettings::default()
    }
}

fn random_forecast(chance: &mut Chance) -> Forecast {
    Forecast {
        fault: chance.pick(&[0, 2_000, 20_000]),
        crash: chance.pick(&[0, 200, 1_000]),
        double: chance.pick(&[0, 100_000]),
        delay: chance.pick(&[1, 50_000, 200_000]),
        shuffle: chance.pick(&[0, 300_000]),
        twice: chance.pick(&[0, 100_000]),
        withhold: chance.pick(&[0, 100_000]),
    }
}

struct Run {
    app: TestApp,
    weather: Arc<Weather>,
    clients: Clients,
}

impl Run {
    fn all(&mut self) -> Result<(), String> {
        self.revive()?;
        self.app.seed();
        self.app.drain().map_err(|fault| fault.to_string())?;
        self.weather.turns(self.weather.draw(random_forecast));
        for _ in 0..self.weather.draw(|chance| 100 + chance.below(200)) {
            self.happen()?;
            self.listen(false)?;
        }
        self.calm()?;
        self.judge()
    }

    /// Something happens.
    fn happen(&mut self) -> Result<(), String> {
        match self.weather.draw(|chance| chance.below(100)) {
            0..55 => self.step(),
            55..67 => {
                let body = self.weather.draw(random_order);
                self.wish(Wish::Place { body });
                Ok(())
            }
            67..71 => {
                if let Some(id) = self.some_order() {
                    self.wish(Wish::Cancel { id });
                }
                Ok(())
            }
            71..75 => {
                if let Some(id) = self.some_order() {
                    let amount = self.weather.draw(|chance| Some(1 + chance.below(3_000).cast_signed()));
                    let amount = amount.filter(|_| self.weather.draw(|chance| chance.strikes(700_000)));
                    self.wish(Wish::Refund { id, amount });
                }
                Ok(())
            }
            75..88 => {
                self.pass();
                Ok(())
            }
            88..91 => {
                self.turn_knobs();
                Ok(())
            }
            91 => {
                self.restock();
                Ok(())
            }
            92 => {
                self.weather.open_gate();
                Ok(())
            }
            93 => {
                self.weather.note("the process is killed".to_owned());
                self.app.kill();
                self.revive()
            }
            94 => {
                self.weather.turns(self.weather.draw(random_forecast));
                Ok(())
            }
            _ => self.drain(),
        }
    }

    fn step(&mut self) -> Result<(), String> {
        let steps = self.app.steps();
        let index = self.weather.draw(|chance| chance.index(steps.len()));
        let moved = self.app.step_at(index);
        self.weather.note(format!("{} {moved:?}", steps[index]));
        self.survive(moved.map(drop))
    }

    fn drain(&mut self) -> Result<(), String> {
        self.weather.note("everything moves".to_owned());
        let rest = self.app.drain().map(drop);
        self.survive(rest)
    }

    /// A fault that does not end the process is met by the next step.
    fn survive(&mut self, moved: Result<(), Fault>) -> Result<(), String> {
        match moved {
            Err(Fault::Crashed(_)) => self.revive(),
            Err(Fault::Corrupt(reason)) => Err(reason),
            _ => Ok(()),
        }
    }

    /// A new process begins, however often that takes.
    fn revive(&mut self) -> Result<(), String> {
        for _ in 0..100 {
            match self.app.start() {
                Ok(()) => return Ok(()),
                Err(fault) => self.weather.note(format!("it does not start: {fault}")),
            }
        }
        Err("it does not start".to_owned())
    }

    fn wish(&mut self, wish: Wish) {
        let keyed = self.weather.draw(|chance| chance.strikes(700_000));
        let line = self.clients.wish(&mut self.app, wish, keyed);
        self.weather.note(line);
    }

    fn listen(&mut self, patient: bool) -> Result<(), String> {
        let weather = Arc::clone(&self.weather);
        let patience = || patient || weather.draw(|chance| chance.strikes(800_000));
        let lines = self.clients.listen(&mut self.app, patience)?;
        lines.into_iter().for_each(|line| self.weather.note(line));
        Ok(())
    }

    fn some_order(&self) -> Option<uuid::Uuid> {
        let orders = self.clients.orders();
        (!orders.is_empty()).then(|| orders[self.weather.draw(|chance| chance.index(orders.len()))])
    }

    fn pass(&self) {
        let millis = self.weather.draw(|chance| match chance.below(100) {
            0 => 31 * 60_000,
            1..4 => 35_000,
            _ => chance.below(2_000),
        });
        self.weather.note(format!("{millis} ms pass"));
        self.app.advance(Duration::from_millis(millis));
    }

    /// Somebody counts a product anew, and does not care for the answer.
    fn restock(&mut self) {
        let (id, stock) =
            self.weather.draw(|chance| (chance.pick(&["tiramisu", "panna-cotta"]), chance.below(12)));
        let menu = catalog::seed::parse(catalog::seed::SEED).expect("the shipped menu");
        let product = menu.into_iter().find(|product| product.id == id).expect("it is on the menu");
        let stock = u32::try_from(stock).ok();
        self.weather.note(format!("of {id} there are {stock:?}"));
        drop(self.app.ask_put(contract::Product { stock, ..product }));
    }

    fn turn_knobs(&self) {
        let settings = self.weather.draw(|chance| provider::Settings {
            failure_rate_ppm: chance.pick(&[0, 300_000]),
            timeout_rate_ppm: chance.pick(&[0, 300_000]),
            outage: chance.strikes(200_000),
            ..provider::Settings::default()
        });
        self.weather.note(format!("{settings:?}"));
        self.app.knobs().set(settings);
    }

    /// The faults stop, and everything settles. What died meanwhile is redriven, as an operator would.
    fn calm(&mut self) -> Result<(), String> {
        self.weather.note("calm".to_owned());
        self.weather.turns(Forecast::default());
        self.app.knobs().set(provider::Settings::default());
        while self.weather.open_gate() {}
        for _ in 0..PATIENCE {
            let rest = self.app.drain_through(A_MINUTE);
            self.survive(rest)?;
            self.listen(true)?;
            for (service, letter) in self.app.dead_letters() {
                self.weather
                    .note(format!("{service} {} {} is redriven: {}", letter.key, letter.name, letter.reason));
                self.app.repair(service, &letter, RepairAct::Redrive);
            }
            if self.is_over() {
                return Ok(());
            }
        }
        Err("it does not come to an end".to_owned())
    }

    fn is_over(&mut self) -> bool {
        let ended = |order: &orders::Order| {
            order.status().is_terminal()
                && self.app.payment(order.id).as_ref().is_none_or(Payment::is_settled)
        };
        self.clients.waiting() == 0
            && self.app.dead_letters().is_empty()
            && self.app.orders().iter().all(ended)
    }

    fn judge(&mut self) -> Result<(), String> {
        // A delivery that came behind its time has taken the cursor back; a restart reads on from there.
        self.revive()?;
        self.app.drain().map_err(|fault| fault.to_string())?;
        let mut complaints = self.app.complaints();
        complaints.extend(self.clients.judge(&self.app));
        for order in self.app.orders() {
            let (states, payment) = (self.app.states(order.id), self.app.payment(order.id));
            self.weather.note(format!(
                "{} {states:?} {:?}",
                order.id,
                payment.map(|it| (it.captured, it.refunded()))
            ));
        }
        if complaints.is_empty() { Ok(()) } else { Err(complaints.join("\n")) }
    }
}
