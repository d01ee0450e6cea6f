//! The worker as a step beside the others: one that always ends.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

use async_trait::async_trait;
use engine::effects::Worker;
use engine::{Fault, Progress, Service, Step};
use tokio::sync::RwLock;

/// Read by whoever asks the world something, as long as it takes.
pub(super) type Asking = Arc<RwLock<()>>;

/// The worker as a step that ends: what is said to the world is waited for, an answer that is kept back on its way is not.
pub(super) struct Patient<S: Service> {
    worker: Worker<S>,
    asking: Asking,
}

impl<S: Service> Patient<S> {
    pub fn new(worker: Worker<S>, asking: Asking) -> Self {
        Self { worker, asking }
    }

    fn is_asking(&self) -> bool {
        self.asking.try_write().is_err()
    }

    /// Moves once, unless all that is left is kept back.
    async fn turn(&mut self) -> Result<Progress, Fault> {
        let mut step = self.worker.step();
        let turn = poll_fn(|context| match step.as_mut().poll(context) {
            Poll::Pending if self.asking.try_write().is_ok() => Poll::Ready(Ok(Progress::Idle(None))),
            polled => polled,
        });
        turn.await
    }
}

#[async_trait]
impl<S: Service> Step for Patient<S> {
    fn name(&self) -> &str {
        self.worker.name()
    }

    /// Whoever asks has the provider's applier meanwhile, so nobody is left asking.
    async fn step(&mut self) -> Result<Progress, Fault> {
        let mut progress = self.turn().await?;
        while self.is_asking() {
            if self.turn().await? == Progress::Worked {
                progress = Progress::Worked;
            }
        }
        Ok(progress)
    }

    async fn wait(&mut self) {
        self.worker.wait().await;
    }
}
