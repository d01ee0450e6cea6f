//! For each reaction a small story in which it occurs, and whose end does not depend on when exactly.

use std::time::Duration;

use notifications::Channel;

use super::{Reaction, Trigger};
use crate::app::AppSettings;

/// What happens in a story. Everything happens to the order and then to its companion.
#[derive(Clone, Copy, Debug)]
pub(super) enum Act {
    /// The menu is put up.
    Seed,
    /// An order is placed.
    Place(&'static str),
    /// It is placed, and before the catalog hears of that what it needs is gone.
    PlaceTooLate(&'static str),
    /// It comes in over a broker.
    Deliver(&'static str),
    /// It is cancelled.
    Cancel,
    /// So many minor units are given back.
    Refund(i64),
    /// Its first notification is sent once more.
    Resend,
    /// The payment provider goes away, or comes back.
    Outage(bool),
    /// Time passes.
    Wait(Duration),
}

/// A story, and the shop it happens in.
pub(super) struct Scenario {
    pub settings: AppSettings,
    pub acts: Vec<Act>,
    /// Whether the story goes on while the message is overtaken. If not it comes as soon as everything else rests.
    pub goes_on: bool,
}

const PRICED: &str = r#"{"customer_id": "c", "items": [{"product_id": "p", "quantity": 2, "price": 10.50}]}"#;
const MAILED: &str = r#"{"customer_name": "c", "total_amount": 1, "delivery": {"email": "ann@example.org"}}"#;
const REFUSED: &str =
    r#"{"customer_name": "c", "total_amount": 1, "delivery": {"email": "refused@example.org"}}"#;
const MENU: &str = r#"{"items": [{"pizzaId": "margherita", "quantity": 2}]}"#;
const CARD: &str = r#"{"items": [{"pizzaId": "margherita", "quantity": 2}], "paymentMethod": "card"}"#;
const DECLINED: &str =
    r#"{"items": [{"pizzaId": "margherita", "quantity": 2}], "paymentMethod": "card-declined"}"#;
const SILENT: &str =
    r#"{"items": [{"pizzaId": "margherita", "quantity": 2}], "paymentMethod": "card-timeout"}"#;

const TRACKED: &str =
    r#"{"items": [{"pizzaId": "tiramisu", "quantity": 2}, {"pizzaId": "panna-cotta", "quantity": 1}]}"#;
const TRACKED_CARD: &str = r#"{"items": [{"pizzaId": "tiramisu", "quantity": 2}, {"pizzaId": "panna-cotta", "quantity": 1},
    {"pizzaId": "margherita", "quantity": 1}], "paymentMethod": "card"}"#;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

impl Scenario {
    /// The story for a reaction.
    ///
    /// # Panics
    /// If there is none: whoever adds a reaction writes its story.
    pub fn of(reaction: Reaction) -> Self {
        let mut settings = AppSettings::default();
        let processing = &mut settings.processing;
        let acts = match (reaction.service, reaction.trigger) {
            ("orders", Trigger::Event { kind: "product.changed", .. })
            | ("catalog", Trigger::Command("seed")) => {
                vec![Act::Place(MENU)]
            }
            ("orders", Trigger::Event { kind: "payment.paid" | "payment.refunded", .. })
            | ("payments", Trigger::Command("refund") | Trigger::Effect("refund"))
            | ("provider", Trigger::Request("refund")) => vec![Act::Place(CARD), Act::Refund(100)],
            ("orders", Trigger::Event { kind: "notification.sent", .. }) => vec![Act::Place(PRICED)],
            ("orders", Trigger::Event { kind: "notification.failed", .. }) => {
                settings.notifications.channel = Channel::Smtp;
                vec![Act::Place(REFUSED)]
            }
            ("notifications", Trigger::Effect("mail")) => {
                settings.notifications.channel = Channel::Smtp;
                vec![Act::Place(MAILED)]
            }
            ("notifications", Trigger::Command("resend")) => vec![Act::Place(PRICED), Act::Resend],
            (
                "notifications",
                Trigger::Event { kind: "order.created" | "order.paid" | "order.completed", .. },
            ) => vec![Act::Place(CARD)],
            ("notifications", Trigger::Event { kind: "payment.refunded", .. }) => {
                vec![Act::Place(CARD), Act::Refund(100)]
            }
            ("orders", Trigger::Event { kind: "payment.failed", .. }) => vec![Act::Place(DECLINED)],
            ("orders", Trigger::Event { kind: "payment.unknown", .. }) => {
                vec![Act::Place(SILENT), Act::Wait(MINUTE)]
            }
            ("orders", Trigger::Event { kind: "order.processed", .. } | Trigger::Command("place")) => {
                vec![Act::Place(CARD)]
            }
            ("orders", Trigger::Event { kind: "order.place", .. }) => vec![Act::Deliver(CARD)],
            ("payments", Trigger::Event { kind: "order.created", .. } | Trigger::Effect("charge"))
            | ("processing", Trigger::Event { kind: "order.paid", .. })
            | ("provider", Trigger::Request("charge")) => vec![Act::Place(CARD)],
            ("payments" | "notifications", Trigger::Event { kind: "order.failed", .. }) => {
                processing.failure_ppm = 1_000_000;
                vec![Act::Place(CARD)]
            }
            ("payments" | "processing" | "notifications", Trigger::Event { kind: "order.cancelled", .. })
            | ("orders", Trigger::Command("cancel")) => {
                processing.delay = 10 * MINUTE;
                vec![Act::Place(CARD), Act::Cancel, Act::Wait(11 * MINUTE)]
            }
            ("processing", Trigger::Event { kind: "order.created", .. }) => vec![Act::Place(PRICED)],
            ("processing", Trigger::Timer("finish")) => {
                processing.delay = SECOND;
                vec![Act::Place(CARD), Act::Wait(2 * SECOND)]
            }
            ("orders", Trigger::Timer("payment-deadline")) => {
                settings.payment_deadline = 3 * MINUTE;
                vec![
                    Act::Outage(true),
                    Act::Place(CARD),
                    Act::Wait(4 * MINUTE),
                    Act::Outage(false),
                    Act::Wait(MINUTE),
                ]
            }
            ("payments", Trigger::Effect("void")) | ("provider", Trigger::Request("void")) => {
                vec![Act::Outage(true), Act::Place(CARD), Act::Cancel, Act::Outage(false), Act::Wait(MINUTE)]
            }
            ("orders" | "payments", Trigger::Event { kind: "stock.reserved", .. })
            | ("catalog", Trigger::Event { kind: "order.created" | "order.completed", .. }) => {
                vec![Act::Place(TRACKED_CARD)]
            }
            ("processing", Trigger::Event { kind: "stock.reserved", .. }) => vec![Act::Place(TRACKED)],
            ("orders", Trigger::Event { kind: "stock.rejected", .. }) => {
                vec![Act::PlaceTooLate(TRACKED_CARD)]
            }
            ("orders", Trigger::Event { kind: "stock.changed", .. })
            | ("catalog", Trigger::Timer("tell-stock")) => {
                vec![Act::Place(TRACKED), Act::Wait(SECOND), Act::Place(TRACKED), Act::Wait(SECOND)]
            }
            ("catalog", Trigger::Event { kind: "order.failed", .. }) => {
                processing.failure_ppm = 1_000_000;
                vec![Act::Place(TRACKED_CARD)]
            }
            ("catalog", Trigger::Event { kind: "order.cancelled", .. }) => {
                processing.delay = 10 * MINUTE;
                vec![Act::Place(TRACKED_CARD), Act::Cancel, Act::Wait(11 * MINUTE)]
            }
            (_, Trigger::Publication) => vec![Act::Place(TRACKED_CARD), Act::Refund(100)],
            other => panic!("{other:?} has no scenario: write one"),
        };
        let goes_on =
            !matches!(reaction.trigger, Trigger::Event { kind: "product.changed" | "order.cancelled", .. });
        // What was tried in vain is tried again within the last minute.
        Self { settings, acts: [vec![Act::Seed], acts, vec![Act::Wait(MINUTE)]].concat(), goes_on }
    }
}
