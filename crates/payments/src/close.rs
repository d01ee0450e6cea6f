//! Compensation: an order has failed or was called off, so whatever was or will be captured for it goes back.

use contract::Reason;
use contract::events::{OrderChanged, PAYMENT_FAILED};
use engine::{Change, Context, Draft, Key, Outcome};

use crate::charge::void_job;
use crate::jobs::CHARGE;
use crate::model::{Payment, PaymentState};
use crate::service::{News, Payments};

impl Payments {
    /// An order has ended badly before it was to be paid, since its pieces were not reserved yet, or never will be. The payment
    /// has failed then, so that it is not begun when they are reserved after all. Of other orders without a payment nothing was
    /// to be paid.
    pub(crate) fn forgo(
        &self,
        draft: &mut Draft<'_, Payment>,
        key: &Key,
        order: &OrderChanged,
        context: &Context,
    ) -> Outcome<Self> {
        let (Some(method), false) = (&order.payment_method, order.items.is_empty()) else {
            return Outcome::Ignored;
        };
        let total = match order.total_amount.money(order.currency) {
            Ok(total) => total,
            Err(error) => return Outcome::Poison(format!("total_amount: {error}")),
        };
        let reason = Reason::new("not_charged", "The order ended before it was to be paid.");
        let mut payment = Payment::new(order.order_id, total, method, context.now);
        payment.state = PaymentState::Failed(reason.clone());
        let news = News::of(PAYMENT_FAILED, total.minor, Some(reason));
        Outcome::Change(Self::announce(draft, key, payment, news, Change::new()))
    }

    /// Undoes the charge of an order that has ended badly. A charge under way is not waited for: its key is voided, and
    /// the void tells whether it was captured after all.
    pub(crate) fn close(
        &self,
        draft: &mut Draft<'_, Payment>,
        key: &Key,
        payment: &Payment,
        context: &Context,
    ) -> Outcome<Self> {
        if payment.closing || matches!(payment.state, PaymentState::Failed(_)) {
            return Outcome::Ignored;
        }
        let mut payment = payment.revised(context.now);
        payment.closing = true;
        let change = match payment.state {
            PaymentState::Captured { .. } => Self::give_back_all(key, &mut payment, Change::new(), context),
            _ => Change::new().unschedule(key, CHARGE).schedule(void_job(key, &payment, context)),
        };
        draft.put(key, payment);
        Outcome::Change(change)
    }
}
