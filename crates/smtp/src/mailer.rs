//! The performer: a job becomes a mail, and what came of it the engine's word for that.

use std::time::Duration;

use async_trait::async_trait;
use engine::{Job, Performed, Performer};
use lettre::message::Mailbox;
use notifications::mail::MailJob;

use crate::ended::Ended;
use crate::error::Unusable;
use crate::letter::Letter;
use crate::server::Server;
use crate::talk::hand_over;

/// How mail is sent.
#[derive(Clone)]
pub struct MailerSettings {
    /// The mail server: `smtp://user:password@host:port`, or `smtps://`.
    pub url: String,
    /// Whom mail is from: `The Shop <shop@example.org>`.
    pub from: String,
    /// How long the server may take until it has heard whom a mail is for, and as long again until it has taken it.
    pub time_limit: Duration,
}

/// Sends mails.
pub struct Mailer {
    server: Server,
    from: Mailbox,
    time_limit: Duration,
}

impl Mailer {
    /// A mailer that has not spoken to the server yet.
    ///
    /// # Errors
    /// [`Unusable`], one line that says which setting is wrong.
    pub fn new(settings: &MailerSettings) -> Result<Self, Unusable> {
        let from = settings.from.parse().map_err(|_| Unusable::From(settings.from.clone()))?;
        Ok(Self { server: Server::read(&settings.url)?, from, time_limit: settings.time_limit })
    }

    async fn send(&self, job: &MailJob) -> Ended {
        match Letter::write(job, &self.from) {
            Ok(letter) => hand_over(&self.server, &letter, self.time_limit).await,
            Err(why) => Ended::Refused(why),
        }
    }
}

#[async_trait]
impl Performer for Mailer {
    async fn perform(&self, job: &Job) -> Performed {
        let mail: MailJob = match serde_json::from_str(&job.data) {
            Ok(mail) => mail,
            Err(error) => return Performed::Failed(format!("the job cannot be read: {error}")),
        };
        let ended = if job.interrupted {
            Ended::Silent("whoever was sending it did not say what came of it".to_owned())
        } else {
            self.send(&mail).await
        };
        match &ended {
            Ended::Taken => {}
            Ended::Away(why) | Ended::Postponed(why) | Ended::Refused(why) | Ended::Silent(why) => {
                let (order, kind, attempt) = (&job.key, mail.kind.as_str(), job.attempt);
                tracing::warn!(order_id = %order, kind, attempt, why, "a mail was not sent, or nobody knows");
            }
        }
        ended.performed(mail.kind)
    }
}
