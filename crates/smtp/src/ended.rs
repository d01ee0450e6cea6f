//! How a conversation ended, and what the engine is told of it.

use engine::Performed;
use lettre::transport::smtp::Error;
use notifications::Kind;
use notifications::mail::{MAIL_ANSWERED, MailAnswer, MailAnswered};

/// The longest explanation that is kept, in characters.
const LONGEST: usize = 300;

/// How a conversation with a mail server ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The server took the mail.
    Taken,
    /// There was no server that would talk about mail. Nothing of it was handed over.
    Away(String),
    /// The server does not take it for now.
    Postponed(String),
    /// The server, or nobody, will ever take it.
    Refused(String),
    /// All of it was handed over, and the server did not say what it made of it.
    Silent(String),
}

impl Ended {
    /// What is to be made of an error before the mail's text was handed over.
    pub(crate) fn before_the_text(error: &Error) -> Self {
        match error {
            _ if error.is_permanent() => Self::Refused(told(error)),
            _ if error.is_transient() => Self::Postponed(told(error)),
            _ => Self::Away(told(error)),
        }
    }

    /// What is to be made of an error behind that.
    pub(crate) fn behind_the_text(error: &Error) -> Self {
        match error {
            _ if error.is_permanent() => Self::Refused(told(error)),
            _ if error.is_transient() => Self::Postponed(told(error)),
            _ => Self::Silent(told(error)),
        }
    }

    /// What the engine is told. Only what was certainly not sent is an attempt that failed.
    pub(crate) fn performed(self, kind: Kind) -> Performed {
        let answer = match self {
            Self::Away(why) => return Performed::Unavailable(why),
            Self::Postponed(why) => return Performed::Failed(why),
            Self::Silent(why) => return Performed::Unknown(why),
            Self::Taken => MailAnswer::Accepted,
            Self::Refused(error) => MailAnswer::Refused { error },
        };
        let data = serde_json::to_string(&MailAnswered { kind, answer }).unwrap_or_default();
        Performed::Answered { kind: MAIL_ANSWERED, data }
    }
}

/// An error with its causes in one line, whatever the server has put into it.
pub(crate) fn told(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text += &format!(": {error}");
        cause = error.source();
    }
    let printable = text.chars().map(|char| if char.is_control() { ' ' } else { char });
    printable.take(LONGEST).collect()
}
