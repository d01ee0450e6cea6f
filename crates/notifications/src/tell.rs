//! Telling: from something that happened to a notification that was sent, or says why it was not.

use contract::Amount;
use contract::events::{NOTIFICATION_FAILED, NOTIFICATION_SENT, NotificationChanged};
use engine::{Change, Context, Draft, Key, Message, Outcome, Scheduled};
use uuid::Uuid;

use crate::input::{Attempted, Happened, Input, Resend};
use crate::mail::{MAIL, MailAnswer, MailAnswered, MailJob};
use crate::model::{Channel, Kind, Notification, State};
use crate::refusal::Refusal;
use crate::service::{Notifications, key_of};
use crate::templates::Letter;

/// What a notification says that the settings leave out.
const LEFT_OUT: &str = "notifications.kinds leaves it out";
/// What a notification says that has nobody to go to.
const NOBODY: &str = "the order names no e-mail address";
/// What a notification says that came before its order: nobody knows yet whom to tell.
const TOO_EARLY: &str = "the order is not known here yet";

impl Notifications {
    /// Something happened. Of what happens to an order more than once, the first time is told. The order's first notification
    /// is there even if it is not to be sent: it knows who is told, and in which language.
    pub(crate) fn tell(
        &self,
        draft: &mut Draft<'_, Notification>,
        message: &Message<Input>,
        order_id: Uuid,
        kind: Kind,
        happened: &Happened,
        context: &Context,
    ) -> Outcome<Self> {
        let (key, is_wanted) = (key_of(order_id, kind), self.settings.kinds.has(kind));
        if draft.get(&key).is_some() || (kind != Kind::Created && !is_wanted) {
            return Outcome::Ignored;
        }
        let first = draft.get(&key_of(order_id, Kind::Created)).cloned();
        let is_early = first.is_none() && kind != Kind::Created;
        let (recipient, language) = match first {
            Some(first) => (first.recipient, first.language),
            None => (happened.recipient.clone(), happened.language().unwrap_or(self.settings.language)),
        };
        let amount = match happened.amount.money(happened.currency) {
            Ok(money) => money.minor,
            Err(error) => return Outcome::Poison(format!("amount: {error}")),
        };
        let mut notification = Notification {
            id: id_of(context, message, kind),
            order_id,
            kind,
            channel: self.settings.channel,
            language,
            recipient,
            amount,
            currency: happened.currency,
            reason: happened.reason.clone(),
            state: State::Skipped { error: LEFT_OUT.to_owned() },
            sendings: 1,
            actor: None,
            created_at: context.now,
            updated_at: context.now,
        };
        if is_early {
            notification.state = State::Pending { error: Some(TOO_EARLY.to_owned()) };
        } else if is_wanted {
            notification.state = self.first_state(&notification);
        }
        let change = send(Change::new(), draft, &key, notification.clone(), context);
        Outcome::Change(match kind {
            Kind::Created => self.catch_up(change, draft, &notification, context),
            _ => change,
        })
    }

    /// Tells what came before the order did. That is refunds alone, of which another service tells; and they wait as
    /// notifications, because a message that waited would in the end keep the order itself from coming.
    fn catch_up(
        &self,
        change: Change<Self>,
        draft: &mut Draft<'_, Notification>,
        first: &Notification,
        context: &Context,
    ) -> Change<Self> {
        let key = key_of(first.order_id, Kind::Refunded);
        let Some(mut early) = draft.get(&key).filter(|early| early.is_early()).cloned() else {
            return change;
        };
        (early.recipient, early.language) = (first.recipient.clone(), first.language);
        (early.channel, early.updated_at) = (self.settings.channel, context.now);
        early.state = self.first_state(&early);
        send(change, draft, &key, early, context)
    }

    /// The mail server answered.
    pub(crate) fn mailed(
        &self,
        draft: &mut Draft<'_, Notification>,
        order_id: Uuid,
        answered: &MailAnswered,
        context: &Context,
    ) -> Outcome<Self> {
        let state = match &answered.answer {
            MailAnswer::Accepted => State::Sent,
            MailAnswer::Refused { error } => State::Failed { error: error.clone() },
        };
        settle(draft, &key_of(order_id, answered.kind), state, context)
    }

    /// An attempt was fruitless. Behind the last one nobody will be told, and what may have been sent is not tried again.
    pub(crate) fn attempted_in_vain(
        &self,
        draft: &mut Draft<'_, Notification>,
        order_id: Uuid,
        attempted: &Attempted,
        context: &Context,
    ) -> Outcome<Self> {
        let error = attempted.error.clone();
        let state = match (attempted.unknown, attempted.exhausted) {
            (true, _) => State::Unknown { error },
            (false, true) => State::Failed { error },
            (false, false) => State::Pending { error: Some(error) },
        };
        let is_over = !matches!(state, State::Pending { .. });
        let settled = settle(draft, &key_of(order_id, attempted.kind), state, context);
        match settled {
            Outcome::Change(change) if is_over => {
                Outcome::Change(change.unschedule(&Key::Id(order_id), &row_name(attempted.kind)))
            }
            settled => settled,
        }
    }

