//! The rules, as one pure function from what is known under a key to an answer and, perhaps, a new state.

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

use contract::Money;
use engine::Key;
use jiff::Timestamp;
use uuid::Uuid;

use crate::behaviour::{self, Means};
use crate::charge::{Capture, Charge, Purchase, Refund, Status};
use crate::exchange::{Input, Reply, Verdict};
use crate::refusal::Refusal;

/// How many refunds one charge may have.
pub const MAX_REFUNDS: usize = 100;

/// What a decision needs besides the request and the state.
#[derive(Clone, Copy, Debug)]
pub struct Stamp {
    /// The time.
    pub now: Timestamp,
    /// Names what the request makes.
    pub id: Uuid,
}

/// What was decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The new state. None: nothing changes.
    pub put: Option<Charge>,
    /// The answer.
    pub reply: Reply,
}

/// Decides on a request about the charge under `key`, of which `known` is what is known.
///
/// # Errors
/// [`Refusal`], with nothing changed.
pub fn decide(known: Option<&Charge>, key: &Key, input: &Input, stamp: Stamp) -> Result<Decision, Refusal> {
    match input {
        Input::Charge(purchase) => charge(known, key, purchase, stamp),
        Input::Void => Ok(void(known, key, stamp)),
        Input::Refund { key, amount } => refund(known, key, *amount, stamp),
    }
}

fn charge(known: Option<&Charge>, key: &Key, purchase: &Purchase, stamp: Stamp) -> Result<Decision, Refusal> {
    let means = behaviour::means(&purchase.method);
    if means == Means::Broken {
        return Err(Refusal::Broken);
    }
    if let Some(known) = known {
        return repeated_charge(known, purchase).map(repeated);
    }
    let purchase = purchase.clone();
    let reference = reference("ch", stamp.id);
    let status = match means.decline() {
        None => Status::Captured(Capture { purchase, reference, refunds: Vec::new() }),
        Some(decline) => Status::Declined { purchase, reference, decline },
    };
    let charge = Charge { key: key.clone(), at: stamp.now, status };
    let verdict = charged(&charge)?;
    let withheld = means == Means::Silent;
    Ok(Decision { put: Some(charge), reply: Reply { verdict, repeated: false, withheld } })
}

fn repeated_charge(known: &Charge, purchase: &Purchase) -> Result<Verdict, Refusal> {
    match known.purchase() {
        Some(known) if known != purchase => Err(Refusal::KeyReused),
        _ => charged(known),
    }
}

/// The answer to a charge that ended as `charge` says.
fn charged(charge: &Charge) -> Result<Verdict, Refusal> {
    match &charge.status {
        Status::Captured(capture) => Ok(Verdict::captured(capture)),
        Status::Declined { purchase, reference, decline } => Ok(Verdict::Declined {
            reference: reference.clone(),
            amount: purchase.amount,
            decline: decline.clone(),
        }),
        Status::Voided => Err(Refusal::Voided),
    }
}

/// A declined charge needs no tombstone: under its key nothing is ever captured.
fn void(known: Option<&Charge>, key: &Key, stamp: Stamp) -> Decision {
    match known.map(|charge| &charge.status) {
        Some(Status::Captured(capture)) => repeated(Verdict::captured(capture)),
        Some(Status::Declined { .. } | Status::Voided) => repeated(Verdict::Voided),
        None => changed(Charge { key: key.clone(), at: stamp.now, status: Status::Voided }, Verdict::Voided),
    }
}

fn refund(known: Option<&Charge>, key: &str, amount: Money, stamp: Stamp) -> Result<Decision, Refusal> {
    let charge = known.ok_or(Refusal::UnknownCharge)?;
    let capture = charge.capture().ok_or(Refusal::NotCaptured)?;
    let charged = capture.purchase.amount.currency;
    if charged != amount.currency {
        return Err(Refusal::CurrencyMismatch { charged, wanted: amount.currency });
    }
    match capture.refund(key) {
        Some(known) if known.amount == amount.minor => Ok(repeated(Verdict::refunded(capture, known))),
        Some(_) => Err(Refusal::KeyReused),
        None => new_refund(charge, capture, key, amount.minor, stamp),
    }
}

fn new_refund(
    charge: &Charge,
    capture: &Capture,
    key: &str,
    wanted: i64,
    stamp: Stamp,
) -> Result<Decision, Refusal> {
    let refundable = capture.refundable();
    if wanted < 1 || wanted > refundable {
        return Err(Refusal::ExceedsCaptured { wanted, refundable });
    }
    if capture.refunds.len() >= MAX_REFUNDS {
        return Err(Refusal::TooManyRefunds { limit: MAX_REFUNDS });
    }
    let refund =
        Refund { key: key.to_owned(), amount: wanted, reference: reference("re", stamp.id), at: stamp.now };
    let verdict = Verdict::refunded(capture, &refund);
    let mut capture = capture.clone();
    capture.refunds.push(refund);
    Ok(changed(Charge { status: Status::Captured(capture), ..charge.clone() }, verdict))
}

fn changed(put: Charge, verdict: Verdict) -> Decision {
    Decision { put: Some(put), reply: Reply { verdict, repeated: false, withheld: false } }
}

fn repeated(verdict: Verdict) -> Decision {
    Decision { put: None, reply: Reply { verdict, repeated: true, withheld: false } }
}

fn reference(prefix: &str, id: Uuid) -> String {
    format!("{prefix}_{}", id.simple())
}
