//! What cancel, refund and the acts on dead letters have in common: a body that may be absent, and a reason.

use contract::Reason;
use serde::de::DeserializeOwned;

use crate::body::json;
use crate::problem::Problem;
use crate::problems::INVALID_CONTENT;

/// The longest reason, in characters.
const MAX_REASON: usize = 1000;

/// Reads the body; an empty one is an empty object.
pub(crate) fn body<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    match body.trim_ascii() {
        b"" => json(b"{}"),
        text => json(text),
    }
}

/// The reason the caller gave, else `default`.
pub(super) fn reason(
    given: Option<String>,
    code: &'static str,
    default: &'static str,
) -> Result<Reason, Problem> {
    given.map_or_else(|| Ok(Reason::new(code, default)), |text| Ok(Reason::new(code, checked(text)?)))
}

/// A reason that somebody gave, if it is one.
pub(crate) fn checked(text: String) -> Result<String, Problem> {
    let is_fit = (1..=MAX_REASON).contains(&text.chars().count()) && !text.contains('\0');
    match is_fit {
        true => Ok(text),
        false => {
            let detail = format!("write a reason of 1 to {MAX_REASON} characters, without U+0000");
            Err(Problem::new(INVALID_CONTENT, detail).at("/reason", "invalid"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_may_be_absent_but_not_empty() {
        assert_eq!(reason(None, "cancelled", "It was cancelled.").unwrap().message, "It was cancelled.");
        assert_eq!(reason(Some("no".into()), "cancelled", "").unwrap().message, "no");
        for text in [String::new(), "x".repeat(1001), "a\0b".into()] {
            assert_eq!(reason(Some(text), "cancelled", "").unwrap_err().kind, INVALID_CONTENT);
        }
    }
}
