//! A performer whose jobs a [`Rig`] may have done twice, not at all, or answered late.

use std::sync::Arc;

use async_trait::async_trait;
use engine::{Job, Performed, Performer};

use super::{Manner, Rig};

/// A performer on which a rig sits.
pub struct RiggedPerformer {
    inner: Arc<dyn Performer>,
    service: &'static str,
    rig: Arc<dyn Rig>,
}

impl RiggedPerformer {
    /// Decorates the performer of the service named `service`.
    pub fn new(inner: Arc<dyn Performer>, service: &'static str, rig: Arc<dyn Rig>) -> Self {
        Self { inner, service, rig }
    }
}

#[async_trait]
impl Performer for RiggedPerformer {
    async fn perform(&self, job: &Job) -> Performed {
        match self.rig.perform(self.service, job) {
            Manner::Once => self.inner.perform(job).await,
            Manner::Twice => {
                self.inner.perform(job).await;
                self.inner.perform(job).await
            }
            Manner::Instead(performed) => performed,
            Manner::Withheld(gate) => {
                let performed = self.inner.perform(job).await;
                gate.opened().await;
                performed
            }
        }
    }
}
