//! Everything that can be said to the notifications service.

use contract::{Amount, Currency, Language, Reason};
use serde::Deserialize;

use crate::mail::MailAnswered;
use crate::model::Kind;

/// A command, an event, or what came of an effect.
#[derive(Clone, Debug)]
pub enum Input {
    /// Something happened to an order that customers are told of.
    Happened(Kind, Box<Happened>),
    /// The mail server answered, or will not.
    Mailed(MailAnswered),
    /// An attempt at the mail server was fruitless.
    Attempted(Attempted),
    /// Somebody wants it sent once more.
    Resend(Resend),
}

/// What there is to tell, as far as an event says it. All events about orders and payments are read so.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Happened {
    /// What the order costs, or what was given back.
    #[serde(alias = "total_amount")]
    pub amount: Amount,
    /// The currency of the amount.
    pub currency: Currency,
    /// Why.
    #[serde(default)]
    pub reason: Option<Reason>,
    /// Who is to be told, by e-mail address. Only the order's first event says so.
    #[serde(default)]
    pub recipient: Option<String>,
    /// In which language, as a tag such as `ru`. Only the order's first event says so.
    #[serde(default)]
    pub language: Option<String>,
}

impl Happened {
    /// The language, if it is one in which anything can be told.
    pub fn language(&self) -> Option<Language> {
        self.language.as_deref().and_then(Language::of_tag)
    }
}

/// A fruitless attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempted {
    /// What was to be told.
    pub kind: Kind,
    /// Why it could not be, in a sentence.
    pub error: String,
    /// Whether it may have been sent all the same. Then it is not tried again.
    pub unknown: bool,
    /// Whether it was the last attempt.
    pub exhausted: bool,
}

/// Sends a notification once more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resend {
    /// Which one, of the order that the message is about.
    pub kind: Kind,
    /// Who wants it.
    pub actor: String,
}
