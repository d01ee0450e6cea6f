//! The server is away, or cannot just now: the one fault that trying again may mend.

use thiserror::Error;

/// Why nothing came of it. Nothing is wrong with what was asked.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{0}")]
pub struct Away(pub String);

/// Whether an answer with this status says: not now.
pub const fn is_for_now(status: u16) -> bool {
    matches!(status, 408 | 425 | 429 | 502 | 503 | 504)
}
