//! Concluding an order from what the other services say about it.

use std::borrow::Cow;

use contract::events::{
    AttemptMade, Item, ORDER_COMPLETED, ORDER_FAILED, ORDER_PAID, OrderChanged, OrderProcessed,
    PaymentChanged, STOCK_REJECTED, STOCK_RESERVED,
};
use contract::{Amount, Currency, Money, Reason, Status};
use engine::{Change, Context, Draft, Key, Outcome};
use jiff::Timestamp;
use serde::Serialize;

use crate::facts::{Facts, PaymentFact, ProcessingFact, StockFact};
use crate::input::PaymentNews;
use crate::model::{Content, Line, Order, State};
use crate::service::{Orders, PAYMENT_DEADLINE};
use crate::timeline::{Entry, EntryKind};

/// The order under `key`.
pub(crate) fn order_of<'d>(draft: &'d Draft<'_, State>, key: &Key) -> Option<&'d Order> {
    draft.get(key).and_then(State::order)
}

/// The lines as events tell of them.
pub(crate) fn items(content: &Content) -> Vec<Item> {
    let amount = |minor| Amount::from(Money { minor, currency: content.currency });
    let item = |line: &Line| Item {
        product_id: line.product_id.clone(),
        quantity: line.quantity,
        price: line.price.map(amount),
    };
    content.lines.iter().map(item).collect()
}

/// The data of an event that says where an order stands.
pub(crate) fn changed_event(kind: &str, order: &Order) -> String {
    let event = OrderChanged {
        event_type: kind.to_owned(),
        order_id: order.id,
        status: order.status(),
        customer_id: order.content.customer_id.clone(),
        total_amount: Amount::from(order.content.total()),
        currency: order.content.currency,
        reason: order.reason().cloned(),
        items: if order.is_tracked() { items(&order.content) } else { Vec::new() },
        payment_method: order.content.payment_method.clone().filter(|_| order.is_tracked()),
    };
    serde_json::to_string(&event).unwrap_or_default()
}

impl Orders {
    /// Learns what happened to the payment.
    pub(crate) fn payment(
        &self,
        draft: &mut Draft<'_, State>,
        key: &Key,
        news: PaymentNews,
        payment: &PaymentChanged,
        context: &Context,
    ) -> Outcome<Self> {
        let amounts =
            (payment.paid_amount.money(payment.currency), payment.refunded_amount.money(payment.currency));
        let (Ok(paid), Ok(refunded)) = amounts else {
            return Outcome::Poison("the amounts are not amounts of the currency".to_owned());
        };
        let reason =
            payment.reason.clone().unwrap_or_else(|| Reason::new("payment_failed", "It was not paid."));
        let fact = match news {
            PaymentNews::Paid => Some(PaymentFact::Paid),
            PaymentNews::Failed => Some(PaymentFact::Failed(reason.clone())),
            PaymentNews::Unknown => Some(PaymentFact::Unknown),
            PaymentNews::Refunded => None,
        };
        let message = match news {
            PaymentNews::Paid => "The payment was captured.".into(),
            PaymentNews::Unknown => "It is not known whether the payment was captured.".into(),
            PaymentNews::Refunded => match &payment.reason {
                Some(why) => format!("Money was given back: {}", why.message).into(),
                None => "Money was given back.".into(),
            },
            PaymentNews::Failed => reason.message,
        };
        let charged = Charged { amount: &payment.amount, currency: payment.currency };
        let actor: Cow<'static, str> = payment.actor.clone().map_or("payments".into(), Cow::Owned);
        let entry = Entry::new(EntryKind::Payment, payment.event_type.clone(), message, actor).data(&charged);
        self.learn(draft, key, &payment.attempts, &entry, context, |facts| {
            if let Some(fact) = fact {
                facts.learn_payment(fact);
            }
            facts.paid = paid.minor;
            facts.refunded = refunded.minor;
        })
    }

