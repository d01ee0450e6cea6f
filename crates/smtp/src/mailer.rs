//! The performer: a job becomes a mail, and what came of it the engine's word for that.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use engine::{Job, Performed, Performer};
use lettre::message::Mailbox;
use notifications::Kind;
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
    /// Whether the server was away when it was asked last.
    is_away: AtomicBool,
}

impl Mailer {
    /// A mailer that has not spoken to the server yet.
    ///
    /// # Errors
    /// [`Unusable`], one line that says which setting is wrong.
    pub fn new(settings: &MailerSettings) -> Result<Self, Unusable> {
        let from = settings.from.parse().map_err(|_| Unusable::From(settings.from.clone()))?;
        Ok(Self {
            server: Server::read(&settings.url)?,
            from,
            time_limit: settings.time_limit,
            is_away: AtomicBool::new(false),
        })
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
        self.log(&ended, job, mail.kind);
        ended.performed(mail.kind)
    }
}

impl Mailer {
    /// A server that is away is told of once, and once when it is back: all mails wait for it.
    fn log(&self, ended: &Ended, job: &Job, kind: Kind) {
        let was_away = self.is_away.swap(matches!(ended, Ended::Away(_)), Ordering::Relaxed);
        let (order_id, attempt) = (&job.key, job.attempt);
        match ended {
            Ended::Away(why) if !was_away => tracing::warn!(why, "the mail server is away; mails wait"),
            Ended::Taken if was_away => tracing::info!("the mail server is back"),
            Ended::Away(_) | Ended::Taken => {}
            Ended::Postponed(why) => {
                tracing::warn!(%order_id, %kind, attempt, why, "the mail server does not take a mail for now");
            }
            Ended::Refused(why) => tracing::warn!(%order_id, %kind, why, "a mail is refused for good"),
            Ended::Silent(why) => {
                tracing::warn!(%order_id, %kind, why, "nobody knows whether a mail was sent")
            }
        }
    }
}
