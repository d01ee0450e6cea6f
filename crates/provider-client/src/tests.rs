//! What the tests share: one job of each type.

mod classified;
mod over_http;

use engine::{Job, Key, Performed};
use payments::jobs::{self, ChargeAnswer, ChargeJob, RefundJob, VoidJob};
use serde::Serialize;
use uuid::Uuid;

const KEY: &str = "0190a6f0-0000-7000-8000-00000000000a";

fn job(kind: &str, data: &impl Serialize) -> Job {
    let data = serde_json::to_string(data).unwrap();
    let (key, name) = (Key::from(KEY), kind.to_owned());
    Job { key, name: name.clone(), token: 1, attempt: 1, interrupted: false, kind: name, data }
}

fn charge() -> Job {
    let (key, method) = (KEY.to_owned(), "card".to_owned());
    let currency = "USD".parse().unwrap();
    job(jobs::CHARGE, &ChargeJob { key, order_id: Uuid::from_u128(1), amount: 10_050, currency, method })
}

fn void() -> Job {
    job(jobs::VOID, &VoidJob { charge_key: KEY.to_owned() })
}

fn refund() -> Job {
    let (key, charge_key) = ("refund-1".to_owned(), KEY.to_owned());
    job(jobs::REFUND, &RefundJob { key, charge_key, amount: 50, currency: "USD".parse().unwrap() })
}

fn captured() -> Performed {
    let data = serde_json::to_string(&ChargeAnswer::Captured { reference: "ch_1".to_owned() }).unwrap();
    Performed::Answered { kind: jobs::CHARGE_ANSWERED, data }
}

/// What came of a job, in a word.
fn class(performed: &Performed) -> &'static str {
    match performed {
        Performed::Answered { .. } => "answered",
        Performed::Unknown(_) => "unknown",
        Performed::Failed(_) => "failed",
        Performed::Unavailable(_) => "unavailable",
    }
}
