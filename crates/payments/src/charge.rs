//! Charging: from an order that is to be paid to a charge that was captured, declined or voided.

use contract::events::{AttemptMade, Awaits, PAYMENT_FAILED, PAYMENT_PAID, PAYMENT_UNKNOWN};
use contract::{Money, Reason};
use engine::{Change, Context, Draft, Key, Outcome, Scheduled};

use crate::input::{Attempted, Due};
use crate::jobs::{CHARGE, ChargeAnswer, ChargeJob, VOID, VoidAnswer, VoidJob};
use crate::model::{Payment, PaymentState};
use crate::queries::Exchange;
use crate::service::{News, Payments};

impl Payments {
    /// Begins the payment of an order that waits for nothing else.
    pub(crate) fn begin(
        &self,
        draft: &mut Draft<'_, Payment>,
        key: &Key,
        order: &Due,
        known: Option<Payment>,
        context: &Context,
    ) -> Outcome<Self> {
        let (Some(method), [Awaits::Payment], None) = (&order.payment_method, order.awaits.as_slice(), known)
        else {
            return Outcome::Ignored;
        };
        let amount = match order.total_amount.money(order.currency) {
            Ok(total) if total.minor > 0 => total.minor,
            Ok(_) => return Outcome::Ignored,
            Err(error) => return Outcome::Poison(format!("total_amount: {error}")),
        };
        let total = Money { minor: amount, currency: order.currency };
        let payment = Payment::new(order.order_id, total, method, context.now);
        let job = ChargeJob {
            key: payment.charge_key.clone(),
            order_id: payment.order_id,
            amount,
            currency: payment.currency,
            method: method.clone(),
        };
        draft.put(key, payment);
        let job = serde_json::to_string(&job).unwrap_or_default();
        Outcome::Change(Change::new().schedule(Scheduled::effect(
            key.clone(),
            CHARGE,
            context.now,
            CHARGE,
            job,
        )))
    }

    /// The provider answered the charge.
    pub(crate) fn charged(
        &self,
        draft: &mut Draft<'_, Payment>,
        key: &Key,
        payment: &Payment,
        answer: &ChargeAnswer,
        attempt: u32,
        context: &Context,
    ) -> Outcome<Self> {
        match answer {
            ChargeAnswer::Captured { reference } => {
                let note = Exchange::encode(CHARGE, attempt, "captured", reference);
                self.captured(draft, key, payment, reference, Change::new().note(key, note), context)
            }
            ChargeAnswer::Declined { code, message } => {
                let note = Exchange::encode(CHARGE, attempt, "declined", message);
                let reason = Reason::new(code.clone(), message.clone());
                self.failed(draft, key, payment, reason, Change::new().note(key, note), context)
            }
        }
    }

    /// The provider answered the void of the charge's key.
    pub(crate) fn voided(
        &self,
        draft: &mut Draft<'_, Payment>,
        key: &Key,
        payment: &Payment,
        answer: &VoidAnswer,
        attempt: u32,
        context: &Context,
    ) -> Outcome<Self> {
        match answer {
            VoidAnswer::Captured { reference } => {
                let note = Exchange::encode(VOID, attempt, "captured", reference);
                self.captured(draft, key, payment, reference, Change::new().note(key, note), context)
            }
            VoidAnswer::Voided => {
                let note = Exchange::encode(VOID, attempt, "voided", "");
                let reason = Reason::new("payment_voided", "The payment was voided before it was captured.");
                self.failed(draft, key, payment, reason, Change::new().note(key, note), context)
            }
        }
    }

    /// An attempt was fruitless. A charge that may have been captured is UNKNOWN from then on; when its attempts are
    /// used up, its key is voided. What the provider refuses to do to the end is a dead letter.
    pub(crate) fn attempt_failed(
        &self,
        draft: &mut Draft<'_, Payment>,
        key: &Key,
        payment: &Payment,
        attempted: &Attempted,
        context: &Context,
    ) -> Outcome<Self> {
        let mut payment = payment.revised(context.now);
        let result = if attempted.unknown { "unknown" } else { "failed" };
        payment.attempts.push(AttemptMade {
            at: context.now,
            what: attempted.what.clone(),
            attempt: attempted.attempt,
            result: result.to_owned(),
            message: attempted.message.clone(),
        });
        let note = Exchange::encode(&attempted.what, attempted.attempt, result, &attempted.message);
        let mut change = Change::new().note(key, note);
        let charging = attempted.what == CHARGE;
        let turned_unknown = charging && attempted.unknown && payment.state == PaymentState::Pending;
        if turned_unknown {
            payment.state = PaymentState::Unknown;
        }
        if attempted.exhausted {
            if !charging || payment.state != PaymentState::Unknown {
                return Outcome::Poison(attempted.message.clone());
            }
            change = change.schedule(void_job(key, &payment, context));
        }
        if turned_unknown {
            let (amount, reason) = (payment.amount, Reason::new("unknown", attempted.message.clone()));
            let news = News::of(PAYMENT_UNKNOWN, amount, Some(reason));
            return Outcome::Change(Self::announce(draft, key, payment, news, change));
        }
        draft.put(key, payment);
        Outcome::Change(change)
    }

    fn captured(
        &self,
        draft: &mut Draft<'_, Payment>,
        key: &Key,
        payment: &Payment,
        reference: &str,
        change: Change<Self>,
        context: &Context,
    ) -> Outcome<Self> {
        let mut payment = payment.revised(context.now);
        payment.state = PaymentState::Captured { reference: reference.to_owned() };
        payment.captured = payment.amount;
        let mut change = change;
        if payment.closing {
            change = Self::give_back_all(key, &mut payment, change, context);
        }
        let news = News::of(PAYMENT_PAID, payment.amount, None);
        Outcome::Change(Self::announce(draft, key, payment, news, change))
    }

    fn failed(
        &self,
        draft: &mut Draft<'_, Payment>,
        key: &Key,
        payment: &Payment,
        reason: Reason,
        change: Change<Self>,
        context: &Context,
    ) -> Outcome<Self> {
        let mut payment = payment.revised(context.now);
        payment.state = PaymentState::Failed(reason.clone());
        let news = News::of(PAYMENT_FAILED, payment.amount, Some(reason));
        Outcome::Change(Self::announce(draft, key, payment, news, change))
    }
}

/// The job that makes sure nothing is charged under the payment's key from now on.
pub(crate) fn void_job(key: &Key, payment: &Payment, context: &Context) -> Scheduled {
    let job = VoidJob { charge_key: payment.charge_key.clone() };
    let job = serde_json::to_string(&job).unwrap_or_default();
    Scheduled::effect(key.clone(), VOID, context.now, VOID, job)
}