    /// Somebody wants it sent once more. What was to go by mail goes by mail again: the process that is asked may be another
    /// one than sends them, and know of no mail server.
    pub(crate) fn resend(
        &self,
        draft: &mut Draft<'_, Notification>,
        order_id: Uuid,
        resend: &Resend,
        context: &Context,
    ) -> Outcome<Self> {
        let key = key_of(order_id, resend.kind);
        let mut again = match draft.get(&key) {
            None => return Outcome::Refused(Refusal::UnknownNotification),
            Some(known) if known.is_early() => return Outcome::Refused(Refusal::TooEarly),
            Some(known) if matches!(known.state, State::Pending { .. }) => {
                return Outcome::Refused(Refusal::UnderWay);
            }
            Some(known) => known.clone(),
        };
        if again.channel == Channel::Log {
            again.channel = self.settings.channel;
        }
        again.state = self.first_state(&again);
        if matches!(again.state, State::Skipped { .. }) {
            return Outcome::Refused(Refusal::Nobody);
        }
        again.sendings += 1;
        again.actor = Some(resend.actor.clone());
        again.updated_at = context.now;
        Outcome::Change(send(Change::new(), draft, &key, again.clone(), context).reply(again))
    }

    /// How a notification begins that is to be sent. What goes to the log is sent by being written down: whoever sees the
    /// event logs it.
    fn first_state(&self, notification: &Notification) -> State {
        match (notification.channel, &notification.recipient) {
            (Channel::Log, _) => State::Sent,
            (Channel::Smtp, Some(_)) => State::Pending { error: None },
            (Channel::Smtp, None) => State::Skipped { error: NOBODY.to_owned() },
        }
    }
}

/// Keeps a notification that is to be sent, with whatever makes that so.
fn send(
    change: Change<Notifications>,
    draft: &mut Draft<'_, Notification>,
    key: &Key,
    notification: Notification,
    context: &Context,
) -> Change<Notifications> {
    let order = Key::Id(notification.order_id);
    let mut change = announce(change, &order, &notification);
    if notification.sendings > 1 {
        change = change.unschedule(&order, &row_name(notification.kind));
    }
    if let (State::Pending { .. }, Some(recipient)) = (&notification.state, &notification.recipient) {
        let Letter { subject, text } = Letter::of(&notification);
        let (notification_id, kind) = (notification.id, notification.kind);
        let (sending, recipient) = (notification.sendings, recipient.clone());
        let job = MailJob { notification_id, kind, sending, recipient, subject, text };
        let data = serde_json::to_string(&job).unwrap_or_default();
        change = change.schedule(Scheduled::effect(order, &row_name(kind), context.now, MAIL, data));
    }
    draft.put(key, notification);
    change
}

/// Takes down what came of a notification that was being sent.
fn settle(
    draft: &mut Draft<'_, Notification>,
    key: &Key,
    state: State,
    context: &Context,
) -> Outcome<Notifications> {
    let settled = match draft.get(key) {
        Some(known) if matches!(known.state, State::Pending { .. }) => known.now(state, context.now),
        _ => return Outcome::Ignored,
    };
    let change = announce(Change::new(), &Key::Id(settled.order_id), &settled);
    draft.put(key, settled);
    Outcome::Change(change)
}

/// Publishes that a notification was sent, or will not be.
fn announce(
    change: Change<Notifications>,
    order: &Key,
    notification: &Notification,
) -> Change<Notifications> {
    let event_type = match &notification.state {
        State::Sent => NOTIFICATION_SENT,
        State::Failed { .. } => NOTIFICATION_FAILED,
        State::Pending { .. } | State::Unknown { .. } | State::Skipped { .. } => return change,
    };
    let event = NotificationChanged {
        event_type: event_type.to_owned(),
        order_id: notification.order_id,
        notification_id: notification.id,
        kind: notification.kind.as_str().to_owned(),
        channel: notification.channel.as_str().to_owned(),
        language: notification.language,
        recipient: notification.recipient.clone(),
        amount: Amount::from(notification.money()),
        currency: notification.currency,
        reason: notification.reason.clone(),
        error: notification.state.error().map(str::to_owned),
        actor: notification.actor.clone(),
    };
    change.event(order, event_type, serde_json::to_string(&event).unwrap_or_default())
}

/// The name of a mail's row in the schedule, among those of its order.
fn row_name(kind: Kind) -> String {
    format!("{MAIL}/{kind}")
}

/// The id of a notification. Those of one moment sort in the order of an order's life: the kind stands where UUIDv7 lets one
/// count within a millisecond (`rand_a`, RFC 9562, 6.2).
fn id_of(context: &Context, message: &Message<Input>, kind: Kind) -> Uuid {
    const PLACE: u32 = 64;
    const MASK: u128 = 0xfff << PLACE;
    let id = context.id(message, kind.as_str()).as_u128();
    Uuid::from_u128((id & !MASK) | ((kind as u128) << PLACE))
}
