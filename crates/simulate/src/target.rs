//! The server a run goes to: its addresses, and requests made out to it.

use std::net::SocketAddr;

use anyhow::{Context, ensure};
use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, Uri,
    header::{CONTENT_TYPE, HOST, USER_AGENT},
};
use http_body_util::Full;

/// A request as the connections send it.
pub type Outgoing = Request<Full<Bytes>>;

/// Where orders are placed and read, below the server's root.
const ORDERS: &str = "/api/v1/orders";

/// One server, its name resolved once.
pub struct Target {
    addresses: Vec<SocketAddr>,
    prefix: String,
    orders: Uri,
    headers: HeaderMap,
}

impl Target {
    /// Reads the URL and resolves its name.
    pub async fn resolve(url: &str, extra: &[(HeaderName, HeaderValue)]) -> anyhow::Result<Self> {
        let uri: Uri = url.parse().with_context(|| format!("`{url}` is not a URL"))?;
        ensure!(
            uri.scheme_str() == Some("http"),
            "`{url}` must begin with http://; load goes over plain HTTP"
        );
        let host = uri.host().context("the URL names no host")?;
        ensure!(!url.contains('@'), "credentials belong into --header, not into the URL");
        let address = format!("{host}:{}", uri.port_u16().unwrap_or(80));
        let addresses: Vec<_> = tokio::net::lookup_host(&address)
            .await
            .with_context(|| format!("cannot resolve {address}"))?
            .collect();
        let prefix = uri.path().trim_end_matches('/').to_owned();
        let orders = format!("{prefix}{ORDERS}").parse()?;
        let authority = uri.authority().map_or(host, |authority| authority.as_str());
        Ok(Self { addresses, headers: headers(authority, extra)?, prefix, orders })
    }

    /// Where to connect to; any of them will do.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// A request that places an order.
    pub fn place(&self, body: Bytes) -> Outgoing {
        let mut request = self.request(Method::POST, self.orders.clone(), body);
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        request
    }

    /// A request that reads a path below the orders, which begins with `/` or `?`.
    pub fn read_orders(&self, rest: &str) -> anyhow::Result<Outgoing> {
        self.read(&format!("{ORDERS}{rest}"))
    }

    /// A request that reads any path of the server.
    pub fn read(&self, path: &str) -> anyhow::Result<Outgoing> {
        let uri = format!("{}{path}", self.prefix).parse()?;
        Ok(self.request(Method::GET, uri, Bytes::new()))
    }

    fn request(&self, method: Method, uri: Uri, body: Bytes) -> Outgoing {
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = method;
        *request.uri_mut() = uri;
        *request.headers_mut() = self.headers.clone();
        request
    }
}

/// The headers every request carries.
fn headers(host: &str, extra: &[(HeaderName, HeaderValue)]) -> anyhow::Result<HeaderMap> {
    let mut headers = HeaderMap::new();
    headers.insert(HOST, host.parse()?);
    headers.insert(USER_AGENT, HeaderValue::from_static("ordo-simulate"));
    headers.extend(extra.iter().cloned());
    Ok(headers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_prefix_and_a_header_are_kept() {
        let extra = [(HeaderName::from_static("x-key"), HeaderValue::from_static("k"))];
        let target = Target::resolve("http://127.0.0.1:1/shop/", &extra).await.unwrap();
        let request = target.place(Bytes::from_static(b"{}"));
        assert_eq!(request.uri(), "/shop/api/v1/orders");
        assert_eq!(request.headers()[HOST], "127.0.0.1:1");
        assert_eq!(request.headers()["x-key"], "k");
        assert_eq!(target.read_orders("?limit=1").unwrap().uri(), "/shop/api/v1/orders?limit=1");
    }

    #[tokio::test]
    async fn only_plain_http_is_spoken() {
        for url in ["https://127.0.0.1", "127.0.0.1:8000", "not a url", "http://me:secret@127.0.0.1"] {
            assert!(Target::resolve(url, &[]).await.is_err(), "{url}");
        }
    }
}
