//! The trace that an operator's act on a dead letter leaves in the order's timeline.
//!
//! The act itself is done in the service that has the letter. The trace is written before it, so there is none without.

use engine::{Change, Draft, Key, Outcome};
use serde::Serialize;

use crate::conclude::order_of;
use crate::input::Repaired;
use crate::model::State;
use crate::refusal::Refusal;
use crate::service::Orders;
use crate::timeline::{Entry, EntryKind};

/// The particulars of the entry.
#[derive(Serialize)]
struct Particulars<'a> {
    dead_letter: &'a str,
    consumer: &'a str,
    event_type: &'a str,
    reason: Option<&'a str>,
}

impl Orders {
    /// Notes what an operator does. Nothing else about the order changes.
    pub(crate) fn repaired(&self, draft: &Draft<'_, State>, key: &Key, repaired: &Repaired) -> Outcome<Self> {
        let Some(order) = order_of(draft, key) else {
            return Outcome::Refused(Refusal::UnknownOrder(key.id().unwrap_or_default()));
        };
        Outcome::Change(Change::new().note(key, entry(repaired).encode()).reply(order.clone()))
    }
}

fn entry(repaired: &Repaired) -> Entry {
    let Repaired { discarded, consumer, event_type, dead_letter, reason, actor } = repaired;
    let (kind, done) = match discarded {
        true => ("dead_letter.discarded", "given up"),
        false => ("dead_letter.redriven", "sent again"),
    };
    let reason = reason.as_deref();
    let message = format!("A dead letter of {consumer}, {event_type}, is {done} by request.");
    Entry::new(EntryKind::Operator, kind, message, actor.clone()).data(&Particulars {
        dead_letter,
        consumer,
        event_type,
        reason,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_entry_tells_who_did_what_and_why() {
        let repaired = Repaired {
            discarded: true,
            consumer: "payments".into(),
            event_type: "charge".into(),
            dead_letter: "payments~1~charge".into(),
            reason: Some("paid in cash".into()),
            actor: "ann".into(),
        };
        let expected = r#"{"kind":"operator","type":"dead_letter.discarded","message":"A dead letter of payments, charge, is given up by request.","actor":"ann","data":{"dead_letter":"payments~1~charge","consumer":"payments","event_type":"charge","reason":"paid in cash"}}"#;
        assert_eq!(entry(&repaired).encode(), expected);
    }
}
