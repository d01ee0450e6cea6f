//! An inlet whose deliveries a [`Rig`] may double, delay and reorder.

use std::sync::Arc;

use async_trait::async_trait;
use engine::{Delivery, Fault, Inlet};

use super::{Place, Rig};

/// An inlet on which a rig sits.
pub struct RiggedInlet {
    inner: Box<dyn Inlet>,
    place: Place,
    rig: Arc<dyn Rig>,
}

impl RiggedInlet {
    /// Decorates an inlet of the service named `consumer`.
    pub fn new(inner: Box<dyn Inlet>, consumer: &'static str, rig: Arc<dyn Rig>) -> Self {
        let place = (consumer, inner.source());
        Self { inner, place, rig }
    }
}

#[async_trait]
impl Inlet for RiggedInlet {
    fn source(&self) -> &'static str {
        self.inner.source()
    }

    fn consumer_keeps_cursor(&self) -> bool {
        self.inner.consumer_keeps_cursor()
    }

    async fn poll(&mut self, limit: usize) -> Result<Vec<Delivery>, Fault> {
        let polled = self.inner.poll(limit).await?;
        Ok(self.rig.deliver(self.place, polled))
    }

    async fn settle(&mut self) -> Result<(), Fault> {
        self.rig.settled(self.place);
        self.inner.settle().await
    }

    async fn rewind(&mut self) {
        self.rig.rewound(self.place);
        self.inner.rewind().await;
    }
}
