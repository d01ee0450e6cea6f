//! One question to the server, and its whole answer.

use anyhow::{Result, anyhow};
use bytes::Bytes;
use http::header::LINK;

use crate::away::{Away, is_for_now};
use crate::link::{Link, whole};
use crate::problem::Problem;
use crate::target::{Outgoing, Target};

/// Asks the server, and gives back the body of its answer.
///
/// # Errors
/// [`Away`], or what the server refuses.
pub async fn ask(target: &Target, request: Outgoing) -> Result<Bytes> {
    answer(target, request).await.map(|(body, _)| body)
}

/// Asks for a page, and gives back its body and the path of the next one, if there is one.
///
/// # Errors
/// As for [`ask`].
pub async fn page(target: &Target, path: &str) -> Result<(Bytes, Option<String>)> {
    answer(target, target.get(path)?).await
}

async fn answer(target: &Target, request: Outgoing) -> Result<(Bytes, Option<String>)> {
    let link = Link::open(target).await?;
    link.exchange(request, async |response| {
        let status = response.status();
        let next = response.headers().get(LINK).and_then(|link| next(link.to_str().ok()?));
        let body = whole(response.into_body()).await?;
        if status.is_success() {
            return Ok((body, next));
        }
        let problem = Problem::read(status.as_u16(), &body).to_string();
        Err(if is_for_now(status.as_u16()) { Away(problem).into() } else { anyhow!(problem) })
    })
    .await
}

/// The path of the next page, as a `Link` header names it (RFC 8288).
fn next(link: &str) -> Option<String> {
    let (path, relation) = link.strip_prefix('<')?.split_once('>')?;
    relation.contains("rel=\"next\"").then(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_the_one_that_is_called_so() {
        assert_eq!(next(r#"</a?cursor=x>; rel="next""#).as_deref(), Some("/a?cursor=x"));
        assert_eq!(next(r#"</a>; rel="prev""#), None);
        assert_eq!(next("/a"), None);
    }
}
