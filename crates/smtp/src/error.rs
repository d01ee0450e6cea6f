//! Why mail cannot be sent at all.

use thiserror::Error;

/// What is wrong with the settings. None of these texts has a password in it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Unusable {
    /// The URL of the mail server names none.
    #[error(
        "the URL of the mail server cannot be read; write smtp://user:password@host:port, with what is not a letter or a digit in user and password as %XX"
    )]
    Url,
    /// The sender is no address.
    #[error("`{0}` is no sender; write one like: The Shop <shop@example.org>")]
    From(String),
    /// TLS cannot be had.
    #[error("TLS cannot be set up: {0}")]
    Tls(String),
}
