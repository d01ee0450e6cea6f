//! The words: subject and text of every kind of notification, in every language. Pure, and made when they are needed, so that
//! nobody stores them.
//!
//! A text says what the notification knows: the order's number, an amount, a reason. The number is the end of the order's id,
//! since ids that were made together begin alike.

use contract::events::NotificationChanged;
use contract::{Amount, Language, Money, Reason};
use uuid::Uuid;

use crate::model::{Kind, Notification};

/// So many characters of an order's id are its number.
const NUMBER: usize = 8;

/// What a customer reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// In one line.
    pub subject: String,
    /// In some more.
    pub text: String,
}

/// What is told, and in which language.
struct Topic<'a> {
    kind: Kind,
    language: Language,
    order_id: Uuid,
    money: Option<Money>,
    reason: Option<&'a Reason>,
}

/// The words of one kind in one language.
struct Words {
    /// What happened, behind the order's number in the subject.
    headline: &'static str,
    /// What happened, in a sentence. `#` stands for the order's number.
    sentence: &'static str,
    /// What the amount is.
    amount: &'static str,
    /// What else there is to know, or nothing.
    advice: &'static str,
}

impl Letter {
    /// The words of a notification.
    pub fn of(notification: &Notification) -> Self {
        write(&Topic {
            kind: notification.kind,
            language: notification.language,
            order_id: notification.order_id,
            money: Some(notification.money()),
            reason: notification.reason.as_ref(),
        })
    }

    /// The words of the notification that an event tells of. None: it is of a kind that is not known here.
    pub fn of_event(event: &NotificationChanged) -> Option<Self> {
        Some(write(&Topic {
            kind: event.kind.parse().ok()?,
            language: event.language,
            order_id: event.order_id,
            money: Amount::money(&event.amount, event.currency).ok(),
            reason: event.reason.as_ref(),
        }))
    }
}

fn write(topic: &Topic<'_>) -> Letter {
    let mut buffer = Uuid::encode_buffer();
    let id = &*topic.order_id.hyphenated().encode_lower(&mut buffer);
    let number = &id[id.len() - NUMBER..];
    let words = words(topic.kind, topic.language);
    let (order, because) = match topic.language {
        Language::English => ("Order", "Reason"),
        Language::Russian => ("Заказ", "Причина"),
    };
    let mut lines = vec![words.sentence.replace('#', number)];
    if let Some(money) = topic.money {
        lines.push(format!("{}: {} {}", words.amount, money.to_decimal_string(), money.currency));
    }
    if let (Some(reason), true) = (topic.reason, gives_reason(topic.kind)) {
        lines.push(format!("{because}: {}", in_words(reason, topic.language)));
    }
    if !words.advice.is_empty() {
        lines.push(words.advice.to_owned());
    }
    lines.push(format!("{order}: {id}"));
    Letter { subject: format!("{order} {number}: {}", words.headline), text: lines.join("\n") }
}

/// Whether customers are told why.
const fn gives_reason(kind: Kind) -> bool {
    matches!(kind, Kind::Failed | Kind::Cancelled | Kind::Refunded)
}

/// A reason in the customer's language, where it is one of the house. Another one is told as it was given.
fn in_words(reason: &Reason, language: Language) -> &str {
    let known = match (language, &*reason.code) {
        (Language::English, _) => None,
        (Language::Russian, "payment_failed") => Some("Заказ не оплачен."),
        (Language::Russian, "payment_voided") => Some("Платёж отменён до списания денег."),
        (Language::Russian, "payment_deadline") => Some("Заказ не оплачен вовремя."),
        (Language::Russian, "processing_failed") => Some("Заказ не удалось обработать."),
        (Language::Russian, "order_ended") => Some("Заказ завершён без обработки."),
        (Language::Russian, _) => None,
    };
    known.unwrap_or(&reason.message)
}

const fn words(kind: Kind, language: Language) -> Words {
    match language {
        Language::English => in_english(kind),
        Language::Russian => in_russian(kind),
    }
}

const fn in_english(kind: Kind) -> Words {
    let (headline, sentence, amount, advice) = match kind {
        Kind::Created => ("received", "We have received your order #.", "Total", ""),
        Kind::Paid => ("paid", "Your order # is paid.", "Paid", ""),
        Kind::Completed => ("done", "Your order # is done. Thank you!", "Total", ""),
        Kind::Failed => (
            "failed",
            "We are sorry: your order # could not be completed.",
            "Total",
            "If you were charged for it, you get that back.",
        ),
        Kind::Cancelled => (
            "cancelled",
            "Your order # was cancelled.",
            "Total",
            "If you were charged for it, you get that back.",
        ),
        Kind::Refunded => ("refund", "Money for your order # is on its way back to you.", "Refund", ""),
    };
    Words { headline, sentence, amount, advice }
}

const fn in_russian(kind: Kind) -> Words {
    let (headline, sentence, amount, advice) = match kind {
        Kind::Created => ("принят", "Мы приняли ваш заказ #.", "Сумма", ""),
        Kind::Paid => ("оплачен", "Ваш заказ # оплачен.", "Оплачено", ""),
        Kind::Completed => ("выполнен", "Ваш заказ # выполнен. Спасибо!", "Сумма", ""),
        Kind::Failed => (
            "не выполнен",
            "К сожалению, ваш заказ # не удалось выполнить.",
            "Сумма",
            "Если за него были списаны деньги, они вернутся к вам.",
        ),
        Kind::Cancelled => (
            "отменён",
            "Ваш заказ # отменён.",
            "Сумма",
            "Если за него были списаны деньги, они вернутся к вам.",
        ),
        Kind::Refunded => ("возврат", "Деньги за ваш заказ # возвращаются к вам.", "Возврат", ""),
    };
    Words { headline, sentence, amount, advice }
}
