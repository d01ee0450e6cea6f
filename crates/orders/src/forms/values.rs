//! The kinds of values that fields hold: bounded texts, quantities, amounts, currencies, addresses, times.
//!
//! Each reads one value, or reports why it is none and gives `None`.

use contract::{AmountError, Currency, Money};

use super::error::{Report, code};
use super::node::{Kind, Node};
use super::text::{is_email, is_rfc3339};

/// Names and ids have at most this many characters.
pub(super) const MAX_NAME: usize = 255;
/// Addresses and signatures have at most this many characters.
pub(super) const MAX_TEXT: usize = 1000;
/// A line is of at most this many pieces.
const MAX_QUANTITY: u32 = 1_000_000;

impl Node<'_, '_> {
    /// A name or an id: 1 to 255 characters.
    pub(super) fn name(self, report: &mut Report) -> Option<String> {
        self.bounded(1, MAX_NAME, report)
    }

    /// A text of `min` to `max` characters.
    pub(super) fn bounded(self, min: usize, max: usize, report: &mut Report) -> Option<String> {
        let text = self.string(report)?;
        if text.len() < min {
            self.refuse(code::EMPTY, "this must not be empty", report);
            return None;
        }
        if text.len() > max && text.chars().count() > max {
            report.add(self.path, code::TOO_LONG, format!("this must have at most {max} characters"));
            return None;
        }
        Some(text.into_owned())
    }

    /// An e-mail address.
    pub(super) fn email(self, report: &mut Report) -> Option<String> {
        let text = self.name(report)?;
        if !is_email(&text) {
            self.refuse(code::INVALID_EMAIL, "write an e-mail address, for example name@example.org", report);
            return None;
        }
        Some(text)
    }

    /// A date and time of RFC 3339.
    pub(super) fn time(self, report: &mut Report) -> Option<String> {
        let text = self.name(report)?;
        if !is_rfc3339(&text) {
            let message = "write the date and time by RFC 3339, for example 2025-10-20T12:00:05Z";
            self.refuse(code::INVALID_TIME, message, report);
            return None;
        }
        Some(text)
    }

    /// The code of a currency.
    pub(super) fn currency(self, report: &mut Report) -> Option<Currency> {
        let read = self.string(report)?.parse::<Currency>();
        read.map_err(|unknown| report.add(self.path, code::UNKNOWN_CURRENCY, unknown.to_string())).ok()
    }

    /// A number written without a point and without an exponent.
    pub(super) fn whole(self, report: &mut Report) -> Option<i64> {
        let text = self.number(report)?;
        if text.contains(['.', 'e', 'E']) {
            self.refuse(code::NOT_WHOLE, "write a whole number, without a point or an exponent", report);
            return None;
        }
        text.parse().map_err(|_| self.refuse(code::OUT_OF_RANGE, "this number is too great", report)).ok()
    }

    /// A whole number that is at least `min`.
    pub(super) fn at_least(self, min: i64, report: &mut Report) -> Option<i64> {
        let value = self.whole(report)?;
        if value < min {
            let code = if value < 0 { code::NEGATIVE } else { code::OUT_OF_RANGE };
            report.add(self.path, code, format!("this must be at least {min}"));
            return None;
        }
        Some(value)
    }

    /// A whole number other than zero.
    pub(super) fn not_zero(self, report: &mut Report) -> Option<i64> {
        let value = self.whole(report)?;
        if value == 0 {
            self.refuse(code::OUT_OF_RANGE, "this must not be 0", report);
            return None;
        }
        Some(value)
    }

    /// How many pieces: 1 to 1 000 000.
    pub(super) fn quantity(self, report: &mut Report) -> Option<u32> {
        let quantity = u32::try_from(self.whole(report)?).unwrap_or(0);
        if !(1..=MAX_QUANTITY).contains(&quantity) {
            report.add(self.path, code::OUT_OF_RANGE, format!("the quantity must be 1 to {MAX_QUANTITY}"));
            return None;
        }
        Some(quantity)
    }

    /// An amount: a number or a decimal string.
    pub(super) fn amount(self, currency: Currency, report: &mut Report) -> Option<Money> {
        if !matches!(self.kind(), Kind::Number | Kind::String) {
            self.refuse(code::WRONG_TYPE, "this must be a number or a decimal string", report);
            return None;
        }
        if self.kind() == Kind::String {
            self.string(report)?;
        }
        Money::from_json(self.raw, currency).map_err(|error| self.refuse_amount(error, report)).ok()
    }

    /// A whole number of whole units, as amounts stand in form 5. Without a currency only its sign is checked.
    pub(super) fn units(self, currency: Option<Currency>, report: &mut Report) -> Option<Money> {
        let units = self.at_least(0, report)?;
        Money::from_whole_units(units, currency?).map_err(|error| self.refuse_amount(error, report)).ok()
    }

    fn refuse_amount(&self, error: AmountError, report: &mut Report) {
        let code = match error {
            AmountError::NotANumber => code::NOT_A_NUMBER,
            AmountError::TooManyDecimals { .. } => code::TOO_MANY_DECIMALS,
            AmountError::OutOfRange => code::OUT_OF_RANGE,
            AmountError::Negative => code::NEGATIVE,
        };
        report.add(self.path, code, error.to_string());
    }
}
