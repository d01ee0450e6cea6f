//! A store that reaches a point before and after each call that [`engine::faults::FaultyStore`] passes through, and on
//! which a [`Rig`] sits. The two together make every call of the port a crash point.

use std::sync::Arc;

use async_trait::async_trait;
use engine::store::{NextDue, Stream};
use engine::{
    Claimed, Cursors, Fault, Key, Loaded, Log, Record, Scheduled, Service, Store, Transaction, Writes,
};
use jiff::Timestamp;

use super::Rig;

/// A store on which a rig sits.
pub struct RiggedStore<S: Service> {
    inner: Arc<dyn Store<S>>,
    rig: Arc<dyn Rig>,
}

impl<S: Service> RiggedStore<S> {
    /// Decorates a store.
    pub fn new(inner: Arc<dyn Store<S>>, rig: Arc<dyn Rig>) -> Self {
        Self { inner, rig }
    }
}

#[async_trait]
impl<S: Service> Store<S> for RiggedStore<S> {
    async fn begin(&self) -> Result<Box<dyn Transaction<S>>, Fault> {
        let inner = self.inner.begin().await?;
        self.rig.at(S::NAME, "begin.after")?;
        Ok(Box::new(RiggedTransaction { inner, rig: Arc::clone(&self.rig) }))
    }

    async fn recover(&self) -> Result<(), Fault> {
        self.rig.at(S::NAME, "recover.before")?;
        self.inner.recover().await?;
        self.rig.at(S::NAME, "recover.after")
    }

    async fn check(&self) -> Result<(), Fault> {
        self.inner.check().await
    }

    async fn forget(&self, now: Timestamp, limit: usize) -> Result<usize, Fault> {
        self.rig.at(S::NAME, "forget.before")?;
        let forgotten = self.inner.forget(now, limit).await?;
        self.rig.at(S::NAME, "forget.after").map(|()| forgotten)
    }
}

#[async_trait]
impl<S: Service> Log for RiggedStore<S> {
    fn partitions(&self) -> u16 {
        self.inner.partitions()
    }

    async fn read(&self, partition: u16, after: u64, limit: usize) -> Result<Vec<(u64, Arc<Record>)>, Fault> {
        self.rig.at(S::NAME, "read.before")?;
        let records = self.inner.read(partition, after, limit).await?;
        self.rig.at(S::NAME, "read.after").map(|()| records)
    }

    async fn head(&self, partition: u16) -> Result<u64, Fault> {
        self.rig.at(S::NAME, "head.before")?;
        self.inner.head(partition).await
    }

    async fn trim(&self, partition: u16, through: u64, limit: usize) -> Result<usize, Fault> {
        self.rig.at(S::NAME, "trim.before")?;
        let trimmed = self.inner.trim(partition, through, limit).await?;
        self.rig.at(S::NAME, "trim.after").map(|()| trimmed)
    }
}

#[async_trait]
impl<S: Service> Cursors for RiggedStore<S> {
    async fn cursors(&self, source: &str) -> Result<Vec<(u16, u64)>, Fault> {
        self.rig.at(S::NAME, "cursors.before")?;
        let cursors = self.inner.cursors(source).await?;
        Ok(self.rig.cursors(S::NAME, cursors))
    }

    async fn streams(&self, keys: &[Key]) -> Result<Vec<(Key, Stream)>, Fault> {
        self.inner.streams(keys).await
    }
}

struct RiggedTransaction<S: Service> {
    inner: Box<dyn Transaction<S>>,
    rig: Arc<dyn Rig>,
}

#[async_trait]
impl<S: Service> Transaction<S> for RiggedTransaction<S> {
    async fn claim(&mut self, ids: &[&str]) -> Result<Vec<Option<Claimed>>, Fault> {
        self.rig.at(S::NAME, "claim.before")?;
        let claimed = self.inner.claim(ids).await?;
        self.rig.at(S::NAME, "claim.after").map(|()| claimed)
    }

    async fn load(&mut self, writes: &[Key], reads: &[Key]) -> Result<Vec<Loaded<S::State>>, Fault> {
        self.rig.at(S::NAME, "load.before")?;
        let loaded = self.inner.load(writes, reads).await?;
        let marks = |loaded: Loaded<S::State>| Loaded {
            stream: loaded.stream.map(|stream| self.rig.marks(S::NAME, stream)),
            ..loaded
        };
        Ok(loaded.into_iter().map(marks).collect())
    }

    async fn rows(&mut self, keys: &[Key]) -> Result<Vec<Scheduled>, Fault> {
        self.rig.at(S::NAME, "rows.before")?;
        let rows = self.inner.rows(keys).await?;
        self.rig.at(S::NAME, "rows.after").map(|()| rows)
    }

    async fn due(&mut self, now: Timestamp, limit: usize) -> Result<Vec<Scheduled>, Fault> {
        self.rig.at(S::NAME, "due.before")?;
        let rows = self.inner.due(now, limit).await?;
        self.rig.at(S::NAME, "due.after")?;
        Ok(self.rig.due(S::NAME, rows))
    }

    async fn next_due(&mut self) -> Result<NextDue, Fault> {
        self.rig.at(S::NAME, "next_due.before")?;
        let next = self.inner.next_due().await?;
        self.rig.at(S::NAME, "next_due.after").map(|()| next)
    }

    async fn write(&mut self, writes: Writes<S::State>) -> Result<(), Fault> {
        self.inner.write(writes).await
    }

    async fn lease(
        &mut self,
        now: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<Scheduled>, Fault> {
        self.rig.at(S::NAME, "lease.before")?;
        let leased = self.inner.lease(now, until, limit).await?;
        self.rig.at(S::NAME, "lease.after").map(|()| leased)
    }

    async fn commit(self: Box<Self>) -> Result<(), Fault> {
        self.inner.commit().await
    }
}
