//! What became of one request: the answer judged, or the reason why there is none.

use std::{fmt, time::Duration};

use crate::answer::Answer;

/// Statuses with which a server says "not now".
const REFUSALS: [u16; 2] = [429, 503];
/// The pause after a refusal that names none.
const DEFAULT_PAUSE: Duration = Duration::from_millis(100);
/// The longest pause a refusal may ask for.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Why a request counts as failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Failure {
    /// An answer that is neither a success nor a refusal.
    Status(u16),
    /// No answer within the time limit.
    Timeout,
    /// The connection broke before the answer was complete.
    Broken,
    /// The server could not be reached again within the time limit.
    Unreachable,
    /// An order was accepted, but the answer has no `Location` with its id.
    NoLocation,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => write!(f, "{status}"),
            Self::Timeout => f.write_str("timeout"),
            Self::Broken => f.write_str("broken"),
            Self::Unreachable => f.write_str("unreachable"),
            Self::NoLocation => f.write_str("no_location"),
        }
    }
}

/// What became of one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// A 2xx answer.
    Ok,
    /// 429 or 503; wait this long before the next request.
    Refused(Duration),
    /// Anything else.
    Failed(Failure),
}

impl Outcome {
    /// Judges an answer, or the lack of one.
    pub fn of(result: &Result<Answer, Failure>) -> Self {
        match result {
            Ok(answer) if (200..300).contains(&answer.status) => Self::Ok,
            Ok(answer) if REFUSALS.contains(&answer.status) => {
                Self::Refused(answer.retry_after.unwrap_or(DEFAULT_PAUSE).min(LONGEST_PAUSE))
            }
            Ok(answer) => Self::Failed(Failure::Status(answer.status)),
            Err(failure) => Self::Failed(*failure),
        }
    }

    /// The same for a placed order, which must tell its id.
    pub fn of_placed(result: &Result<Answer, Failure>) -> Self {
        match (Self::of(result), result) {
            (Self::Ok, Ok(Answer { id: None, .. })) => Self::Failed(Failure::NoLocation),
            (outcome, _) => outcome,
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn answer(status: u16, retry_after: Option<u64>) -> Result<Answer, Failure> {
        let retry_after = retry_after.map(Duration::from_secs);
        Ok(Answer { status, retry_after, id: None, body: Bytes::new() })
    }

    #[test]
    fn a_refusal_is_no_failure_and_its_pause_is_bounded() {
        assert_eq!(Outcome::of(&answer(201, None)), Outcome::Ok);
        assert_eq!(Outcome::of(&answer(429, Some(2))), Outcome::Refused(Duration::from_secs(2)));
        assert_eq!(Outcome::of(&answer(503, Some(3600))), Outcome::Refused(LONGEST_PAUSE));
        assert_eq!(Outcome::of(&answer(503, None)), Outcome::Refused(DEFAULT_PAUSE));
        assert_eq!(Outcome::of(&answer(409, None)), Outcome::Failed(Failure::Status(409)));
        assert_eq!(Outcome::of(&Err(Failure::Timeout)), Outcome::Failed(Failure::Timeout));
        assert_eq!(Outcome::of_placed(&answer(201, None)), Outcome::Failed(Failure::NoLocation));
    }
}
