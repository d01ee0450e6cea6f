//! The client of the payment provider: performs the jobs of payments over real HTTP.
//!
//! [`HttpProvider`] is the adapter behind the engine's [`Performer`](engine::Performer) port, for any provider that
//! speaks [`provider::wire`]. One call per job, within one time limit, over kept-alive connections, with the job's
//! `Idempotency-Key`.
//!
//! It guarantees that what may have happened is never taken for what did not: an answer that does not come, is cut
//! short, cannot be read or is about other money is [`Unknown`](engine::Performed::Unknown), and so is a 404,
//! which never means "not charged". [`classify`] holds these rules, apart from the network.
//!
//! It deliberately does not retry, does not break the circuit and does not decide what an answer means for the
//! order: those are the engine's and the service's.

pub mod classify;
mod http_provider;
mod request;
mod settings;
#[cfg(test)]
mod tests;
mod transport;

pub use http_provider::HttpProvider;
pub use request::Request;
pub use settings::{ClientError, ClientSettings};
