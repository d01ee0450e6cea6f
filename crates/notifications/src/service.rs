//! The notifications service on the engine: who says what, and which part of it decides.

use contract::events::{
    NOTIFICATION_STEP, ORDER_CANCELLED, ORDER_COMPLETED, ORDER_CREATED, ORDER_FAILED, ORDER_PAID,
    PAYMENT_REFUNDED,
};
use engine::{
    Attempt, AttemptResult, Context, Draft, Key, Malformed, Message, Outcome, Part, Reaction, Service, Touch,
};
use uuid::Uuid;

use crate::input::{Attempted, Happened, Input};
use crate::mail::{MAIL_ANSWERED, MailJob};
use crate::model::{Kind, Notification};
use crate::refusal::Refusal;
use crate::settings::Settings;

/// The notifications service.
#[derive(Clone, Copy, Debug, Default)]
pub struct Notifications {
    /// Its settings.
    pub settings: Settings,
}

/// The key of an order's notification of this kind. Messages and events are about the order; the notification has a key of
/// its own, so that it is written once and not again with each further one.
pub fn key_of(order_id: Uuid, kind: Kind) -> Key {
    let mut buffer = Uuid::encode_buffer();
    let mut name = String::with_capacity(64);
    name.push_str(order_id.hyphenated().encode_lower(&mut buffer));
    name.push('/');
    name.push_str(kind.as_str());
    Key::Name(name.into())
}

impl Service for Notifications {
    const NAME: &'static str = "notifications";
    const REACTIONS: &'static [Reaction] = &[
        Reaction { source: "orders", kind: ORDER_CREATED },
        Reaction { source: "orders", kind: ORDER_PAID },
        Reaction { source: "orders", kind: ORDER_COMPLETED },
        Reaction { source: "orders", kind: ORDER_FAILED },
        Reaction { source: "orders", kind: ORDER_CANCELLED },
        Reaction { source: "payments", kind: PAYMENT_REFUNDED },
    ];
    const PART: Part = Part::Named(NOTIFICATION_STEP);

    type Input = Input;
    type State = Notification;
    type Reply = Notification;
    type Refusal = Refusal;

    fn decode(&self, _source: &str, kind: &str, data: &str) -> Result<Input, Malformed> {
        if let Ok(kind) = kind.parse::<Kind>() {
            let happened: Happened = serde_json::from_str(data)?;
            return Ok(Input::Happened(kind, Box::new(happened)));
        }
        match kind {
            MAIL_ANSWERED => Ok(Input::Mailed(serde_json::from_str(data)?)),
            other => Err(Malformed(format!("notifications does not know the type '{other}'"))),
        }
    }

    fn touch(&self, key: &Key, input: &Input) -> Touch {
        let mut touch = Touch::default();
        let Some(order_id) = key.id() else { return touch };
        match input {
            Input::Happened(kind, _) => {
                touch.writes.push(key_of(order_id, *kind));
                match kind {
                    // A refund may have come before.
                    Kind::Created => touch.writes.push(key_of(order_id, Kind::Refunded)),
                    _ => touch.reads.push(key_of(order_id, Kind::Created)),
                }
            }
            Input::Mailed(answered) => touch.writes.push(key_of(order_id, answered.kind)),
            Input::Attempted(attempted) => touch.writes.push(key_of(order_id, attempted.kind)),
            Input::Resend(resend) => touch.writes.push(key_of(order_id, resend.kind)),
        }
        touch
    }

    fn handle(
        &self,
        draft: &mut Draft<'_, Notification>,
        message: &Message<Input>,
        context: &Context,
    ) -> Outcome<Self> {
        let Some(order_id) = message.key.id() else {
            return Outcome::Poison("its key is no order's id".to_owned());
        };
        match &message.input {
            Input::Happened(kind, happened) => self.tell(draft, message, order_id, *kind, happened, context),
            Input::Mailed(answered) => self.mailed(draft, order_id, answered, context),
            Input::Attempted(attempted) => self.attempted_in_vain(draft, order_id, attempted, context),
            Input::Resend(resend) => self.resend(draft, order_id, resend, context),
        }
    }

    fn attempted(&self, attempt: &Attempt<'_>) -> Option<Input> {
        let job: MailJob = serde_json::from_str(attempt.data).ok()?;
        let (error, exhausted) = (attempt.reason.to_owned(), attempt.exhausted);
        let unknown = attempt.result == AttemptResult::Unknown;
        Some(Input::Attempted(Attempted { kind: job.kind, error, unknown, exhausted }))
    }
}
