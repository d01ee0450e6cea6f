//! The HTTP API: one file per endpoint, each with its OpenAPI beside it.
//!
//! It turns requests into commands and questions, and answers into JSON or problem details (RFC 9457). Every command is
//! one message, submitted and awaited: no handler writes in steps, so a client that goes away leaves nothing half done.
//!
//! It guarantees a bound on everything: body, time, requests in flight, requests per caller, batches. It deliberately opens no
//! socket and starts no task: that is the wiring's, which hands in the [`Api`] and serves the [`router`].
//!
//! # To add an endpoint
//! Write a file in `endpoints` with the handler, its `#[utoipa::path]` and its tests, and name it in `router.rs`. Its
//! limits, metrics, problem bodies and trailing slash come with that.

mod api;
mod body;
mod closing;
mod conditional;
mod cursor;
mod edge;
mod endpoints;
mod idempotency;
mod live;
mod metrics;
mod ops;
mod pages;
mod parameters;
mod path;
mod problem;
mod problems;
mod respond;
mod router;
mod routes;
mod slash;
mod submit;
mod view;

#[cfg(test)]
mod tests;

pub use api::{Api, Check, Limits, Office, PeerOf, ProviderApi, RateLimit, ServiceApi};
pub use closing::Closing;
pub use live::{Live, Notices};
pub use metrics::Metrics;
pub use router::{openapi, provider_router, router, service_router};
