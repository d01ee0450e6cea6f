//! A mail as it goes over the wire: headers and text in ASCII (RFC 5322, RFC 2047, RFC 2045), whatever the language.

use lettre::Address;
use lettre::address::AddressError;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message};
use notifications::mail::MailJob;

use crate::ended::told;

/// A mail, ready to be handed over.
#[derive(Debug)]
pub(crate) struct Letter {
    pub from: Address,
    pub to: Address,
    pub bytes: Vec<u8>,
}

impl Letter {
    /// Writes the mail. Its id names the notification and the sending, so that an operator finds it in the server's log; one
    /// that is sent again has another, or the server might drop it.
    ///
    /// # Errors
    /// Why it cannot be written, which never changes: the recipient is no address.
    pub fn write(job: &MailJob, from: &Mailbox) -> Result<Self, String> {
        let to: Result<Address, AddressError> = job.recipient.parse();
        let to = to.map_err(|error| told(&error))?;
        let id = format!("<{}.{}@{}>", job.notification_id, job.sending, from.email.domain());
        let message = Message::builder()
            .from(from.clone())
            .to(Mailbox::new(None, to.clone()))
            .subject(&job.subject)
            .message_id(Some(id))
            .header(ContentType::TEXT_PLAIN)
            .body(job.text.clone());
        let mut message = message.map_err(|error| told(&error))?;
        // Nobody answers a machine, least of all another one (RFC 3834).
        let name = HeaderName::new_from_ascii_str("Auto-Submitted");
        message.headers_mut().insert_raw(HeaderValue::new(name, "auto-generated".to_owned()));
        Ok(Self { from: from.email.clone(), to, bytes: message.formatted() })
    }
}