    /// Learns whether the pieces it needs are kept for it.
    pub(crate) fn stock(
        &self,
        draft: &mut Draft<'_, State>,
        key: &Key,
        rejected: Option<&Reason>,
        context: &Context,
    ) -> Outcome<Self> {
        let (fact, kind, message) = match rejected {
            None => (StockFact::Reserved, STOCK_RESERVED, "All pieces are reserved.".into()),
            Some(reason) => (StockFact::Rejected(reason.clone()), STOCK_REJECTED, reason.message.clone()),
        };
        let entry = Entry::new(EntryKind::Event, kind, message, "catalog");
        self.learn(draft, key, &[], &entry, context, |facts| facts.learn_stock(fact))
    }

    /// Learns how processing ended.
    pub(crate) fn processed(
        &self,
        draft: &mut Draft<'_, State>,
        key: &Key,
        processed: &OrderProcessed,
        context: &Context,
    ) -> Outcome<Self> {
        let (fact, message) = match processed.went_well() {
            Some(true) => (ProcessingFact::Processed, "It was processed.".to_owned()),
            Some(false) => {
                let message =
                    processed.error_message.clone().unwrap_or_else(|| "Processing failed.".to_owned());
                (ProcessingFact::Rejected(Reason::new("processing_failed", message.clone())), message)
            }
            None => {
                return Outcome::Poison(format!(
                    "the status '{}' is neither completed nor failed",
                    processed.status
                ));
            }
        };
        let entry = Entry::new(EntryKind::Event, processed.event_type.clone(), message, "processing");
        self.learn(draft, key, &[], &entry, context, |facts| facts.learn_processing(fact))
    }

    /// Takes over facts, and says where the order stands if it moved. A late fact on a terminal order is recorded.
    fn learn(
        &self,
        draft: &mut Draft<'_, State>,
        key: &Key,
        attempts: &[AttemptMade],
        entry: &Entry,
        context: &Context,
        learn: impl FnOnce(&mut Facts),
    ) -> Outcome<Self> {
        let Some(order) = order_of(draft, key) else {
            return Outcome::NotYet("the order is not known here yet".to_owned());
        };
        let (before, awaited) = (order.status(), order.awaits_payment());
        let Some(order) = order.revised(context.now, learn) else {
            return Outcome::Ignored;
        };
        let after = order.status();
        let mut change = attempts
            .iter()
            .fold(Change::new(), |change, attempt| change.note(key, attempt_entry(attempt).encode()));
        change = change.note(key, entry.encode());
        for kind in announcements(before, after, &order.facts) {
            change = change.event(key, kind, changed_event(kind, &order));
        }
        for kind in announcements(before, after, &order.facts).filter(|kind| *kind != ORDER_PAID) {
            let (kind_of, message) = (kind, conclusion(kind));
            change = change.note(key, Entry::new(EntryKind::Event, kind_of, message, "orders").encode());
        }
        if awaited && !order.awaits_payment() {
            change = change.unschedule(key, PAYMENT_DEADLINE);
        }
        draft.put(key, State::Order(order));
        Outcome::Change(change)
    }
}

/// The events that tell of a step from one status to another.
fn announcements(before: Status, after: Status, facts: &Facts) -> impl Iterator<Item = &'static str> {
    let paid = before == Status::Pending
        && matches!(after, Status::Paid | Status::Processed)
        && facts.payment == PaymentFact::Paid;
    let ended = match after {
        _ if before == after => None,
        Status::Processed => Some(ORDER_COMPLETED),
        Status::Failed => Some(ORDER_FAILED),
        Status::Pending | Status::Paid | Status::Cancelled => None,
    };
    paid.then_some(ORDER_PAID).into_iter().chain(ended)
}

fn conclusion(kind: &str) -> &'static str {
    if kind == ORDER_COMPLETED { "The order is done." } else { "The order failed." }
}

fn attempt_entry(attempt: &AttemptMade) -> Entry {
    let kind_of = format!("{}.{}", attempt.what, attempt.result);
    Entry::new(EntryKind::Attempt, kind_of, attempt.message.clone(), "payments")
        .data(&Tried { attempt: attempt.attempt, at: attempt.at })
}

/// What a payment's entry tells.
#[derive(Serialize)]
struct Charged<'a> {
    amount: &'a Amount,
    currency: Currency,
}

/// What an attempt's entry tells.
#[derive(Serialize)]
struct Tried {
    attempt: u32,
    at: Timestamp,
}
