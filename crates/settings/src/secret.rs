//! Text that must not be printed.

use std::fmt;
use std::sync::Arc;

use crate::value::{Scope, Shape, Value};

/// What stands in the place of a secret wherever it would be printed.
pub(crate) const MASK: &str = "***";

/// A secret: `Debug` and `Display` print a mask, and only [`Secret::expose`] gives the text.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Arc<str>);

impl Secret {
    /// Wraps `text`, which is never printed from here on.
    pub fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// The secret itself, for the one place that uses it. Do not log it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The secret as a URL without credentials and query: `postgres://***@host:5432/orders`.
    ///
    /// An `@` behind the host may belong to an unescaped password; then only the scheme is shown.
    pub(crate) fn masked_url(&self) -> String {
        let Some((scheme, rest)) = self.0.split_once("://") else { return MASK.to_owned() };
        let (authority, tail) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        if tail.contains('@') {
            return format!("{scheme}://{MASK}");
        }
        let host = match authority.rsplit_once('@') {
            Some((_, host)) => format!("{MASK}@{host}"),
            None => authority.to_owned(),
        };
        match tail.split_once(['?', '#']) {
            Some((path, _)) => format!("{scheme}://{host}{path}?{MASK}"),
            None => format!("{scheme}://{host}{tail}"),
        }
    }
}

impl Value for Secret {
    const SHAPE: Shape = Shape::Text;
    const SECRET: bool = true;

    fn accepted() -> String {
        "any text".to_owned()
    }

    fn parse(text: &str, _: &Scope) -> Option<Self> {
        Some(Self::new(text))
    }

    fn show(&self) -> String {
        MASK.to_owned()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

#[cfg(test)]
mod tests {
    use super::Secret;

    #[test]
    fn a_secret_prints_as_a_mask() {
        let secret = Secret::new("hunter2");
        assert_eq!(format!("{secret} {secret:?}"), "*** ***");
        assert_eq!(secret.expose(), "hunter2");
    }

    #[test]
    fn a_url_is_shown_without_credentials_and_query() {
        let table = [
            ("postgres://u:hunter2@db:5432/o", "postgres://***@db:5432/o"),
            ("postgres://u:hun@ter/2?x@db/o", "postgres://***"),
            ("postgres://db/o?password=hunter2", "postgres://db/o?***"),
            ("postgres://db/o?password=hun@ter2", "postgres://***"),
            ("redis://cache:6379", "redis://cache:6379"),
            ("hunter2", "***"),
        ];
        for (url, shown) in table {
            assert_eq!(Secret::new(url).masked_url(), shown);
        }
    }
}
