//! Swagger UI: to read the API and to try it out.

use std::sync::{Arc, LazyLock};

use axum::http::HeaderValue;
use axum::http::header::CONTENT_ENCODING;
use axum::response::Response;
use utoipa_swagger_ui::{Config, serve};

use crate::path::Name;
use crate::problem::Problem;
use crate::problems::{NOT_FOUND, internal};

/// It styles its elements itself, draws pictures of its own, and talks to this server only.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
     img-src 'self' data:; font-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'";

static CONFIG: LazyLock<Arc<Config<'static>>> = LazyLock::new(|| {
    let config = Config::from(super::DOCUMENT).try_it_out_enabled(true).validator_url("none");
    Arc::new(config)
});

/// The page. It is served at several paths, so it names its files absolutely.
pub(super) async fn index() -> Result<Response, Problem> {
    let (content_type, bytes, _) = load("index.html")?;
    let html = String::from_utf8_lossy(&bytes)
        .replace("\"./", "\"/swagger/")
        .replace("\"index.css", "\"/swagger/index.css");
    Ok(super::page(&content_type, POLICY, html))
}

/// A file of the page.
pub(super) async fn file(Name(name): Name) -> Result<Response, Problem> {
    if name == "index.html" {
        return index().await;
    }
    let (content_type, bytes, is_gzipped) = load(&name)?;
    let mut response = super::page(&content_type, POLICY, bytes);
    if is_gzipped {
        response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    Ok(response)
}

fn load(name: &str) -> Result<(String, Vec<u8>, bool), Problem> {
    match serve(name, Arc::clone(&CONFIG)) {
        Ok(Some(file)) => Ok((file.content_type, file.bytes.into_owned(), file.gzpipped)),
        Ok(None) => Err(Problem::new(NOT_FOUND, "Swagger UI has no such file")),
        Err(error) => Err(internal(&error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use crate::tests::{Shop, get};

    #[tokio::test]
    async fn the_page_is_whole_at_all_its_paths() {
        let shop = Shop::new();
        for path in ["/docs", "/docs/", "/swagger", "/swagger/", "/swagger/index.html"] {
            let response = shop.ask(get(path)).await;
            assert_eq!(response.status, 200, "{path}");
            let html = response.text();
            assert!(!html.contains("https://") && !html.contains("\"./"), "{html}");
            let files = html.split('"').filter(|text| text.starts_with("/swagger/"));
            for file in files.clone() {
                assert_eq!(shop.ask(get(file)).await.status, 200, "{file}");
            }
            assert!(files.count() >= 5, "{html}");
        }
    }

    #[tokio::test]
    async fn it_reads_our_document() {
        let shop = Shop::new();
        let script = shop.ask(get("/swagger/swagger-initializer.js")).await;
        assert!(script.text().contains("\"/openapi.json\""), "{}", script.text());
        assert_eq!(shop.ask(get("/swagger/nothing.js")).await.status, 404);
    }
}
