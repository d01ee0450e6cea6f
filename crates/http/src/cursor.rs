//! Cursors: opaque to callers, the id of the last order of a page to us. Base64url without padding (RFC 4648).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

use crate::problem::Problem;
use crate::problems::INVALID_CURSOR;

/// The cursor behind `last`.
pub(crate) fn encode(last: Uuid) -> String {
    URL_SAFE_NO_PAD.encode(last.as_bytes())
}

/// The id a cursor stands for.
pub(crate) fn decode(cursor: &str) -> Result<Uuid, Problem> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok().and_then(|bytes| Uuid::from_slice(&bytes).ok());
    bytes.ok_or_else(invalid_cursor)
}

/// The cursor is not one that we gave.
pub(crate) fn invalid_cursor() -> Problem {
    let detail = "take the cursor from the Link header of the page before, and change nothing in it";
    Problem::new(INVALID_CURSOR, detail).at("cursor", "invalid_cursor")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back() {
        let id = Uuid::from_u128(7);
        assert_eq!(decode(&encode(id)).unwrap(), id);
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "x", "!!", "AAAA", "AAAAAAAAAAAAAAAAAAAABw=="] {
            assert_eq!(decode(text).unwrap_err().kind, INVALID_CURSOR, "{text}");
        }
    }
}
