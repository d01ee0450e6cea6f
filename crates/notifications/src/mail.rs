//! What the notifications service asks of a mail server, and what may come of it: the job of its effect.
//!
//! A job is done at most once. Whoever performs it says of everything that may have been sent that it is unknown
//! (`engine::Performed::Unknown`), and fails only what certainly was not.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::model::Kind;

/// The type of a job to send a mail: its data is a [`MailJob`].
pub const MAIL: &str = "mail";
/// The type of the message that answers it: its data is a [`MailAnswered`].
pub const MAIL_ANSWERED: &str = "mail.answered";

/// Send a mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailJob {
    /// The notification.
    pub notification_id: Uuid,
    /// What it tells of.
    pub kind: Kind,
    /// Which sending it is, from 1.
    pub sending: u32,
    /// Whom to send it to.
    pub recipient: String,
    /// The subject.
    pub subject: String,
    /// The text.
    pub text: String,
}

/// What came of a mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailAnswered {
    /// What it tells of.
    pub kind: Kind,
    /// What came of it.
    #[serde(flatten)]
    pub answer: MailAnswer,
}

/// What the mail server said, if anything.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum MailAnswer {
    /// It took the mail.
    Accepted,
    /// It will not have it, for good.
    Refused {
        /// Why, in a sentence.
        error: String,
    },
}
