//! Promises 2 and 4 for telling: customers are told each thing once, and the timeline knows of it.

use std::collections::BTreeSet;

use notifications::{Kind, Notification, State};
use orders::Order;
use orders::input::Told;
use orders::timeline::{EntryKind, Placed};

use crate::violation::Violation;

/// Each kind of thing is told once.
pub fn told_once(order: &Order, told: &[Notification]) -> Vec<Violation> {
    let kinds: BTreeSet<Kind> = told.iter().map(|notification| notification.kind).collect();
    let is_twice = kinds.len() < told.len();
    let twice = is_twice.then(|| Violation::new(2, order.id, "it has two notifications of a kind"));
    twice.into_iter().collect()
}

/// An order that is not older than the notifications service has no notification that it was received, neither sent nor unsent,
/// although all others need it.
pub fn nobody_was_told(order: &Order) -> Violation {
    Violation::new(4, order.id, "nobody was told that it was received, and nothing says why")
}

/// The timeline has an entry for each sending that came to an end: one at least where the last one did, and never more than
/// there were sendings. It has none of a notification that is not there.
pub fn timeline_knows_what_was_told(
    order: &Order,
    told: &[Notification],
    timeline: &[Placed],
) -> Vec<Violation> {
    let entries = timeline.iter().filter(|placed| placed.entry.kind == EntryKind::Notification);
    let entries: Vec<Option<Told>> =
        entries.map(|placed| placed.entry.data.as_ref().and_then(|data| data.read())).collect();
    let mut broken = Vec::new();
    for notification in told {
        let of_it = |entry: &&Told| entry.notification_id == notification.id;
        let entries = entries.iter().flatten().filter(of_it).count();
        let has_ended = matches!(notification.state, State::Sent | State::Failed { .. });
        let (least, most) = (usize::from(has_ended), notification.sendings as usize);
        if !(least..=most).contains(&entries) {
            let (kind, word) = (notification.kind, notification.state.word());
            let what = format!("{kind} is {word} in {most} sendings, and the timeline has {entries} of them");
            broken.push(Violation::new(4, order.id, what));
        }
    }
    let is_known = |entry: &Option<Told>| {
        let id = entry.as_ref().map(|entry| entry.notification_id);
        told.iter().any(|notification| Some(notification.id) == id)
    };
    if !entries.iter().all(is_known) {
        broken.push(Violation::new(4, order.id, "the timeline tells of a notification that is not there"));
    }
    broken
}
