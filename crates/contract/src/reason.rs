//! Why something ended as it did.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// A reason for programs and for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// For programs: a stable word, such as `card_declined`.
    pub code: Cow<'static, str>,
    /// For people: a sentence.
    pub message: Cow<'static, str>,
}

impl Reason {
    /// A reason.
    pub fn new(code: impl Into<Cow<'static, str>>, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code: code.into(), message: message.into() }
    }
}
