use contract::Language;
use notifications::{Channel, Kind, Notification, State};
use orders::input::Told;
use orders::timeline::{Entry, EntryKind, Placed};

use super::*;
use crate::{timeline_knows_what_was_told, told_once};

/// A notification that was sent.
pub fn told(order_id: Uuid, kind: Kind) -> Notification {
    Notification {
        id: Uuid::from_u128(order_id.as_u128() << 8 | kind as u128),
        order_id,
        kind,
        channel: Channel::Smtp,
        language: Language::English,
        recipient: Some("ann@example.org".to_owned()),
        amount: 1_000,
        currency: "USD".parse().unwrap(),
        reason: None,
        state: State::Sent,
        sendings: 1,
        actor: None,
        created_at: at(0),
        updated_at: at(0),
    }
}

/// What the timeline says of it.
pub fn told_entry(told: &Notification) -> Entry {
    let (kind, channel) = (told.kind.to_string(), told.channel.to_string());
    let told = Told { notification_id: told.id, kind, channel, error: None, actor: None };
    Entry::new(EntryKind::Notification, "notification.sent", "The customer was told.", "notifications")
        .data(&told)
}

fn timeline(told: &[&Notification]) -> Vec<Placed> {
    let entries = told.iter().map(|told| told_entry(told));
    (1..).zip(entries).map(|(seq, entry)| Placed { seq, at: at(0), entry }).collect()
}

#[test]
fn each_kind_is_told_once() {
    let (order, first) = (order(ID), told(ID, Kind::Created));
    assert_eq!(told_once(&order, &[first.clone(), told(ID, Kind::Paid)]), []);
    assert_eq!(told_once(&order, &[]), []);
    let again = Notification { id: Uuid::from_u128(99), ..first.clone() };
    assert_broken(2, &told_once(&order, &[first, again]), "two notifications of a kind");
}

#[test]
fn the_timeline_has_every_sending_that_ended_and_no_other() {
    let (order, sent) = (order(ID), told(ID, Kind::Paid));
    let judge = |told: &Notification, entries: &[&Notification]| {
        timeline_knows_what_was_told(&order, std::slice::from_ref(told), &timeline(entries))
    };
    assert_eq!(judge(&sent, &[&sent]), []);
    assert_broken(4, &judge(&sent, &[]), "has 0 of them");
    assert_broken(4, &judge(&sent, &[&sent, &sent]), "has 2 of them");
    let again = Notification { sendings: 2, ..sent.clone() };
    assert_eq!(judge(&again, &[&sent, &sent]), []);
    let unknown = Notification { state: State::Unknown { error: "cut".to_owned() }, ..sent.clone() };
    assert_eq!(judge(&unknown, &[]), []);
    assert_broken(4, &judge(&sent, &[&sent, &told(ID, Kind::Failed)]), "that is not there");
}
