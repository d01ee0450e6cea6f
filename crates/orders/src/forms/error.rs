//! Why a body is not an order, and the report that gathers the reasons while it is read.

use serde::Serialize;
use thiserror::Error;

use super::path::Path;

/// No answer lists more errors than this.
const MAX_ERRORS: usize = 50;

/// A line names no more than this.
const NAMED: usize = 3;

/// A body that is not an order.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FormError {
    /// It is not JSON that can be read at all (400).
    #[error("the body is not JSON: {detail}")]
    NotJson {
        /// What is wrong, and where if that is known.
        detail: String,
    },
    /// It is JSON, and its content is not valid (422).
    #[error("the order has {} invalid fields", errors.len())]
    Invalid {
        /// At least one, at most 50.
        errors: Vec<FieldError>,
    },
}

impl FormError {
    /// What is wrong, in one line.
    pub fn summary(&self) -> String {
        let Self::Invalid { errors } = self else { return self.to_string() };
        let fields = errors.iter().take(NAMED).map(|error| format!("{} {}", error.path, error.message));
        format!("{self}: {}", fields.collect::<Vec<_>>().join("; "))
    }
}

/// One invalid field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// JSON Pointer to the field; a missing field has the pointer it would have.
    pub path: String,
    /// One of [`code`].
    pub code: &'static str,
    /// What to do about it; never repeats what was sent.
    pub message: String,
}

/// The codes of field errors, a closed set that clients may match on.
pub mod code {
    /// The top-level keys are of none of the five forms.
    pub const UNKNOWN_FORM: &str = "unknown_form";
    /// Some items have a price and some do not.
    pub const MIXED_ITEMS: &str = "mixed_items";
    /// The field is missing or null.
    pub const REQUIRED: &str = "required";
    /// The form has no such field.
    pub const UNKNOWN_FIELD: &str = "unknown_field";
    /// An object has the key more than once.
    pub const DUPLICATE_KEY: &str = "duplicate_key";
    /// The field is given under two of its names.
    pub const ALIAS_CONFLICT: &str = "alias_conflict";
    /// The value is of another JSON type.
    pub const WRONG_TYPE: &str = "wrong_type";
    /// The text is not a decimal number.
    pub const NOT_A_NUMBER: &str = "not_a_number";
    /// The number has a fraction or an exponent where a whole number is due.
    pub const NOT_WHOLE: &str = "not_whole";
    /// The amount has more decimals than its currency.
    pub const TOO_MANY_DECIMALS: &str = "too_many_decimals";
    /// The number is below zero.
    pub const NEGATIVE: &str = "negative";
    /// The number is outside of its range.
    pub const OUT_OF_RANGE: &str = "out_of_range";
    /// The text or the list is empty.
    pub const EMPTY: &str = "empty";
    /// The text has too many characters.
    pub const TOO_LONG: &str = "too_long";
    /// The list has too many elements.
    pub const TOO_MANY: &str = "too_many";
    /// The object takes too many bytes.
    pub const TOO_LARGE: &str = "too_large";
    /// The text has a U+0000 in it.
    pub const NUL_CHARACTER: &str = "nul_character";
    /// The text is not a currency that amounts can be counted in.
    pub const UNKNOWN_CURRENCY: &str = "unknown_currency";
    /// The text is not an e-mail address.
    pub const INVALID_EMAIL: &str = "invalid_email";
    /// The text is not an RFC 3339 date and time.
    pub const INVALID_TIME: &str = "invalid_time";
    /// The parts do not add up to the whole.
    pub const SUM_MISMATCH: &str = "sum_mismatch";
}

/// Gathers what is wrong, each thing once, up to a limit.
#[derive(Default)]
pub(super) struct Report {
    not_json: Option<String>,
    errors: Vec<FieldError>,
}

impl Report {
    /// Notes that the field at `path` is invalid.
    pub(super) fn add(&mut self, path: Path<'_>, code: &'static str, message: impl Into<String>) {
        if self.errors.len() >= MAX_ERRORS {
            return;
        }
        let path = path.pointer();
        if !self.errors.iter().any(|known| known.path == path && known.code == code) {
            self.errors.push(FieldError { path, code, message: message.into() });
        }
    }

    /// Notes that the body cannot be read as JSON; the first such reason outweighs all else.
    pub(super) fn not_json(&mut self, detail: &str) {
        self.not_json.get_or_insert_with(|| detail.to_owned());
    }

    /// Whether the body is unreadable, so that looking further is in vain.
    pub(super) fn is_unreadable(&self) -> bool {
        self.not_json.is_some()
    }

    /// Whether nothing is wrong so far.
    pub(super) fn is_clean(&self) -> bool {
        self.not_json.is_none() && self.errors.is_empty()
    }

    /// The answer.
    pub(super) fn into_error(self) -> FormError {
        match self.not_json {
            Some(detail) => FormError::NotJson { detail },
            None => FormError::Invalid { errors: self.errors },
        }
    }
}
