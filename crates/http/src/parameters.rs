//! Query parameters, read strictly: one that is unknown is refused, since a filter that is spelt wrong filters nothing.

use std::borrow::Cow;
use std::str::FromStr;

use axum::http::header::LINK;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Uri};
use jiff::Timestamp;

use crate::problem::Problem;
use crate::problems::{INVALID_PARAMETER, UNKNOWN_PARAMETER};

/// How long a page is if nobody says.
pub(crate) const DEFAULT_LIMIT: usize = 100;
/// The longest page.
pub(crate) const MAX_LIMIT: usize = 1000;

/// The parameters of a request, as names and values.
pub(crate) fn parameters(uri: &Uri) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes())
}

/// The header that leads to the next page: the same question, but for these parameters, which are said anew or left out.
pub(crate) fn next_page(uri: &Uri, anew: &[(&str, Option<&str>)]) -> Option<(HeaderName, HeaderValue)> {
    let is_kept = |name: &str| anew.iter().all(|(known, _)| *known != name);
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(parameters(uri).filter(|(name, _)| is_kept(name)));
    query.extend_pairs(anew.iter().filter_map(|(name, value)| Some((name, value.as_ref()?))));
    let link = HeaderValue::try_from(format!("<{}?{}>; rel=\"next\"", uri.path(), query.finish())).ok()?;
    Some((LINK, link))
}

/// There is no such parameter here.
pub(crate) fn unknown(name: &str, known: &'static [&'static str]) -> Problem {
    let detail = match known {
        [] => "this path takes no query parameters".to_owned(),
        known => format!("the query parameters here are {}", known.join(", ")),
    };
    Problem::new(UNKNOWN_PARAMETER, detail).at(printable(name), "unknown_parameter")
}

/// The value of a parameter that takes one of a few words.
pub(crate) fn word<T: FromStr + ToString>(name: &str, value: &str, words: &[T]) -> Result<T, Problem> {
    value.to_ascii_uppercase().parse().map_err(|_| {
        let words: Vec<_> = words.iter().map(ToString::to_string).collect();
        invalid(name, format!("write one of {}", words.join(", ")))
    })
}

/// The length of a page.
pub(crate) fn limit(value: &str) -> Result<usize, Problem> {
    let limit = value.parse().ok().filter(|limit| (1..=MAX_LIMIT).contains(limit));
    limit.ok_or_else(|| invalid("limit", format!("write a whole number from 1 to {MAX_LIMIT}")))
}

/// How many to leave out.
pub(crate) fn skip(value: &str) -> Result<usize, Problem> {
    let skip = value.parse::<u32>().ok().and_then(|skip| usize::try_from(skip).ok());
    skip.ok_or_else(|| invalid("skip", "write a whole number from 0"))
}

/// A point in time.
pub(crate) fn time(name: &str, value: &str) -> Result<Timestamp, Problem> {
    value.parse().map_err(|_| invalid(name, "write a time like 2026-01-31T12:00:00Z (RFC 3339)"))
}

/// The parameter for what a browser cannot send as a header the first time.
pub(crate) const LAST_EVENT_ID: &str = "last_event_id";

/// Up to where a client has heard a stream. When it comes again its header knows better than its address, which is still the first.
pub(crate) fn last_event_id(headers: &HeaderMap, parameter: Option<&str>) -> Option<String> {
    let header = headers.get("last-event-id").and_then(|id| id.to_str().ok());
    header.or(parameter).map(str::trim).filter(|id| !id.is_empty()).map(str::to_owned)
}

/// The value of this parameter will not do.
pub(crate) fn invalid(name: &str, detail: impl Into<Cow<'static, str>>) -> Problem {
    Problem::new(INVALID_PARAMETER, detail).at(name, "invalid_parameter")
}

fn printable(name: &str) -> String {
    name.chars().filter(|char| !char.is_control()).take(100).collect()
}

#[cfg(test)]
mod tests {
    use contract::Status;

    use super::*;

    #[test]
    fn limits_are_bounded() {
        assert_eq!(limit("1000").unwrap(), 1000);
        for text in ["0", "1001", "-1", "x", ""] {
            assert_eq!(limit(text).unwrap_err().kind, INVALID_PARAMETER, "{text}");
        }
    }

    #[test]
    fn words_are_read_in_any_case() {
        assert_eq!(word("status", "pending", Status::ALL).unwrap(), Status::Pending);
        assert!(word("status", "lost", Status::ALL).unwrap_err().detail.contains("PENDING"));
    }
}
