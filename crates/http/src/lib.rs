//! The HTTP API: one file per endpoint, each with its OpenAPI beside it.
//!
//! It turns requests into commands and questions, and answers into JSON or problem details (RFC 9457). Every command is
//! one message, submitted and awaited: no handler writes in steps, so a client that goes away leaves nothing half done.
//!
//! It guarantees a bound on everything: body, time, requests in flight, requests per caller, batches. It deliberately opens no
//! socket and starts no task: that is the wiring's, which hands in the [`Api`] and serves the [`router`].
//!
//! # To add an endpoint
//! See `docs/adding-an-endpoint.md`.

mod api;
mod asyncapi;
mod body;
mod conditional;
mod cursor;
mod edge;
mod endpoints;
mod examples;
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

pub use api::{Api, Check, Limits, PeerOf, ProviderApi, RateLimit, ServiceApi};
pub use live::{Live, Notices};
pub use metrics::Metrics;
pub use router::{openapi, provider_router, router, service_router};
