//! Trailing slashes: a path means the same with and without one. The path is rewritten before it is routed.

use std::convert::Infallible;
use std::task::{Context, Poll};

use axum::Router;
use axum::extract::Request;
use axum::http::Uri;
use axum::http::uri::PathAndQuery;
use axum::routing::future::RouteFuture;
use tower::Service;

/// The path as the caller wrote it, where it was rewritten.
#[derive(Clone)]
pub(crate) struct Written(pub Uri);

/// A router that takes paths with and without a trailing slash.
#[derive(Clone)]
pub(crate) struct TrailingSlash(pub Router);

impl Service<Request> for TrailingSlash {
    type Response = axum::response::Response;
    type Error = Infallible;
    type Future = RouteFuture<Infallible>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Service::<Request>::poll_ready(&mut self.0, cx)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        if let Some(uri) = without_slash(request.uri()) {
            let written = std::mem::replace(request.uri_mut(), uri);
            request.extensions_mut().insert(Written(written));
        }
        self.0.call(request)
    }
}

/// The same without slashes at the end of its path. None: there is none, or nothing else.
fn without_slash(uri: &Uri) -> Option<Uri> {
    let path = uri.path();
    if !path.ends_with('/') || path.len() == 1 {
        return None;
    }
    let path = path.trim_end_matches('/');
    let path = if path.is_empty() { "/" } else { path };
    let text = match uri.query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(text).ok()?);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_slash_at_the_end_goes() {
        let rewritten = |text: &str| without_slash(&text.parse().unwrap()).map(|uri| uri.to_string());
        assert_eq!(rewritten("/api/v1/orders/?limit=1").as_deref(), Some("/api/v1/orders?limit=1"));
        assert_eq!(rewritten("/health//").as_deref(), Some("/health"));
        assert_eq!(rewritten("//").as_deref(), Some("/"));
        assert_eq!(rewritten("/"), None);
        assert_eq!(rewritten("/health"), None);
    }
}
