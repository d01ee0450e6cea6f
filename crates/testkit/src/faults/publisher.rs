//! A publisher that reaches a point before and after a broker has taken something.

use std::sync::Arc;

use async_trait::async_trait;
use engine::{Fault, Publisher, Record};

use super::Rig;

/// A publisher on which a rig sits.
pub struct RiggedPublisher {
    inner: Arc<dyn Publisher>,
    service: &'static str,
    rig: Arc<dyn Rig>,
}

impl RiggedPublisher {
    /// Decorates the publisher of the service named `service`.
    pub fn new(inner: Arc<dyn Publisher>, service: &'static str, rig: Arc<dyn Rig>) -> Self {
        Self { inner, service, rig }
    }
}

#[async_trait]
impl Publisher for RiggedPublisher {
    /// Behind a fault nobody knows what the broker has.
    async fn publish(&self, records: &[Arc<Record>]) -> Vec<Result<(), Fault>> {
        if let Err(fault) = self.rig.at(self.service, "publish.before") {
            return vec![Err(fault); records.len()];
        }
        let results = self.inner.publish(records).await;
        match self.rig.at(self.service, "publish.after") {
            Ok(()) => results,
            Err(fault) => vec![Err(fault); records.len()],
        }
    }
}
