//! Why something ended as it did.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A reason for programs and for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Reason {
    /// For programs: a stable word, such as `card_declined`.
    #[schema(value_type = String, example = "card_declined")]
    pub code: Cow<'static, str>,
    /// For people: a sentence.
    #[schema(value_type = String)]
    pub message: Cow<'static, str>,
}

impl Reason {
    /// A reason.
    pub fn new(code: impl Into<Cow<'static, str>>, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code: code.into(), message: message.into() }
    }
}
