//! Mail over SMTP: performs the jobs of the notifications service.
//!
//! It owns the conversation with the mail server ([`talk`]), what a mail looks like ([`letter`]), and what the server's words
//! mean ([`Ended`]).
//!
//! A mail is sent at most once. Everything up to the last line of its text can be tried again; from there it is either taken,
//! refused, or nobody knows, and then it is not tried again. A job that somebody else may have begun is not begun.
//!
//! It deliberately keeps no connection, retries nothing and breaks no circuit: the last two are the engine's.

mod ended;
mod error;
mod letter;
mod mailer;
mod server;
mod talk;

pub use ended::Ended;
pub use error::Unusable;
pub use mailer::{Mailer, MailerSettings};
