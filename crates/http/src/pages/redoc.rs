//! ReDoc: to read the API. The script is vendored, see `assets/README.md`.

use axum::response::Response;
use bytes::Bytes;

/// Where the script is.
pub(super) const SCRIPT: &str = "/redoc/redoc.standalone.js";

const SCRIPT_BYTES: &[u8] = include_bytes!("../../assets/redoc.standalone.js");

/// It styles its elements itself, searches in a worker made from a blob, and talks to this server only.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
     img-src 'self' data:; connect-src 'self'; worker-src blob:; child-src blob:; frame-ancestors 'none'; base-uri 'none'";

const PAGE: &str = r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>ordo API</title>
<style>body { margin: 0 }</style>
</head>
<body>
<redoc spec-url="/openapi.json"></redoc>
<script src="/redoc/redoc.standalone.js"></script>
</body>
</html>
"#;

/// The page.
pub(super) async fn index() -> Response {
    super::page("text/html; charset=utf-8", POLICY, PAGE)
}

/// The script.
pub(super) async fn script() -> Response {
    super::page("text/javascript; charset=utf-8", POLICY, Bytes::from_static(SCRIPT_BYTES))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::{Shop, get};

    #[tokio::test]
    async fn the_page_loads_nothing_from_elsewhere() {
        let shop = Shop::new();
        let page = shop.ask(get("/redoc/")).await;
        assert_eq!(page.status, 200);
        assert!(page.text().contains(SCRIPT) && page.text().contains(super::super::DOCUMENT));
        let script = shop.ask(get(SCRIPT)).await;
        assert_eq!(script.header("content-type"), "text/javascript; charset=utf-8");
        assert!(!script.text().contains("cdn.redoc"));
    }
}
