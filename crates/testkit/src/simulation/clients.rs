//! The clients: they ask, repeat what was not answered under the same key, sometimes give up, and remember what they were
//! told.

use std::collections::{BTreeMap, BTreeSet};

use engine::Answer;
use orders::Orders;
use payments::Payments;
use tokio::sync::oneshot::Receiver;
use tokio::sync::oneshot::error::TryRecvError;
use uuid::Uuid;

use super::Chance;
use crate::app::TestApp;

const DOCUMENT: &str = include_str!("../../../orders/src/forms/tests/full-document.json");

/// What a client wants.
#[derive(Clone, Debug)]
pub(super) enum Wish {
    Place { body: String },
    Cancel { id: Uuid },
    Refund { id: Uuid, amount: Option<i64> },
}

/// A wish on its way.
struct Asked {
    wish: Wish,
    /// What the client is called here and, if keyed, its Idempotency-Key.
    key: String,
    keyed: bool,
    answer: Waiting,
}

enum Waiting {
    Orders(Receiver<Answer<Orders>>),
    Payments(Receiver<Answer<Payments>>),
}

/// What a client heard.
enum Heard {
    Nothing,
    /// Not whether it was done: ask again.
    Unclear,
    Done(Uuid),
    No(String),
}

/// All clients.
#[derive(Default)]
pub(super) struct Clients {
    asked: Vec<Asked>,
    keys: u64,
    /// The order each key was answered with.
    placed: BTreeMap<String, Uuid>,
    /// Keys of orders whose clients never heard.
    unheard: BTreeSet<String>,
    cancelled: BTreeSet<Uuid>,
    /// Keys of refunds: asked for, and acknowledged, by order.
    refunds_asked: BTreeMap<Uuid, BTreeSet<String>>,
    refunds_done: BTreeMap<Uuid, BTreeSet<String>>,
}

impl Clients {
    /// The acknowledged orders.
    pub fn orders(&self) -> Vec<Uuid> {
        self.placed.values().copied().collect()
    }

    /// How many wait for an answer.
    pub fn waiting(&self) -> usize {
        self.asked.len()
    }

    /// Somebody wants something new, perhaps without an Idempotency-Key. Answers what.
    pub fn wish(&mut self, app: &mut TestApp, wish: Wish, keyed: bool) -> String {
        self.keys += 1;
        let key = format!("key-{}", self.keys);
        let line = format!("{key} (sent: {keyed}) wishes {wish:?}");
        self.ask(app, wish, key, keyed);
        line
    }

    fn ask(&mut self, app: &mut TestApp, wish: Wish, key: String, keyed: bool) {
        let sent = keyed.then_some(key.as_str());
        let answer = match &wish {
            Wish::Place { body } => Waiting::Orders(app.ask_place(body, sent)),
            Wish::Cancel { id } => Waiting::Orders(app.ask_cancel(*id, sent)),
            Wish::Refund { id, amount } => {
                self.refunds_asked.entry(*id).or_default().insert(key.clone());
                Waiting::Payments(app.ask_refund(*id, *amount, sent))
            }
        };
        self.asked.push(Asked { wish, key, keyed, answer });
    }

    /// Everybody looks for an answer. Who heard nothing certain asks again under the same key, or, without a key or
    /// without patience, gives up.
    pub fn listen(
        &mut self,
        app: &mut TestApp,
        mut patient: impl FnMut() -> bool,
    ) -> Result<Vec<String>, String> {
        let mut lines = Vec::new();
        for mut asked in std::mem::take(&mut self.asked) {
            match heard(&mut asked.answer) {
                Heard::Nothing => self.asked.push(asked),
                Heard::Unclear if asked.keyed && patient() => {
                    lines.push(format!("{} asks again", asked.key));
                    self.ask(app, asked.wish, asked.key, true);
                }
                Heard::Unclear => {
                    lines.push(format!("{} gives up", asked.key));
                    if matches!(asked.wish, Wish::Place { .. }) {
                        self.unheard.insert(asked.key);
                    }
                }
                Heard::No(reason) => lines.push(format!("{} is refused: {reason}", asked.key)),
                Heard::Done(id) => {
                    lines.push(format!("{} is done: {id}", asked.key));
                    self.remember(asked, id)?;
                }
            }
        }
        Ok(lines)
    }

