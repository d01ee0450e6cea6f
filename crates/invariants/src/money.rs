//! Promises 2 and 3: one charge per order, to the cent what the provider's ledger says, and no money made or lost.

use engine::Key;
use orders::Order;
use payments::{Payment, PaymentState, RefundState};
use provider::{Capture, Charge};

use crate::violation::Violation;

/// What the shop may keep of an order that has ended, in minor units: the total less what a person gave back if it was
/// processed, else nothing. An order that names no payment method was never to be paid here.
pub fn due(order: &Order, payment: Option<&Payment>) -> i64 {
    let processed = order.status() == contract::Status::Processed;
    match payment {
        Some(payment) if processed && order.content.is_payable() => {
            order.content.total - payment.refunded_by_operator()
        }
        _ => 0,
    }
}

/// Promise 3. At any time: nothing or the total is captured, no more goes back than was captured. When order and payment
/// have ended: what was captured and not given back is what is [`due`].
pub fn money_is_conserved(order: &Order, payment: Option<&Payment>) -> Vec<Violation> {
    let mut broken = Vec::new();
    let mut claim = |holds: bool, what: String| {
        if !holds {
            broken.push(Violation::new(3, order.id, what));
        }
    };
    let (captured, refunded) = payment.map_or((0, 0), |payment| (payment.captured, payment.refunded()));
    if let Some(payment) = payment {
        let (total, amount) = (order.content.total(), payment.money(payment.amount));
        claim(total == amount, format!("the order costs {total:?}, its payment is about {amount:?}"));
        claim(
            captured == 0 || captured == payment.amount,
            format!("{captured} of {} were captured", payment.amount),
        );
        let is_captured = matches!(payment.state, PaymentState::Captured { .. });
        claim(
            is_captured == (captured > 0),
            format!("the payment is {:?} and captured {captured}", payment.state),
        );
        let back = captured - payment.refundable();
        claim(back <= captured, format!("{back} are to be given back, {captured} were captured"));
        let positive = payment.refunds.iter().all(|refund| refund.amount > 0);
        claim(positive, "a refund of nothing, or of less".to_owned());
    }
    if order.status().is_terminal() && payment.is_none_or(Payment::is_settled) {
        let due = due(order, payment);
        claim(
            captured - refunded == due,
            format!(
                "the order is {} and {due} are due, but {captured} - {refunded} were kept",
                order.status()
            ),
        );
    }
    broken
}

/// Promise 2: what the provider's ledger has under the payment's key is what the payment says, to the cent. An order
/// without a payment has no charge.
pub fn charged_once(payment: Option<&Payment>, charge: Option<&Charge>) -> Vec<Violation> {
    match (payment, charge) {
        (None, None) => Vec::new(),
        (None, Some(charge)) => {
            vec![Violation::new(2, charge.key.clone(), "the provider has a charge nobody asked for")]
        }
        (Some(payment), charge) => ledger_agrees(payment, charge),
    }
}

fn ledger_agrees(payment: &Payment, charge: Option<&Charge>) -> Vec<Violation> {
    let mut broken = Vec::new();
    let mut claim = |holds: bool, what: String| {
        if !holds {
            broken.push(Violation::new(2, payment.order_id, what));
        }
    };
    if let Some(charge) = charge {
        let key = Key::from(payment.charge_key.as_str());
        claim(charge.key == key, format!("the charge lies under {}, not under {key}", charge.key));
        if let Some(purchase) = charge.purchase() {
            let asked = payment.money(payment.amount);
            claim(
                purchase.amount == asked,
                format!("{asked:?} was asked for, the ledger has {:?}", purchase.amount),
            );
        }
    }
    let capture = charge.and_then(Charge::capture);
    match &payment.state {
        PaymentState::Captured { reference } => {
            let known = capture.map(|capture| &capture.reference);
            claim(
                known == Some(reference),
                format!("the payment was captured as {reference}, the ledger has {known:?}"),
            );
        }
        PaymentState::Failed(_) => {
            claim(capture.is_none(), "the payment failed, and the ledger has captured it".to_owned());
        }
        PaymentState::Pending | PaymentState::Unknown => {}
    }
    if let Some(capture) = capture {
        broken.extend(refunds_agree(payment, capture));
    }
    broken
}

fn refunds_agree(payment: &Payment, capture: &Capture) -> Vec<Violation> {
    let mut broken = Vec::new();
    for refund in &payment.refunds {
        let entry = capture.refund(&refund.key).map(|entry| entry.amount);
        let missing = entry.is_none() && refund.state == RefundState::Done;
        if missing || entry.is_some_and(|amount| amount != refund.amount) {
            let what = format!("refund {} of {} is {entry:?} in the ledger", refund.key, refund.amount);
            broken.push(Violation::new(2, payment.order_id, what));
        }
    }
    let unknown =
        capture.refunds.iter().filter(|entry| payment.refunds.iter().all(|refund| refund.key != entry.key));
    broken.extend(unknown.map(|entry| {
        let what = format!("the ledger has a refund {} of {} nobody asked for", entry.key, entry.amount);
        Violation::new(2, payment.order_id, what)
    }));
    broken
}
