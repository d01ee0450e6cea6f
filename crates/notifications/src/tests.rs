use contract::{Currency, Language, Reason};
use jiff::Timestamp;
use uuid::Uuid;

use crate::{Channel, Kind, Kinds, Letter, Notification, State, key_of};

fn notification(kind: Kind, language: Language) -> Notification {
    Notification {
        id: Uuid::from_u128(1),
        order_id: Uuid::from_u128(0x0190_a6f0_0000_7000_8000_0000_00c0_ffee),
        kind,
        channel: Channel::Log,
        language,
        recipient: None,
        amount: 2_100,
        currency: "EUR".parse::<Currency>().unwrap(),
        reason: Some(Reason::new("payment_deadline", "It was not paid in time.")),
        state: State::Sent,
        sendings: 1,
        actor: None,
        created_at: Timestamp::UNIX_EPOCH,
        updated_at: Timestamp::UNIX_EPOCH,
    }
}

#[test]
fn a_letter_says_number_amount_and_reason_in_the_language_of_the_customer() {
    let letter = Letter::of(&notification(Kind::Cancelled, Language::English));
    assert_eq!(letter.subject, "Order 00c0ffee: cancelled");
    assert_eq!(
        letter.text,
        "Your order 00c0ffee was cancelled.\nTotal: 21.00 EUR\nReason: It was not paid in time.\n\
        If you were charged for it, you get that back.\nOrder: 0190a6f0-0000-7000-8000-000000c0ffee"
    );
    let letter = Letter::of(&notification(Kind::Cancelled, Language::Russian));
    assert_eq!(letter.subject, "Заказ 00c0ffee: отменён");
    assert!(
        letter.text.contains("\nСумма: 21.00 EUR\nПричина: Заказ не оплачен вовремя.\n"),
        "{}",
        letter.text
    );
}

#[test]
fn every_kind_has_words_of_its_own_in_every_language_and_none_breaks_a_line() {
    let mut subjects = Vec::new();
    for kind in Kind::ALL {
        for language in Language::ALL {
            let letter = Letter::of(&notification(*kind, *language));
            assert!(!letter.text.contains('#') && !letter.subject.contains(['#', '\n']), "{letter:?}");
            let is_cyrillic = letter.subject.contains("Заказ");
            assert_eq!(is_cyrillic, *language == Language::Russian, "{letter:?}");
            assert_eq!(
                letter.text.contains("paid in time") || letter.text.contains("оплачен вовремя"),
                !matches!(kind, Kind::Created | Kind::Paid | Kind::Completed),
                "{letter:?}"
            );
            subjects.push(letter.subject);
        }
    }
    subjects.sort();
    subjects.dedup();
    assert_eq!(subjects.len(), Kind::ALL.len() * Language::ALL.len());
}

#[test]
fn a_reason_that_somebody_wrote_is_told_as_it_is() {
    let mut cancelled = notification(Kind::Cancelled, Language::Russian);
    cancelled.reason = Some(Reason::new("cancelled", "Я передумал."));
    assert!(Letter::of(&cancelled).text.contains("Причина: Я передумал."));
}

#[test]
fn a_notification_reads_back_in_every_state() {
    let error = || "why".to_owned();
    let states = [
        State::Pending { error: None },
        State::Pending { error: Some(error()) },
        State::Sent,
        State::Failed { error: error() },
        State::Unknown { error: error() },
        State::Skipped { error: error() },
    ];
    for state in states {
        let kept = Notification { state, ..notification(Kind::Refunded, Language::Russian) };
        let text = serde_json::to_string(&kept).unwrap();
        assert_eq!(serde_json::from_str::<Notification>(&text).unwrap(), kept, "{text}");
        assert!(State::WORDS.contains(&kept.state.word()));
    }
}

#[test]
fn kinds_are_a_set_and_keys_tell_them_apart() {
    let few: Kinds = [Kind::Paid, Kind::Refunded].into_iter().collect();
    let has: Vec<_> = Kind::ALL.iter().filter(|kind| few.has(**kind)).collect();
    assert_eq!(has, [&Kind::Paid, &Kind::Refunded]);
    assert!(Kind::ALL.iter().all(|kind| Kinds::default().has(*kind)));
    assert_eq!(
        key_of(Uuid::nil(), Kind::Paid).to_string(),
        "00000000-0000-0000-0000-000000000000/order.paid"
    );
}
