//! Notifications: what the service is made of, who sends its mails, and the log that they go to without a mail server.

use std::sync::Arc;

use anyhow::{Context, Result};
use contract::events::{NOTIFICATION_SENT, NotificationChanged};
use engine::breaker::Breaker;
use engine::effects::Desk;
use engine::observe::{Observation, Observer};
use engine::{Key, Record, Service};
use notifications::{Channel, Kind, Letter, Notifications};
use settings::{Notice, Settings};
use smtp::{Mailer, MailerSettings};

use crate::service::{Running, breaker, mail_terms};

/// The notifications service as the settings want it.
pub fn service(settings: &Settings) -> Notifications {
    let notifications = &settings.notifications;
    let channel = if notifications.smtp_url.is_some() { Channel::Smtp } else { Channel::Log };
    let language = match notifications.language {
        settings::Language::English => contract::Language::English,
        settings::Language::Russian => contract::Language::Russian,
    };
    let kinds = notifications.kinds.iter().map(kind).collect();
    Notifications { settings: notifications::Settings { channel, language, kinds } }
}

fn kind(notice: Notice) -> Kind {
    match notice {
        Notice::Created => Kind::Created,
        Notice::Paid => Kind::Paid,
        Notice::Completed => Kind::Completed,
        Notice::Failed => Kind::Failed,
        Notice::Cancelled => Kind::Cancelled,
        Notice::Refunded => Kind::Refunded,
    }
}

/// Lets the service send mails, if there is a mail server.
///
/// # Errors
/// One line that says which setting is wrong. A server that is away is no error.
pub fn perform_mails(notifications: &mut Running<Notifications>, settings: &Settings) -> Result<()> {
    let mail = &settings.notifications;
    let (Some(url), Some(from)) = (&mail.smtp_url, &mail.from) else { return Ok(()) };
    let (url, from) = (url.expose().to_owned(), from.clone());
    let mailer = Mailer::new(&MailerSettings { url, from, time_limit: mail.smtp_timeout });
    let mailer = Arc::new(mailer.context("notifications.smtp_url and notifications.from")?);
    let (desk, jobs) = Desk::new(Breaker::new(breaker(settings)), mail.max_in_flight);
    notifications.perform(desk, jobs, mailer, mail_terms(settings));
    Ok(())
}

/// Stands before the observer of the notifications service, and writes what is sent to the log. It comes behind the commit, so
/// a process that dies in between has sent it without a line.
pub fn observer(service: &'static str, inner: Arc<dyn Observer>) -> Arc<dyn Observer> {
    if service == Notifications::NAME { Arc::new(Teller { inner }) } else { inner }
}

struct Teller {
    inner: Arc<dyn Observer>,
}

impl Observer for Teller {
    fn observe(&self, observation: Observation) {
        self.inner.observe(observation);
    }

    fn published(&self, record: &Record) {
        self.inner.published(record);
        if record.kind == NOTIFICATION_SENT && tracing::enabled!(tracing::Level::INFO) {
            tell(&record.data);
        }
    }

    fn noted(&self, key: &Key, sequence: u64) {
        self.inner.noted(key, sequence);
    }
}

/// Writes a notification to the log, unless it went another way.
fn tell(data: &str) {
    let Ok(event) = serde_json::from_str::<NotificationChanged>(data) else { return };
    if event.channel != Channel::Log.as_str() {
        return;
    }
    if let Some(Letter { subject, text }) = Letter::of_event(&event) {
        let (order_id, event_type) = (event.order_id, event.kind);
        let recipient = event.recipient.as_deref();
        tracing::info!(%order_id, event_type, recipient, subject, text, "a customer is told");
    }
}
