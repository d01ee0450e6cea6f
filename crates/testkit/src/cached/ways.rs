//! What can be done to the cache port.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use cache::{Cache, Entry, Fence, Look, Stamp};
use engine::Fault;
use tokio::task::yield_now;
use uuid::Uuid;

use crate::simulation::Chance;

/// At most so often a call of [`Halting`] lets others go first, before it and behind it.
const LONGEST_HALT: u64 = 16;

/// A way to the cache that takes its time, by chance, before and after the cache has heard.
pub struct Halting {
    inner: Arc<dyn Cache>,
    chance: Mutex<Chance>,
}

impl Halting {
    /// A way to this cache.
    pub fn new(inner: Arc<dyn Cache>, chance: Chance) -> Self {
        Self { inner, chance: Mutex::new(chance) }
    }

    async fn halt(&self) {
        let halts = self.chance.lock().unwrap().below(LONGEST_HALT + 1);
        for _ in 0..halts {
            yield_now().await;
        }
    }

    async fn pass<T>(&self, call: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
        self.halt().await;
        let done = call.await;
        self.halt().await;
        done
    }
}

#[async_trait]
impl Cache for Halting {
    async fn get(&self, id: Uuid) -> Result<Look, Fault> {
        self.pass(self.inner.get(id)).await
    }

    async fn put(&self, stamp: &Stamp, entry: &Entry) -> Result<(), Fault> {
        self.pass(self.inner.put(stamp, entry)).await
    }

    async fn fence(&self, fences: &[Fence]) -> Result<(), Fault> {
        self.pass(self.inner.fence(fences)).await
    }

    async fn void(&self) -> Result<(), Fault> {
        self.pass(self.inner.void()).await
    }
}

/// The way of one instance to its cache: it fails by chance, before or after the cache has heard.
pub struct Unreliable {
    inner: Arc<dyn Cache>,
    chance: Mutex<Chance>,
    /// How often it fails, in parts per million.
    rate: Mutex<u64>,
}

impl Unreliable {
    /// A way that fails never, as yet.
    pub fn new(inner: Arc<dyn Cache>, chance: Chance) -> Self {
        Self { inner, chance: Mutex::new(chance), rate: Mutex::new(0) }
    }

    /// From now on it fails so often, in parts per million.
    pub fn fail(&self, rate: u64) {
        *self.rate.lock().unwrap() = rate;
    }

    fn strike(&self) -> Result<(), Fault> {
        let rate = *self.rate.lock().unwrap();
        match self.chance.lock().unwrap().strikes(rate) {
            true => Err(Fault::Unavailable("the way is broken".to_owned())),
            false => Ok(()),
        }
    }

    async fn pass<T>(&self, call: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
        self.strike()?;
        let done = call.await;
        self.strike()?;
        done
    }
}

#[async_trait]
impl Cache for Unreliable {
    async fn get(&self, id: Uuid) -> Result<Look, Fault> {
        self.pass(self.inner.get(id)).await
    }

    async fn put(&self, stamp: &Stamp, entry: &Entry) -> Result<(), Fault> {
        self.pass(self.inner.put(stamp, entry)).await
    }

    async fn fence(&self, fences: &[Fence]) -> Result<(), Fault> {
        self.pass(self.inner.fence(fences)).await
    }

    async fn void(&self) -> Result<(), Fault> {
        self.pass(self.inner.void()).await
    }
}
