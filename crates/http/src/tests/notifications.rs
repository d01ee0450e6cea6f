//! Notifications for tests.

use contract::Language;
use notifications::{Channel, Kind, Notification, State};
use uuid::Uuid;

use super::orders::priced_order;
use super::{NOW, usd};

/// A notification of [`priced_order`]. Those of later kinds are newer.
pub(crate) fn told(kind: Kind, state: State) -> Notification {
    Notification {
        id: Uuid::from_u128(0x0199_f000_0000_7000_8000_0000_0000_0000 + kind as u128),
        order_id: priced_order().id,
        kind,
        channel: Channel::Smtp,
        language: Language::English,
        recipient: Some("ann@example.org".into()),
        amount: 4600,
        currency: usd(),
        reason: None,
        state,
        sendings: 1,
        actor: None,
        created_at: NOW,
        updated_at: NOW,
    }
}
