//! The server that is talked to, and requests made out to it.

use std::convert::Infallible;

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HOST, USER_AGENT};
use http::{HeaderName, HeaderValue, Method, Request, Uri};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};

/// A request as it is sent.
pub type Outgoing = Request<UnsyncBoxBody<Bytes, Infallible>>;

/// The header that names an attempt.
pub const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// One server.
#[derive(Clone, Debug)]
pub struct Target {
    /// Its address as it was given.
    pub url: String,
    /// Host and port.
    pub address: String,
    host: HeaderValue,
    prefix: String,
}

impl Target {
    /// Reads a server's address.
    ///
    /// # Errors
    /// One line that says what is wrong with it.
    pub fn read(url: &str) -> Result<Self> {
        let uri: Uri = url.parse().with_context(|| format!("`{url}` is not a URL"))?;
        ensure!(uri.scheme_str() == Some("http"), "`{url}` must begin with http://; TLS is a proxy's");
        let host = uri.host().context("the URL names no host")?;
        let authority = uri.authority().map_or(host, |authority| authority.as_str());
        ensure!(!authority.contains('@'), "leave the credentials out of the URL");
        Ok(Self {
            url: url.to_owned(),
            address: format!("{host}:{}", uri.port_u16().unwrap_or(80)),
            host: authority.parse()?,
            prefix: uri.path().trim_end_matches('/').to_owned(),
        })
    }

    /// A request that asks for a path, which may have a query.
    ///
    /// # Errors
    /// If it is no path.
    pub fn get(&self, path: &str) -> Result<Outgoing> {
        self.request(Method::GET, path, Full::default().boxed_unsync())
    }

    /// A request that sends something of this kind there, under this key.
    ///
    /// # Errors
    /// If it is no path, or the key cannot stand in a header.
    pub fn post(
        &self,
        path: &str,
        kind: &'static str,
        key: &str,
        body: UnsyncBoxBody<Bytes, Infallible>,
    ) -> Result<Outgoing> {
        let mut request = self.request(Method::POST, path, body)?;
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        let key = key.parse().context("write the key in visible ASCII characters")?;
        request.headers_mut().insert(IDEMPOTENCY_KEY, key);
        Ok(request)
    }

    /// A request that sends JSON there, under this key if there is one.
    ///
    /// # Errors
    /// As for [`Self::post`].
    pub fn json(&self, method: Method, path: &str, key: Option<&str>, body: &str) -> Result<Outgoing> {
        let mut request = self.request(method, path, Full::from(body.to_owned()).boxed_unsync())?;
        let headers = request.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(key) = key {
            headers
                .insert(IDEMPOTENCY_KEY, key.parse().context("write the key in visible ASCII characters")?);
        }
        Ok(request)
    }

    fn request(
        &self,
        method: Method,
        path: &str,
        body: UnsyncBoxBody<Bytes, Infallible>,
    ) -> Result<Outgoing> {
        let mut request = Request::new(body);
        *request.method_mut() = method;
        *request.uri_mut() = format!("{}{path}", self.prefix).parse()?;
        let headers = request.headers_mut();
        headers.insert(HOST, self.host.clone());
        headers.insert(USER_AGENT, HeaderValue::from_static(concat!("ordo/", env!("CARGO_PKG_VERSION"))));
        headers.insert(ACCEPT, HeaderValue::from_static("application/json, application/x-ndjson"));
        Ok(request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_kept_and_the_port_found() {
        let target = Target::read("http://[::1]/shop/").unwrap();
        assert_eq!(target.address, "[::1]:80");
        assert_eq!(target.get("/api/v1/orders?limit=1").unwrap().uri(), "/shop/api/v1/orders?limit=1");
        assert_eq!(Target::read("http://shop:8000").unwrap().address, "shop:8000");
    }

    #[test]
    fn what_is_no_address_of_a_server_is_refused() {
        for url in ["https://shop", "shop:8000", "not a url", "http://me:secret@shop", ""] {
            assert!(Target::read(url).is_err(), "{url}");
        }
    }

    #[test]
    fn a_key_that_is_no_header_is_refused() {
        let target = Target::read("http://shop").unwrap();
        let post = |key| target.post("/", "text/plain", key, Full::default().boxed_unsync());
        assert_eq!(post("k").unwrap().headers()[IDEMPOTENCY_KEY], "k");
        assert!(post("a\nb").is_err());
    }
}
