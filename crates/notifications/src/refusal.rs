//! The business noes of the notifications service.

use thiserror::Error;

/// Why a notification was not sent again. Nothing was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// There is none.
    #[error("there is no such notification")]
    UnknownNotification,
    /// It is being sent just now.
    #[error("the notification is being sent; wait for what comes of it")]
    UnderWay,
}
