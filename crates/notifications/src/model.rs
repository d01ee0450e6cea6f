//! What the notifications service keeps: one notification for each order and kind, under both.

use std::fmt;
use std::str::FromStr;

use contract::events::{
    ORDER_CANCELLED, ORDER_COMPLETED, ORDER_CREATED, ORDER_FAILED, ORDER_PAID, PAYMENT_REFUNDED,
};
use contract::{Currency, Language, Money, Reason};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Makes a closed set of words readable and writable.
macro_rules! words {
    ($name:ident { $($member:ident = $word:expr,)+ }) => {
        impl $name {
            /// The word for it.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$member => $word,)+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = UnknownWord;

            fn from_str(text: &str) -> Result<Self, UnknownWord> {
                Self::ALL.iter().copied().find(|member| member.as_str() == text).ok_or(UnknownWord)
            }
        }

        impl TryFrom<String> for $name {
            type Error = UnknownWord;

            fn try_from(text: String) -> Result<Self, UnknownWord> {
                text.parse()
            }
        }

        impl From<$name> for &'static str {
            fn from(member: $name) -> Self {
                member.as_str()
            }
        }
    };
}

/// It is none of the words that are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is none of the words that are known")]
pub struct UnknownWord;

/// What there is to tell: each is a step of an order that the world sees, and called by the type of its event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "&'static str")]
pub enum Kind {
    /// The order was received.
    Created,
    /// It is paid.
    Paid,
    /// It is done.
    Completed,
    /// It could not be done.
    Failed,
    /// It was called off.
    Cancelled,
    /// Money was given back.
    Refunded,
}

impl Kind {
    /// All of them, in the order of an order's life.
    pub const ALL: &'static [Self] =
        &[Self::Created, Self::Paid, Self::Completed, Self::Failed, Self::Cancelled, Self::Refunded];
}

words! {
    Kind {
        Created = ORDER_CREATED,
        Paid = ORDER_PAID,
        Completed = ORDER_COMPLETED,
        Failed = ORDER_FAILED,
        Cancelled = ORDER_CANCELLED,
        Refunded = PAYMENT_REFUNDED,
    }
}

/// How customers are told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "&'static str")]
pub enum Channel {
    /// Into the log of the process.
    #[default]
    Log,
    /// By mail.
    Smtp,
}

impl Channel {
    /// All of them.
    pub const ALL: &'static [Self] = &[Self::Log, Self::Smtp];
}

words! { Channel { Log = "log", Smtp = "smtp", } }

/// A notification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notification {
    /// Its id.
    pub id: Uuid,
    /// The order it is about.
    pub order_id: Uuid,
    /// What it tells of.
    pub kind: Kind,
    /// How it is told.
    pub channel: Channel,
    /// In which language.
    pub language: Language,
    /// Whom, by e-mail address, if that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipient: Option<String>,
    /// Minor units: what the order costs, or what was given back.
    pub amount: i64,
    /// The currency of the amount.
    pub currency: Currency,
    /// Why it happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// Where it stands.
    pub state: State,
    /// How often it was to be sent: once, and again for each command.
    pub sendings: u32,
    /// Who had it sent last, if that was by command.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// When there was something to tell.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
}

/// Where a notification stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It is being sent.
    Pending {
        /// Why the last attempt was fruitless, if there was one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<String>,
    },
    /// It was sent.
    Sent,
    /// It was not sent, and will not be.
    Failed {
        /// Why, in a sentence.
        error: String,
    },
    /// It may or may not have been sent. An operator decides whether to send it again.
    Unknown {
        /// Why nobody knows, in a sentence.
        error: String,
    },
    /// It was not to be sent.
    Skipped {
        /// Why, in a sentence.
        error: String,
    },
}

impl State {
    /// The words for all states.
    pub const WORDS: &'static [&'static str] = &["PENDING", "SENT", "FAILED", "UNKNOWN", "SKIPPED"];

    /// The word for it.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Pending { .. } => "PENDING",
            Self::Sent => "SENT",
            Self::Failed { .. } => "FAILED",
            Self::Unknown { .. } => "UNKNOWN",
            Self::Skipped { .. } => "SKIPPED",
        }
    }

    /// Why it was not sent, if it was not.
    pub fn error(&self) -> Option<&str> {
        match self {
            Self::Pending { error } => error.as_deref(),
            Self::Sent => None,
            Self::Failed { error } | Self::Unknown { error } | Self::Skipped { error } => Some(error),
        }
    }
}

impl Notification {
    /// The amount that it names.
    pub const fn money(&self) -> Money {
        Money { minor: self.amount, currency: self.currency }
    }

    /// Whether it waits for its order: only such a one is pending and for nobody.
    pub(crate) const fn is_early(&self) -> bool {
        matches!(self.state, State::Pending { .. }) && self.recipient.is_none()
    }

    /// The same notification in another state.
    pub(crate) fn now(&self, state: State, now: Timestamp) -> Self {
        Self { state, updated_at: now, ..self.clone() }
    }
}
