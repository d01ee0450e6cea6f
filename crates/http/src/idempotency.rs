//! Idempotency keys (draft-ietf-httpapi-idempotency-key-header): the caller's name for one attempt at something.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue};
use engine::Claim;
use engine::claim::ClaimKind;
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::problem::Problem;
use crate::problems::INVALID_IDEMPOTENCY_KEY;

/// Says that the answer was given before.
pub(crate) const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// Who everybody is until callers say who they are.
pub(crate) const ANONYMOUS: &str = "anonymous";

const MAX_CHARACTERS: usize = 255;

/// The `Idempotency-Key` of a request, without its quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct IdempotencyKey(pub Option<String>);

impl IdempotencyKey {
    /// The claim to `operation` under the key, if there is one. `content` is all that the operation depends on.
    pub fn claim(&self, operation: &str, content: &[&[u8]], expires: Timestamp) -> Option<Claim> {
        let key = self.0.as_ref()?;
        Some(Claim {
            id: format!("{operation}/{ANONYMOUS}/{key}"),
            fingerprint: fingerprint(content),
            kind: ClaimKind::Request,
            expires: Some(expires),
        })
    }
}

impl IdempotencyKey {
    /// The key of a line of a batch that has this key.
    pub fn of_line(&self, number: u64) -> Self {
        Self(self.0.as_ref().map(|key| format!("{key}/{number}")))
    }
}

impl<S: Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let mut values = parts.headers.get_all("idempotency-key").iter();
        match (values.next(), values.next()) {
            (None, _) => Ok(Self(None)),
            (Some(value), None) => read(value).map(|key| Self(Some(key))),
            (Some(_), Some(_)) => Err(invalid("send one Idempotency-Key, not several")),
        }
    }
}

/// Reads a key, quoted (a string of RFC 9651) or bare.
fn read(value: &HeaderValue) -> Result<String, Problem> {
    let text =
        value.to_str().map_err(|_| invalid("write the Idempotency-Key in visible ASCII characters"))?.trim();
    let quoted = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    let key = match quoted {
        Some(inner) => inner.replace("\\\"", "\"").replace("\\\\", "\\"),
        None => text.to_owned(),
    };
    match key.chars().count() {
        1..=MAX_CHARACTERS => Ok(key),
        _ => Err(invalid("write an Idempotency-Key of 1 to 255 characters")),
    }
}

fn invalid(detail: &'static str) -> Problem {
    Problem::new(INVALID_IDEMPOTENCY_KEY, detail)
}

/// SHA-256 of the parts, in lower-case hex.
pub(crate) fn fingerprint(parts: &[&[u8]]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digest = parts.iter().fold(Sha256::new(), |hash, part| hash.chain_update(part)).finalize();
    digest
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|digit| char::from(DIGITS[usize::from(digit)]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> Result<String, Problem> {
        read(&HeaderValue::from_str(text).unwrap())
    }

    #[test]
    fn keys_are_read_quoted_and_bare() {
        assert_eq!(key("\"key-1\"").unwrap(), "key-1");
        assert_eq!(key("key-1").unwrap(), "key-1");
        assert_eq!(key(r#""a\"b""#).unwrap(), "a\"b");
        assert_eq!(key(&"x".repeat(255)).unwrap().len(), 255);
    }

    #[test]
    fn keys_that_are_empty_or_too_long_are_refused() {
        for text in ["", "\"\"", &"x".repeat(256)] {
            assert_eq!(key(text).unwrap_err().kind, INVALID_IDEMPOTENCY_KEY, "{text}");
        }
    }

    #[test]
    fn fingerprints_are_sha_256_in_hex() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(fingerprint(&[b""]), empty);
        assert_eq!(fingerprint(&[b"ab", b"c"]), fingerprint(&[b"abc"]));
    }
}
