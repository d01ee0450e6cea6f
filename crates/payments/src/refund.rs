//! Giving money back: by command, or because the order ended badly. Never more than this order's charge captured.

use contract::Reason;
use contract::events::PAYMENT_REFUNDED;
use engine::{Change, Context, Draft, Key, Message, Origin, Outcome, Scheduled};

use crate::input::{Input, RefundCommand};
use crate::jobs::{REFUND, RefundAnswer, RefundJob};
use crate::model::{Payment, PaymentState, Refund, RefundState};
use crate::queries::Exchange;
use crate::refusal::Refusal;
use crate::service::{News, Payments, attempt_of};

impl Payments {
    /// Begins a refund that a person asked for.
    pub(crate) fn refund(
        &self,
        draft: &mut Draft<'_, Payment>,
        key: &Key,
        payment: &Payment,
        command: &RefundCommand,
        context: &Context,
    ) -> Outcome<Self> {
        if let Some(version) = command.order_changed {
            return Outcome::Refused(Refusal::OrderChanged(version));
        }
        if !matches!(payment.state, PaymentState::Captured { .. }) {
            return Outcome::Refused(Refusal::NotCaptured);
        }
        let available = payment.refundable();
        let amount = command.amount.unwrap_or(available);
        if amount > available || amount <= 0 {
            let (wanted, available) = (payment.money(amount), payment.money(available));
            return Outcome::Refused(Refusal::TooMuch { wanted, available });
        }
        let mut payment = payment.revised(context.now);
        let (actor, reason) = (&command.actor, &command.reason);
        let request = format!("{actor}: {}", reason.message);
        let change = Change::new().note(key, Exchange::encode(REFUND, 0, "requested", &request));
        let change = give_back(key, &mut payment, amount, Some(actor), reason, change, context);
        draft.put(key, payment.clone());
        Outcome::Change(change.reply(payment))
    }

    /// The provider answered a refund.
    pub(crate) fn refunded(
        &self,
        draft: &mut Draft<'_, Payment>,
        message: &Message<Input>,
        payment: &Payment,
        answer: &RefundAnswer,
        context: &Context,
    ) -> Outcome<Self> {
        let (key, Origin::Effect { name, .. }) = (&message.key, &message.origin) else {
            return Outcome::Poison("a refund is answered by its effect".to_owned());
        };
        let reference = match answer {
            RefundAnswer::Refunded { reference } => reference,
            RefundAnswer::Refused { message, .. } => return Outcome::Poison(message.clone()),
        };
        let mut payment = payment.revised(context.now);
        let Some(refund) = payment.refunds.iter_mut().find(|refund| row_name(&refund.key) == *name) else {
            return Outcome::Poison("the provider answered for a refund that does not exist".to_owned());
        };
        if refund.state == RefundState::Done {
            return Outcome::Ignored;
        }
        refund.state = RefundState::Done;
        let (amount, reason, actor) = (refund.amount, refund.reason.clone(), refund.actor.clone());
        let note = Exchange::encode(REFUND, attempt_of(message), "refunded", reference);
        let change = Change::new().note(key, note);
        let news = News { actor, ..News::of(PAYMENT_REFUNDED, amount, Some(reason)) };
        Outcome::Change(Self::announce(draft, key, payment, news, change))
    }

    /// Begins to give back all that is left.
    pub(crate) fn give_back_all(
        key: &Key,
        payment: &mut Payment,
        change: Change<Self>,
        context: &Context,
    ) -> Change<Self> {
        let reason = Reason::new("order_ended", "The order ended without being processed.");
        match payment.refundable() {
            0 => change,
            amount => give_back(key, payment, amount, None, &reason, change, context),
        }
    }
}

fn give_back(
    key: &Key,
    payment: &mut Payment,
    amount: i64,
    actor: Option<&str>,
    reason: &Reason,
    change: Change<Payments>,
    context: &Context,
) -> Change<Payments> {
    let refund_key = format!("{}-refund-{}", payment.charge_key, payment.refunds.len() + 1);
    let job = RefundJob {
        key: refund_key.clone(),
        charge_key: payment.charge_key.clone(),
        amount,
        currency: payment.currency,
    };
    let job = serde_json::to_string(&job).unwrap_or_default();
    let row = Scheduled::effect(key.clone(), &row_name(&refund_key), context.now, REFUND, job);
    let (state, reason) = (RefundState::Pending, reason.clone());
    payment.refunds.push(Refund { key: refund_key, amount, state, actor: actor.map(str::to_owned), reason });
    change.schedule(row)
}

fn row_name(refund_key: &str) -> String {
    format!("refund/{refund_key}")
}
