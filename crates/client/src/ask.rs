//! One question to the server, and its whole answer.

use anyhow::{Result, anyhow};
use bytes::Bytes;
use http::HeaderMap;
use http::header::LINK;

use crate::away::{Away, is_for_now};
use crate::link::{Link, whole};
use crate::problem::Problem;
use crate::target::{Outgoing, Target};

/// A page of a list.
pub struct Page {
    /// What is on it.
    pub body: Bytes,
    /// The path of the next one, with its query. None: this was the last one.
    pub next: Option<String>,
}

/// Asks the server, and gives back the body of its answer.
///
/// # Errors
/// [`Away`], or what the server refuses.
pub async fn ask(target: &Target, request: Outgoing) -> Result<Bytes> {
    Ok(ask_page(target, request).await?.body)
}

/// The same, and what its answer says about the next page.
///
/// # Errors
/// [`Away`], or what the server refuses.
pub async fn ask_page(target: &Target, request: Outgoing) -> Result<Page> {
    let link = Link::open(target).await?;
    link.exchange(request, async |response| {
        let (status, next) = (response.status(), next(response.headers()));
        let body = whole(response.into_body()).await?;
        if status.is_success() {
            return Ok(Page { body, next });
        }
        let problem = Problem::read(status.as_u16(), &body).to_string();
        Err(if is_for_now(status.as_u16()) { Away(problem).into() } else { anyhow!(problem) })
    })
    .await
}

/// Where the header with `rel="next"` leads, within the server.
fn next(headers: &HeaderMap) -> Option<String> {
    let links = headers.get_all(LINK).iter().filter_map(|link| link.to_str().ok());
    let mut next = links.filter_map(|link| link.strip_suffix(">; rel=\"next\"")?.strip_prefix('<'));
    next.find(|path| path.starts_with('/')).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn the_next_page_is_where_the_link_leads() {
        let read = |link: &'static str| next(&HeaderMap::from_iter([(LINK, HeaderValue::from_static(link))]));
        assert_eq!(
            read("</api/v1/orders?cursor=a>; rel=\"next\""),
            Some("/api/v1/orders?cursor=a".to_owned())
        );
        assert_eq!(read("</x>; rel=\"prev\""), None);
        assert_eq!(read("<http://elsewhere/x>; rel=\"next\""), None);
    }
}
