//! Fault injection: decorators of the ports that reach a named point before and after every call. The kill test, the
//! fault matrix and the simulation decide there what happens; in production nothing is decorated.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;

use crate::claim::Claimed;
use crate::fault::Fault;
use crate::inlet::{Delivery, Inlet};
use crate::job::{Job, Performed, Performer};
use crate::key::Key;
use crate::record::Record;
use crate::schedule::Scheduled;
use crate::service::Service;
use crate::signal::Signal;
use crate::store::{Cursors, Loaded, Log, NextDue, Store, Stream, Transaction, Writes};

/// The named points, in the order in which a batch reaches them. All of them are reached by every service, those of
/// the worker only by services with effects.
pub const POINTS: &[&str] = &[
    "poll.before",
    "poll.after",
    "begin.before",
    "load.after",
    "write.before",
    "write.after",
    "commit.before",
    "commit.after",
    "settle.before",
    "settle.after",
    "perform.before",
    "perform.after",
];

/// Decides what happens at a point.
pub trait Faults: Send + Sync {
    /// Called whenever `point` is reached in the service named `service`.
    ///
    /// # Errors
    /// The fault that is to happen here.
    fn at(&self, service: &'static str, point: &'static str) -> Result<(), Fault>;
}

/// A store whose transactions reach points.
pub struct FaultyStore<S: Service> {
    inner: Arc<dyn Store<S>>,
    faults: Arc<dyn Faults>,
}

impl<S: Service> FaultyStore<S> {
    /// Decorates a store.
    pub fn new(inner: Arc<dyn Store<S>>, faults: Arc<dyn Faults>) -> Self {
        Self { inner, faults }
    }
}

#[async_trait]
impl<S: Service> Store<S> for FaultyStore<S> {
    async fn begin(&self) -> Result<Box<dyn Transaction<S>>, Fault> {
        self.faults.at(S::NAME, "begin.before")?;
        let inner = self.inner.begin().await?;
        Ok(Box::new(FaultyTransaction { inner, faults: Arc::clone(&self.faults) }))
    }

    async fn recover(&self) -> Result<(), Fault> {
        self.inner.recover().await
    }

    async fn check(&self) -> Result<(), Fault> {
        self.inner.check().await
    }

    async fn forget(&self, now: Timestamp, limit: usize) -> Result<usize, Fault> {
        self.inner.forget(now, limit).await
    }

    fn listen(&self, published: Vec<Signal>, scheduled: Signal) {
        self.inner.listen(published, scheduled);
    }
}

#[async_trait]
impl<S: Service> Log for FaultyStore<S> {
    fn partitions(&self) -> u16 {
        self.inner.partitions()
    }

    async fn read(&self, partition: u16, after: u64, limit: usize) -> Result<Vec<(u64, Arc<Record>)>, Fault> {
        self.inner.read(partition, after, limit).await
    }

    async fn head(&self, partition: u16) -> Result<u64, Fault> {
        self.inner.head(partition).await
    }

    async fn trim(&self, partition: u16, through: u64, limit: usize) -> Result<usize, Fault> {
        self.inner.trim(partition, through, limit).await
    }
}

#[async_trait]
impl<S: Service> Cursors for FaultyStore<S> {
    async fn cursors(&self, source: &str) -> Result<Vec<(u16, u64)>, Fault> {
        self.inner.cursors(source).await
    }

    async fn streams(&self, keys: &[Key]) -> Result<Vec<(Key, Stream)>, Fault> {
        self.inner.streams(keys).await
    }
}

struct FaultyTransaction<S: Service> {
    inner: Box<dyn Transaction<S>>,
    faults: Arc<dyn Faults>,
}

#[async_trait]
impl<S: Service> Transaction<S> for FaultyTransaction<S> {
    async fn claim(&mut self, ids: &[&str]) -> Result<Vec<Option<Claimed>>, Fault> {
        self.inner.claim(ids).await
    }

    async fn load(&mut self, writes: &[Key], reads: &[Key]) -> Result<Vec<Loaded<S::State>>, Fault> {
        let loaded = self.inner.load(writes, reads).await?;
        self.faults.at(S::NAME, "load.after")?;
        Ok(loaded)
    }

    async fn rows(&mut self, keys: &[Key]) -> Result<Vec<Scheduled>, Fault> {
        self.inner.rows(keys).await
    }

    async fn due(&mut self, now: Timestamp, limit: usize) -> Result<Vec<Scheduled>, Fault> {
        self.inner.due(now, limit).await
    }

    async fn next_due(&mut self) -> Result<NextDue, Fault> {
        self.inner.next_due().await
    }

    async fn write(&mut self, writes: Writes<S::State>) -> Result<(), Fault> {
        self.faults.at(S::NAME, "write.before")?;
        self.inner.write(writes).await?;
        self.faults.at(S::NAME, "write.after")
    }

    async fn lease(
        &mut self,
        now: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<Scheduled>, Fault> {
        self.inner.lease(now, until, limit).await
    }

    async fn commit(self: Box<Self>) -> Result<(), Fault> {
        self.faults.at(S::NAME, "commit.before")?;
        self.inner.commit().await?;
        self.faults.at(S::NAME, "commit.after")
    }
}

/// An inlet that reaches points.
pub struct FaultyInlet {
    inner: Box<dyn Inlet>,
    consumer: &'static str,
    faults: Arc<dyn Faults>,
}

impl FaultyInlet {
    /// Decorates an inlet of the service named `consumer`.
    pub fn new(inner: Box<dyn Inlet>, consumer: &'static str, faults: Arc<dyn Faults>) -> Self {
        Self { inner, consumer, faults }
    }
}

#[async_trait]
impl Inlet for FaultyInlet {
    fn source(&self) -> &'static str {
        self.inner.source()
    }

    fn consumer_keeps_cursor(&self) -> bool {
        self.inner.consumer_keeps_cursor()
    }

    async fn poll(&mut self, limit: usize) -> Result<Vec<Delivery>, Fault> {
        self.faults.at(self.consumer, "poll.before")?;
        let deliveries = self.inner.poll(limit).await?;
        self.faults.at(self.consumer, "poll.after")?;
        Ok(deliveries)
    }

    async fn settle(&mut self) -> Result<(), Fault> {
        self.faults.at(self.consumer, "settle.before")?;
        self.inner.settle().await?;
        self.faults.at(self.consumer, "settle.after")
    }

    async fn rewind(&mut self) {
        self.inner.rewind().await;
    }
}

/// A performer that reaches points.
pub struct FaultyPerformer {
    inner: Arc<dyn Performer>,
    service: &'static str,
    faults: Arc<dyn Faults>,
}

impl FaultyPerformer {
    /// Decorates the performer of the service named `service`.
    pub fn new(inner: Arc<dyn Performer>, service: &'static str, faults: Arc<dyn Faults>) -> Self {
        Self { inner, service, faults }
    }
}

#[async_trait]
impl Performer for FaultyPerformer {
    async fn perform(&self, job: &Job) -> Performed {
        if let Err(fault) = self.faults.at(self.service, "perform.before") {
            return Performed::Unavailable(fault.to_string());
        }
        let performed = self.inner.perform(job).await;
        match self.faults.at(self.service, "perform.after") {
            Ok(()) => performed,
            Err(fault) => Performed::Unknown(fault.to_string()),
        }
    }
}
