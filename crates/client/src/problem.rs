//! What a server says when it does not do what it was asked, in one line for people.

use std::fmt;

use serde::Deserialize;

use crate::table::clean;

/// Fields that are named; more are only counted.
const NAMED: usize = 3;

/// Problem details (RFC 9457), as far as they are shown.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct Problem {
    /// Its kind, a URI.
    #[serde(rename = "type")]
    kind: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened, and what to do about it.
    detail: String,
    /// The fields at fault.
    #[serde(default)]
    errors: Vec<Field>,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
struct Field {
    path: String,
    message: String,
}

impl Problem {
    /// Reads the body of an answer. Not everybody on the way writes problems.
    pub fn read(status: u16, body: &[u8]) -> Self {
        serde_json::from_slice(body).unwrap_or_else(|_| Self {
            kind: "about:blank".to_owned(),
            status,
            detail: "the answer is not one of ordo's; is the address right?".to_owned(),
            errors: Vec::new(),
        })
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let slug = self.kind.rsplit('/').next().unwrap_or_default();
        write!(out, "{} {}: ", self.status, clean(slug))?;
        if self.errors.is_empty() {
            return out.write_str(&clean(&self.detail));
        }
        let named = self.errors.iter().take(NAMED);
        let named: Vec<_> = named.map(|field| clean(&format!("{} {}", field.path, field.message))).collect();
        out.write_str(named.join("; ").trim_start())?;
        match self.errors.len().saturating_sub(NAMED) {
            0 => Ok(()),
            more => write!(out, "; and {more} more"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_told_in_one_line_without_control_characters() {
        let field =
            |path: &str| format!(r#"{{"path": "{path}", "code": "c", "message": "no\u001b[31m\nway"}}"#);
        let body = |errors: &[String]| {
            let errors = errors.join(",");
            format!(
                r#"{{"type": "/problems/invalid-content", "status": 422, "detail": "d", "errors": [{errors}]}}"#
            )
        };
        let told = |errors: &[String]| Problem::read(422, body(errors).as_bytes()).to_string();
        assert_eq!(told(&[]), "422 invalid-content: d");
        assert_eq!(told(&[field("/a")]), "422 invalid-content: /a no\u{fffd}[31m\u{fffd}way");
        let many = ["/a", "/b", "/c", "/d", "/e"].map(field);
        assert!(told(&many).ends_with("; and 2 more"), "{}", told(&many));
        assert!(Problem::read(502, b"<html>").to_string().starts_with("502 about:blank: the answer is not"));
    }
}
