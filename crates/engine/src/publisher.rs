//! The publisher port: a broker that takes events.

use std::sync::Arc;

use async_trait::async_trait;

use crate::fault::Fault;
use crate::record::Record;

/// A broker that takes events.
///
/// To add an adapter, implement this and [`Inlet`](crate::Inlet) for it, and name both in the conformance suites.
#[async_trait]
pub trait Publisher: Send + Sync {
    /// Hands over records, all of different keys, and waits until the broker has them for good. One result each, in their
    /// order: [`Fault::Rejected`] says that the broker will never take this record as it is, anything else that it is not
    /// known whether it did.
    async fn publish(&self, records: &[Arc<Record>]) -> Vec<Result<(), Fault>>;
}