    fn remember(&mut self, asked: Asked, id: Uuid) -> Result<(), String> {
        match asked.wish {
            Wish::Place { .. } => {
                if let Some(known) = self.placed.insert(asked.key.clone(), id).filter(|known| *known != id) {
                    return Err(format!("{} was answered with {known} and then with {id}", asked.key));
                }
            }
            Wish::Cancel { id } => {
                self.cancelled.insert(id);
            }
            Wish::Refund { id, .. } => {
                self.refunds_done.entry(id).or_default().insert(asked.key);
            }
        }
        Ok(())
    }

    /// Whether the shop has done what it acknowledged, and nothing twice.
    pub fn judge(&self, app: &TestApp) -> Vec<String> {
        let mut complaints = Vec::new();
        let there: BTreeSet<_> = app.orders().into_iter().map(|order| order.id).collect();
        let acknowledged: BTreeSet<_> = self.placed.values().copied().collect();
        for id in acknowledged.difference(&there) {
            complaints.push(format!("the acknowledged order {id} is not there"));
        }
        let surplus = there.difference(&acknowledged).count();
        if surplus > self.unheard.len() {
            let unheard = self.unheard.len();
            complaints
                .push(format!("{surplus} orders nobody heard of, and {unheard} clients who heard nothing"));
        }
        for id in &self.cancelled {
            if app.find(*id).is_none_or(|order| order.facts.cancelled.is_none()) {
                complaints
                    .push(format!("the cancellation of {id} was acknowledged, and it is not cancelled"));
            }
        }
        for (id, asked) in &self.refunds_asked {
            let made = app
                .payment(*id)
                .map_or(0, |payment| payment.refunds.iter().filter(|refund| refund.actor.is_some()).count());
            let done = self.refunds_done.get(id).map_or(0, BTreeSet::len);
            if made < done || made > asked.len() {
                let asked = asked.len();
                complaints.push(format!("{id}: {asked} refunds asked for, {done} acknowledged, {made} made"));
            }
        }
        complaints
    }
}

fn heard(answer: &mut Waiting) -> Heard {
    match answer {
        Waiting::Orders(receiver) => match receiver.try_recv() {
            Ok(Answer::Done { reply, .. }) => Heard::Done(reply.id),
            Ok(Answer::Unavailable(_)) | Err(TryRecvError::Closed) => Heard::Unclear,
            Ok(other) => Heard::No(format!("{other:?}")),
            Err(TryRecvError::Empty) => Heard::Nothing,
        },
        Waiting::Payments(receiver) => match receiver.try_recv() {
            Ok(Answer::Done { reply, .. }) => Heard::Done(reply.order_id),
            Ok(Answer::Unavailable(_)) | Err(TryRecvError::Closed) => Heard::Unclear,
            Ok(other) => Heard::No(format!("{other:?}")),
            Err(TryRecvError::Empty) => Heard::Nothing,
        },
    }
}

/// An order in one of the five forms, by one of the means.
pub(super) fn random_order(chance: &mut Chance) -> String {
    let method = chance.pick(&["card", "card", "card", "card-declined", "card-timeout"]);
    let paid = |rest: String| if rest.is_empty() { rest } else { format!(r#", "payment_method": "{rest}""#) };
    let means = if chance.strikes(700_000) { paid(method.to_owned()) } else { String::new() };
    let (cents, quantity) = (chance.below(100_000), chance.below(5) + 1);
    let amount = format!("{}.{:02}", cents / 100, cents % 100);
    match chance.below(5) {
        0 => format!(r#"{{"customer_name": "n", "total_amount": {amount}{means}}}"#),
        1 => format!(
            r#"{{"customer_id": "c", "items": [{{"product_id": "p", "quantity": {quantity}, "price": {amount}}}]{means}}}"#
        ),
        2 => {
            let pizza = chance.pick(&["margherita", "pepperoni", "tartufo", "tiramisu", "panna-cotta"]);
            let sweet = chance.pick(&["lemonade", "tiramisu", "panna-cotta"]);
            let means = means.replace("payment_method", "paymentMethod");
            format!(
                r#"{{"items": [{{"pizzaId": "{pizza}", "quantity": {quantity}}}, {{"pizzaId": "{sweet}", "quantity": 1}}]{means}}}"#
            )
        }
        3 => format!(
            r#"{{"user_id": "u", "amount": "{amount}", "products": [{{"product_id": "p", "quantity": {quantity}}}]{means}}}"#
        ),
        _ => DOCUMENT.replace("c71e90d4a2f84b3e8d16demo", &format!("document-{}", chance.below(20))),
    }
}
