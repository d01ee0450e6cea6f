//! Calling an order off: by command, or because the payment deadline passed.

use contract::Reason;
use contract::events::ORDER_CANCELLED;
use engine::{Change, Context, Draft, Key, Outcome};

use crate::conclude::{changed_event, order_of};
use crate::facts::PaymentFact;
use crate::input::Cancel;
use crate::model::{Order, State};
use crate::refusal::Refusal;
use crate::service::{Orders, PAYMENT_DEADLINE};
use crate::timeline::{Entry, EntryKind};

impl Orders {
    /// Calls an order off, unless it has ended or is not what the caller saw.
    pub(crate) fn cancel(
        &self,
        draft: &mut Draft<'_, State>,
        key: &Key,
        cancel: &Cancel,
        context: &Context,
    ) -> Outcome<Self> {
        let Some(order) = order_of(draft, key) else {
            return Outcome::Refused(Refusal::UnknownOrder(key.id().unwrap_or_default()));
        };
        if cancel.expected_version.is_some_and(|expected| expected != order.version) {
            return Outcome::Refused(Refusal::VersionChanged(order.version));
        }
        if order.status().is_terminal() {
            return Outcome::Refused(Refusal::TooLate(order.status()));
        }
        let entry = Entry::new(
            EntryKind::Operator,
            ORDER_CANCELLED,
            cancel.reason.message.clone(),
            cancel.actor.clone(),
        );
        let order = order.clone();
        self.call_off(draft, key, &order, cancel.reason.clone(), &entry, context)
    }

    /// Calls off an order nobody paid in time. While it is not known whether it was paid, and once it is, the clock
    /// does nothing.
    pub(crate) fn deadline(
        &self,
        draft: &mut Draft<'_, State>,
        key: &Key,
        context: &Context,
    ) -> Outcome<Self> {
        let Some(order) = order_of(draft, key).cloned() else { return Outcome::Ignored };
        if order.status().is_terminal() || order.facts.payment != PaymentFact::Pending {
            return Outcome::Ignored;
        }
        let reason = Reason::new("payment_deadline", "It was not paid in time.");
        let entry = Entry::new(EntryKind::Event, ORDER_CANCELLED, reason.message.clone(), "orders");
        self.call_off(draft, key, &order, reason, &entry, context)
    }

    fn call_off(
        &self,
        draft: &mut Draft<'_, State>,
        key: &Key,
        order: &Order,
        reason: Reason,
        entry: &Entry,
        context: &Context,
    ) -> Outcome<Self> {
        let Some(order) = order.revised(context.now, |facts| facts.cancelled = Some(reason)) else {
            return Outcome::Ignored;
        };
        draft.put(key, State::Order(order.clone()));
        let change = Change::new()
            .event(key, ORDER_CANCELLED, changed_event(ORDER_CANCELLED, &order))
            .note(key, entry.encode())
            .unschedule(key, PAYMENT_DEADLINE);
        Outcome::Change(change.reply(order))
    }
}
