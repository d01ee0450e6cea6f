//! What the notifications service says goes into the order's timeline, and nowhere else: the order itself stays as it is.

use contract::events::{NOTIFICATION_FAILED, NOTIFICATION_SENT};
use engine::{Change, Draft, Key, Outcome};

use crate::conclude::order_of;
use crate::input::Told;
use crate::model::State;
use crate::service::Orders;
use crate::timeline::{Entry, EntryKind};

impl Orders {
    /// Writes down that somebody was told, or could not be.
    pub(crate) fn told(&self, draft: &Draft<'_, State>, key: &Key, told: &Told) -> Outcome<Self> {
        if order_of(draft, key).is_none() {
            return Outcome::NotYet("the order is not known here yet".to_owned());
        }
        let (kind_of, message) = match (&told.error, &told.actor) {
            (None, None) => (NOTIFICATION_SENT, "The customer was told."),
            (None, Some(_)) => (NOTIFICATION_SENT, "The customer was told once more, by request."),
            (Some(_), _) => (NOTIFICATION_FAILED, "The customer could not be told."),
        };
        let entry = Entry::new(EntryKind::Notification, kind_of, message, "notifications").data(told);
        Outcome::Change(Change::new().note(key, entry.encode()))
    }
}
