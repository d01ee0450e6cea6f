//! Routes and their documentation, added together: what is served is described, and nothing else is.

use std::sync::Arc;

use axum::Router;
use axum::http::Method;
use axum::response::IntoResponse;
use axum::routing::{MethodRouter, any};
use utoipa::openapi::path::{Operation, ParameterIn, PathItem, Paths};
use utoipa::openapi::{OpenApi, RefOr};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

use crate::edge::{EdgeLayer, Endpoint, Gate, Keeping};
use crate::examples::illustrate;
use crate::metrics::Metrics;
use crate::problem::Problem;
use crate::problems::{METHOD_NOT_ALLOWED, NOT_FOUND};
use crate::slash::TrailingSlash;

/// The routes of a router, as far as they were added. Each stands behind the edge.
pub(crate) struct Routes {
    router: OpenApiRouter,
    gate: Arc<Gate>,
    metrics: Arc<Metrics>,
    /// Paths that are served and not described: pages.
    #[cfg(test)]
    pub pages: Vec<String>,
}

impl Routes {
    /// No routes; `document` is what stands at the head of their description.
    pub fn new(document: OpenApi, gate: Gate, metrics: Arc<Metrics>) -> Self {
        Self {
            router: OpenApiRouter::with_openapi(document),
            gate: Arc::new(gate),
            metrics,
            #[cfg(test)]
            pages: Vec::new(),
        }
    }

    /// Adds an endpoint.
    #[must_use]
    pub fn add(self, keeping: Keeping, (schemas, mut paths, methods): UtoipaMethodRouter) -> Self {
        paths.paths.values_mut().for_each(illustrate);
        let path = paths.paths.keys().next().cloned().unwrap_or_default();
        let endpoint = self.endpoint(&path, keeping).bare(paths.paths.values().flat_map(bare).collect());
        let methods = behind(endpoint, methods.fallback(method_not_allowed));
        Self { router: self.router.routes((schemas, paths, methods)), ..self }
    }

    /// Adds a page, which the document does not describe.
    #[must_use]
    pub fn page(mut self, path: &str, methods: MethodRouter) -> Self {
        #[cfg(test)]
        self.pages.push(path.to_owned());
        let endpoint = self.endpoint(path, Keeping::Bounded);
        let methods = behind(endpoint, methods.fallback(method_not_allowed));
        self.router = self.router.route(path, methods);
        self
    }

    /// The description so far.
    pub fn document(&self) -> &OpenApi {
        self.router.get_openapi()
    }

    /// The router, which answers every other path with a problem and knows no trailing slashes.
    pub fn finish(self) -> Router {
        let nothing = behind(self.endpoint("unmatched", Keeping::Bounded), any(not_found));
        let (router, _) = self.router.split_for_parts();
        let router = router.fallback_service(nothing);
        Router::new().fallback_service(TrailingSlash(router))
    }

    fn endpoint(&self, path: &str, keeping: Keeping) -> Endpoint {
        Endpoint::new(Arc::clone(&self.gate), self.metrics.endpoint(path), keeping)
    }
}

fn behind(endpoint: Endpoint, methods: MethodRouter) -> MethodRouter {
    methods.layer(EdgeLayer(Arc::new(endpoint)))
}

/// The methods of a path that are described without query parameters.
fn bare(item: &PathItem) -> Vec<Method> {
    let operations = [
        (Method::GET, &item.get),
        (Method::POST, &item.post),
        (Method::PUT, &item.put),
        (Method::DELETE, &item.delete),
    ];
    let is_bare =
        |operation: &Operation| {
            !operation.parameters.iter().flatten().any(
                |parameter| matches!(parameter, RefOr::T(known) if known.parameter_in == ParameterIn::Query),
            )
        };
    let bare = operations.into_iter().filter(|(_, operation)| operation.as_ref().is_some_and(is_bare));
    bare.map(|(method, _)| method).collect()
}

/// The same endpoint under another path. Its operations are told apart by `suffix`.
pub(crate) fn alias<S>(
    path: &str,
    suffix: &str,
    (schemas, paths, methods): UtoipaMethodRouter<S>,
) -> UtoipaMethodRouter<S> {
    let mut aliases = Paths::new();
    for (_, mut item) in paths.paths {
        // Under its own name it is known what it looks like.
        illustrate(&mut item);
        for operation in [&mut item.get, &mut item.post].into_iter().flatten() {
            operation.operation_id = operation.operation_id.take().map(|id| format!("{id}_{suffix}"));
        }
        aliases.paths.insert(path.to_owned(), item);
    }
    (schemas, aliases, methods)
}

async fn not_found() -> impl IntoResponse {
    Problem::new(NOT_FOUND, "there is nothing at this path; /docs shows what there is")
}

async fn method_not_allowed() -> impl IntoResponse {
    Problem::new(
        METHOD_NOT_ALLOWED,
        "this path does not take that method; the Allow header says which it takes",
    )
}
