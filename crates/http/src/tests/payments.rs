//! Payments for tests.

use engine::{DeadLetter, DeadLetterState, Key};
use payments::{Payment, PaymentState};

use super::orders::priced_order;
use super::{NOW, usd};

/// The payment of [`priced_order`], captured.
pub(crate) fn captured_payment() -> Payment {
    Payment {
        order_id: priced_order().id,
        amount: 4600,
        currency: usd(),
        method: "card".into(),
        state: PaymentState::Captured { reference: "ch_1".into() },
        charge_key: "charge-1".into(),
        captured: 4600,
        closing: false,
        refunds: Vec::new(),
        attempts: Vec::new(),
        version: 2,
        created_at: NOW,
        updated_at: NOW,
    }
}

/// Its charge, dead.
pub(crate) fn dead_charge() -> DeadLetter {
    DeadLetter {
        key: Key::Id(priced_order().id),
        name: "charge".into(),
        kind: "charge".into(),
        code: "exhausted".into(),
        reason: "the provider answered 500".into(),
        attempts: 8,
        replays: 0,
        state: DeadLetterState::Dead,
        first_failed_at: NOW,
        last_failed_at: NOW,
        act: None,
    }
}
