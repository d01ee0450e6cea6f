//! Promises 4 and 6: every order ends, or says why not.

use std::time::Duration;

use engine::{DeadLetter, DeadLetterState};
use jiff::Timestamp;
use orders::{Order, PaymentFact, StockFact};
use payments::{Payment, PaymentState};
use processing::{Record, Stage};

use crate::violation::Violation;

/// How it stands with an order's end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It has ended, and so has its payment.
    Ended,
    /// It was changed not long ago.
    Moving,
    /// It stands still, and it is known why.
    Stuck {
        /// Where.
        step: Step,
        /// Why, in a sentence.
        reason: String,
    },
    /// It stands still, and nobody knows why. This must not be.
    Lost,
}

/// The steps of an order at which it may stand still.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A message or an effect is a dead letter.
    DeadLetter,
    /// Nobody has said whether its pieces are reserved.
    Stock,
    /// The payment provider has not answered, or nobody has paid.
    Payment,
    /// The work takes long.
    Processing,
}

/// How it stands with an order's end. `letters` are its dead letters in all services, in any state.
pub fn fate(
    order: &Order,
    letters: &[DeadLetter],
    payment: Option<&Payment>,
    record: Option<&Record>,
    now: Timestamp,
    stuck_after: Duration,
) -> Fate {
    let stuck = |step, reason: String| Fate::Stuck { step, reason };
    if let Some(letter) = letters.iter().find(|letter| letter.state == DeadLetterState::Dead) {
        return stuck(Step::DeadLetter, format!("{} is a dead letter: {}", letter.name, letter.reason));
    }
    if order.status().is_terminal() && payment.is_none_or(Payment::is_settled) {
        return Fate::Ended;
    }
    let changed = changed(order, payment, None);
    if now.duration_since(changed).unsigned_abs() <= stuck_after {
        return Fate::Moving;
    }
    if order.facts.stock == StockFact::Pending && !order.status().is_terminal() {
        return stuck(Step::Stock, "it is not known yet whether its pieces are reserved".to_owned());
    }
    if let Some(payment) = payment.filter(|payment| !payment.is_settled()) {
        return stuck(Step::Payment, waiting(payment).to_owned());
    }
    let waits_for_work = matches!(order.facts.payment, PaymentFact::None | PaymentFact::Paid);
    if waits_for_work && record.is_some_and(|record| record.stage == Stage::Working) {
        return stuck(Step::Processing, "it is being worked on".to_owned());
    }
    Fate::Lost
}

fn waiting(payment: &Payment) -> &'static str {
    match payment.state {
        PaymentState::Pending => "the payment provider has not answered the charge yet",
        PaymentState::Unknown => "it is not known yet whether the charge was captured",
        PaymentState::Captured { .. } | PaymentState::Failed(_) => "a refund is under way",
    }
}

/// Promise 4: an order is not lost.
pub fn terminal_or_stuck(
    order: &Order,
    letters: &[DeadLetter],
    payment: Option<&Payment>,
    record: Option<&Record>,
    now: Timestamp,
    stuck_after: Duration,
) -> Vec<Violation> {
    if fate(order, letters, payment, record, now, stuck_after) != Fate::Lost {
        return Vec::new();
    }
    let what =
        format!("it is {} since {} and waits for nothing that is known", order.status(), order.updated_at);
    vec![Violation::new(4, order.id, what)]
}

/// Promise 5: what was published arrives. To be asked of an order about which an event is underway.
pub fn events_arrive(
    order: &Order,
    letters: &[DeadLetter],
    payment: Option<&Payment>,
    record: Option<&Record>,
    now: Timestamp,
    stuck_after: Duration,
) -> Vec<Violation> {
    let changed = changed(order, payment, record);
    let waits = letters.iter().any(|letter| letter.state == DeadLetterState::Dead);
    if waits || now.duration_since(changed).unsigned_abs() <= stuck_after {
        return Vec::new();
    }
    let what = format!("an event about it is on its way since {changed}: lost, or its consumer does not run");
    vec![Violation::new(5, order.id, what)]
}

/// When something last happened to an order in any service.
fn changed(order: &Order, payment: Option<&Payment>, record: Option<&Record>) -> Timestamp {
    let elsewhere = [payment.map(|payment| payment.updated_at), record.map(|record| record.updated_at)];
    elsewhere.into_iter().flatten().fold(order.updated_at, Timestamp::max)
}
