//! The OpenAPI document: what it says, and that it says everything.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Shop;
use super::provider::Bank;
use crate::router::{provider_routes, service_routes, shop_routes};
use crate::routes::Routes;

const METHODS: [&str; 5] = ["get", "put", "post", "delete", "patch"];

/// Paths that are pages for people and not described.
const PAGES: [&str; 8] = [
    "/asyncapi.json",
    "/docs/events",
    "/openapi.json",
    "/docs",
    "/swagger",
    "/swagger/{*file}",
    "/redoc",
    "/redoc/redoc.standalone.js",
];

pub(super) fn document(routes: &Routes) -> Value {
    serde_json::to_value(routes.document()).unwrap()
}

/// Every operation with its path and method.
pub(super) fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in METHODS {
            if let Some(operation) = item.get(method) {
                operations.push((path.clone(), method.to_owned(), operation.clone()));
            }
        }
    }
    operations
}

/// What the processes serve.
fn all() -> [Routes; 3] {
    let shop = Shop::new();
    let services = service_routes(shop.of_services());
    [shop_routes(shop.api), provider_routes(Bank::new().api), services]
}

#[test]
fn the_documents_are_as_they_were_agreed_on() {
    let shop = shop_routes(Shop::new().api);
    insta::assert_snapshot!("openapi_shop", shop.document().to_pretty_json().unwrap());
    let bank = provider_routes(Bank::new().api);
    insta::assert_snapshot!("openapi_provider", bank.document().to_pretty_json().unwrap());
}

#[test]
fn every_operation_has_an_id_of_its_own_a_tag_and_a_summary() {
    for routes in all() {
        let document = document(&routes);
        let operations = operations(&document);
        let ids: BTreeSet<_> =
            operations.iter().map(|(.., operation)| operation["operationId"].to_string()).collect();
        assert_eq!(ids.len(), operations.len());
        for (path, method, operation) in operations {
            let is_told = operation["tags"].is_array() && operation["summary"].is_string();
            assert!(is_told, "{method} {path}: {operation}");
        }
    }
}

#[test]
fn every_route_is_described_but_for_pages() {
    for routes in all() {
        // Endpoints and their description are added by one call; only pages are added without one.
        assert_eq!(routes.pages, PAGES);
    }
}

#[tokio::test]
async fn every_described_operation_is_served() {
    let shop = Shop::new();
    let document = document(&shop_routes(shop.api.clone()));
    for (path, method, _) in operations(&document) {
        let path = path.replace("{id}", "x").replace("{order_uid}", "x").replace("{order_id}", "x");
        let request = axum::http::Request::builder().method(method.to_uppercase().as_str()).uri(&path);
        let response = shop.ask(request.body(axum::body::Body::empty()).unwrap()).await;
        let is_unknown = response.status == 404 && response.text().contains("nothing at this path");
        assert!(response.status != 405 && !is_unknown, "{method} {path}: {}", response.text());
    }
}

#[test]
fn every_reference_leads_somewhere() {
    for routes in all() {
        let document = document(&routes);
        let text = document.to_string();
        let references = text.split("\"$ref\":\"#").skip(1).map(|rest| rest.split('"').next().unwrap());
        for reference in references {
            assert!(document.pointer(reference).is_some(), "{reference}");
        }
    }
}
