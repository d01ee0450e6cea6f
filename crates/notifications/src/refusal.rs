//! The business noes of the notifications service.

use thiserror::Error;

/// Why a notification was not sent again. Nothing was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// There is none.
    #[error("there is no such notification")]
    UnknownNotification,
    /// Its order is not known here.
    #[error("its order is not known here, so nobody knows whom to tell")]
    TooEarly,
    /// There is nobody to send a mail to.
    #[error("the order names no e-mail address")]
    Nobody,
    /// It is being sent just now.
    #[error("the notification is being sent; wait for what comes of it")]
    UnderWay,
}
