//! Compensation: an order has failed or was called off, so whatever was or will be captured for it goes back.

use engine::{Change, Context, Draft, Key, Outcome};

use crate::charge::void_job;
use crate::jobs::CHARGE;
use crate::model::{Payment, PaymentState};
use crate::service::Payments;

impl Payments {
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
