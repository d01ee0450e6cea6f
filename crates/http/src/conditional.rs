//! Conditional requests (RFC 9110, section 13): an order's entity tag is its version.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::header::{IF_MATCH, IF_NONE_MATCH};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue};

/// The entity tag of a version.
pub(crate) fn etag(version: u64) -> HeaderValue {
    HeaderValue::try_from(format!("\"{version}\"")).unwrap_or(HeaderValue::from_static("\"\""))
}

/// What a caller has already. Compared weakly, as the RFC says.
pub(crate) struct IfNoneMatch(Option<HeaderValue>);

impl IfNoneMatch {
    /// Whether the caller has this version.
    pub fn has(&self, version: u64) -> bool {
        let Some(text) = self.0.as_ref().and_then(|value| value.to_str().ok()) else { return false };
        tags(text).any(|tag| tag == "*" || version_of(tag.strip_prefix("W/").unwrap_or(tag)) == Some(version))
    }
}

/// What a caller believes the order to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum IfMatch {
    /// Anything.
    Any,
    /// One of these versions. None of them: a tag that was never ours.
    OneOf(Vec<u64>),
}

impl IfMatch {
    /// Whether an order of this version will do.
    pub fn allows(&self, version: u64) -> bool {
        match self {
            Self::Any => true,
            Self::OneOf(versions) => versions.contains(&version),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for IfNoneMatch {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(Self(parts.headers.get(IF_NONE_MATCH).cloned()))
    }
}

impl<S: Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(read(parts, &IF_MATCH))
    }
}

fn read(parts: &Parts, name: &HeaderName) -> IfMatch {
    let values: Vec<_> =
        parts.headers.get_all(name).iter().map(|value| value.to_str().unwrap_or("")).collect();
    let all = values.iter().flat_map(|value| tags(value));
    match values.is_empty() || all.clone().any(|tag| tag == "*") {
        true => IfMatch::Any,
        false => IfMatch::OneOf(all.filter_map(version_of).collect()),
    }
}

fn tags(text: &str) -> impl Iterator<Item = &str> + Clone {
    text.split(',').map(str::trim)
}

fn version_of(tag: &str) -> Option<u64> {
    tag.strip_prefix('"')?.strip_suffix('"')?.parse().ok()
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn parts(name: HeaderName, value: &str) -> Parts {
        Request::builder().header(name, value).body(()).unwrap().into_parts().0
    }

    #[tokio::test]
    async fn what_the_caller_has_is_compared_weakly() {
        for (text, has) in
            [("\"3\"", true), ("W/\"3\"", true), ("\"1\", \"3\"", true), ("*", true), ("\"4\"", false)]
        {
            let seen = IfNoneMatch::from_request_parts(&mut parts(IF_NONE_MATCH, text), &()).await.unwrap();
            assert_eq!(seen.has(3), has, "{text}");
        }
    }

    #[tokio::test]
    async fn what_the_caller_believes_is_compared_strongly() {
        for (text, allowed) in
            [("\"3\"", true), ("W/\"3\"", false), ("\"1\",\"3\"", true), ("*", true), ("x", false)]
        {
            let believed = IfMatch::from_request_parts(&mut parts(IF_MATCH, text), &()).await.unwrap();
            assert_eq!(believed.allows(3), allowed, "{text}");
        }
    }
}
