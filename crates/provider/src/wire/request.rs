//! The requests, and how they become messages.

use contract::{Currency, Money};
use engine::Key;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::amount::Amount;
use crate::charge::Purchase;
use crate::exchange::Input;

/// The payment method of a charge that names none.
pub const DEFAULT_METHOD: &str = "card";

/// The longest key, order id and payment method, in characters.
const MAX_TEXT: usize = 255;

/// A field of a request that is not what it must be.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{path}: {message}")]
pub struct Invalid {
    /// The field, as a JSON Pointer; empty for the `Idempotency-Key` and keys in paths.
    pub path: &'static str,
    /// What is wrong, in a word.
    pub code: &'static str,
    /// What to do, in a sentence.
    pub message: String,
}

/// Charge the buyer. The `Idempotency-Key` is the charge's key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ChargeBody {
    /// The caller's name for the order.
    pub order_id: String,
    /// How much, above 0.
    pub amount: Amount,
    /// ISO 4217; the server's default currency if left out.
    #[serde(default)]
    pub currency: Option<String>,
    /// The buyer's means; [`DEFAULT_METHOD`] if left out.
    #[serde(default)]
    pub payment_method: Option<String>,
}

/// See to it that nothing is charged under a key from now on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct VoidBody {
    /// The key of the charge.
    pub charge_key: String,
}

/// Give back what a charge captured, or a part of it. The `Idempotency-Key` is the refund's key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RefundBody {
    /// The key of the charge.
    pub charge_key: String,
    /// How much, above 0.
    pub amount: Amount,
    /// ISO 4217; the server's default currency if left out.
    #[serde(default)]
    pub currency: Option<String>,
}

impl ChargeBody {
    /// The message to send to the key of the charge.
    ///
    /// # Errors
    /// [`Invalid`] names the first field that is not what it must be.
    pub fn read(self, default_currency: Currency) -> Result<Input, Invalid> {
        let order_id = text("/order_id", self.order_id)?;
        let method = self.payment_method.unwrap_or_else(|| DEFAULT_METHOD.to_owned());
        let method = text("/payment_method", method)?;
        let amount = money(&self.amount, self.currency.as_deref(), default_currency)?;
        Ok(Input::Charge(Purchase { order_id, amount, method }))
    }
}

impl VoidBody {
    /// The message, and the key to send it to.
    ///
    /// # Errors
    /// [`Invalid`] names the first field that is not what it must be.
    pub fn read(self) -> Result<(Key, Input), Invalid> {
        Ok((charge_key(&self.charge_key)?, Input::Void))
    }
}

impl RefundBody {
    /// The message for the refund with the idempotency key `key`, and the key to send it to.
    ///
    /// # Errors
    /// [`Invalid`] names the first field that is not what it must be.
    pub fn read(self, key: String, default_currency: Currency) -> Result<(Key, Input), Invalid> {
        let key = text("", key)?;
        let amount = money(&self.amount, self.currency.as_deref(), default_currency)?;
        Ok((charge_key(&self.charge_key)?, Input::Refund { key, amount }))
    }
}

/// The key of a charge, from an `Idempotency-Key` without its quotes or from a path.
///
/// # Errors
/// [`Invalid`] if it is empty, too long, or has control characters.
pub fn read_key(key: &str) -> Result<Key, Invalid> {
    check("", key).map(|()| Key::from(key))
}

fn charge_key(key: &str) -> Result<Key, Invalid> {
    check("/charge_key", key).map(|()| Key::from(key))
}

fn text(path: &'static str, text: String) -> Result<String, Invalid> {
    check(path, &text).map(|()| text)
}

fn check(path: &'static str, text: &str) -> Result<(), Invalid> {
    let length = text.chars().count();
    match (1..=MAX_TEXT).contains(&length) && !text.chars().any(char::is_control) {
        true => Ok(()),
        false => {
            Err(invalid(path, "text", format!("write 1 to {MAX_TEXT} characters, no control characters")))
        }
    }
}

fn money(amount: &Amount, currency: Option<&str>, default: Currency) -> Result<Money, Invalid> {
    let currency = currency.map_or(Ok(default), str::parse);
    let currency = currency.map_err(|error| invalid("/currency", "currency", error.to_string()))?;
    let money = amount.money(currency).map_err(|error| invalid("/amount", "amount", error.to_string()))?;
    match money.minor {
        1.. => Ok(money),
        _ => Err(invalid("/amount", "amount", "the amount must be above 0".to_owned())),
    }
}

pub(super) fn invalid(path: &'static str, code: &'static str, message: String) -> Invalid {
    Invalid { path, code, message }
}
