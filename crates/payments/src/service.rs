//! The payments service on the engine: who says what, and which part of it decides.

use contract::events::{
    NOTIFICATION_STEP, ORDER_CANCELLED, ORDER_CREATED, ORDER_FAILED, PAYMENT_STEP, PaymentChanged,
    STOCK_RESERVED,
};
use contract::{Amount, Reason};
use engine::{
    Attempt, AttemptResult, Change, Context, Draft, Key, Malformed, Message, Origin, Outcome, Part, Reaction,
    Service,
};

use crate::input::{Attempted, Input};
use crate::jobs::{CHARGE_ANSWERED, REFUND_ANSWERED, VOID_ANSWERED};
use crate::model::Payment;
use crate::refusal::Refusal;

/// The payments service.
#[derive(Clone, Copy, Debug, Default)]
pub struct Payments;

impl Service for Payments {
    const NAME: &'static str = "payments";
    const REACTIONS: &'static [Reaction] = &[
        Reaction { source: "orders", kind: ORDER_CREATED },
        Reaction { source: "orders", kind: ORDER_CANCELLED },
        Reaction { source: "orders", kind: ORDER_FAILED },
        Reaction { source: "catalog", kind: STOCK_RESERVED },
    ];
    const PART: Part = Part::Step(PAYMENT_STEP);

    type Input = Input;
    type State = Payment;
    type Reply = Payment;
    type Refusal = Refusal;

    fn decode(&self, _source: &str, kind: &str, data: &str) -> Result<Input, Malformed> {
        Ok(match kind {
            // Both say what is to be paid, and what the order waits for before.
            ORDER_CREATED | STOCK_RESERVED => Input::Due(serde_json::from_str(data)?),
            ORDER_CANCELLED | ORDER_FAILED => Input::OrderClosed(serde_json::from_str(data)?),
            CHARGE_ANSWERED => Input::Charged(serde_json::from_str(data)?),
            VOID_ANSWERED => Input::Voided(serde_json::from_str(data)?),
            REFUND_ANSWERED => Input::Refunded(serde_json::from_str(data)?),
            other => return Err(Malformed(format!("payments does not know the type '{other}'"))),
        })
    }

    fn handle(
        &self,
        draft: &mut Draft<'_, Payment>,
        message: &Message<Input>,
        context: &Context,
    ) -> Outcome<Self> {
        let key = &message.key;
        match (&message.input, draft.get(key).cloned()) {
            (Input::Due(order), payment) => self.begin(draft, key, order, payment, context),
            (Input::Refund(command), Some(payment)) => self.refund(draft, key, &payment, command, context),
            (Input::Refund(_), None) => Outcome::Refused(Refusal::NoPayment),
            (Input::OrderClosed(order), None) => self.forgo(draft, key, order, context),
            (Input::OrderClosed(_), Some(payment)) => self.close(draft, key, &payment, context),
            (_, None) => {
                Outcome::Poison("the provider answered for a payment that does not exist".to_owned())
            }
            (Input::Charged(answer), Some(payment)) => {
                self.charged(draft, key, &payment, answer, attempt_of(message), context)
            }
            (Input::Voided(answer), Some(payment)) => {
                self.voided(draft, key, &payment, answer, attempt_of(message), context)
            }
            (Input::Refunded(answer), Some(payment)) => {
                self.refunded(draft, message, &payment, answer, context)
            }
            (Input::Attempted(attempted), Some(payment)) => {
                self.attempt_failed(draft, key, &payment, attempted, context)
            }
        }
    }

    fn attempted(&self, attempt: &Attempt<'_>) -> Option<Input> {
        Some(Input::Attempted(Attempted {
            what: attempt.kind.to_owned(),
            attempt: attempt.attempt,
            unknown: attempt.result == AttemptResult::Unknown,
            message: attempt.reason.to_owned(),
            exhausted: attempt.exhausted,
        }))
    }
}

/// Which attempt of its effect the message answers.
pub(crate) fn attempt_of<I>(message: &Message<I>) -> u32 {
    match &message.origin {
        Origin::Effect { attempt, .. } => *attempt,
        _ => 1,
    }
}

/// What is to be told of a payment.
pub(crate) struct News {
    /// The event's type.
    pub kind: &'static str,
    /// What it is about, in minor units.
    pub amount: i64,
    /// Why.
    pub reason: Option<Reason>,
    /// Who asked for it, where that was a person.
    pub actor: Option<String>,
}

impl News {
    /// What happened without a person's doing.
    pub const fn of(kind: &'static str, amount: i64, reason: Option<Reason>) -> Self {
        Self { kind, amount, reason, actor: None }
    }
}

impl Payments {
    /// Publishes where a payment stands and keeps it. The event tells of the attempts since the last one.
    pub(crate) fn announce(
        draft: &mut Draft<'_, Payment>,
        key: &Key,
        mut payment: Payment,
        News { kind, amount, reason, actor }: News,
        change: Change<Self>,
    ) -> Change<Self> {
        let event = PaymentChanged {
            event_type: kind.to_owned(),
            order_id: payment.order_id,
            payment_id: payment.order_id,
            amount: Amount::from(payment.money(amount)),
            paid_amount: Amount::from(payment.money(payment.captured)),
            refunded_amount: Amount::from(payment.money(payment.refunded())),
            currency: payment.currency,
            reason,
            actor,
            attempts: std::mem::take(&mut payment.attempts),
        };
        draft.put(key, payment);
        change.opening(key, kind, NOTIFICATION_STEP, serde_json::to_string(&event).unwrap_or_default())
    }
}
