//! The port's operations, each one script or command.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use cache::{Cache, Entry, Fence, Look, Stamp};
use engine::{Fault, Ids};
use futures::future::BoxFuture;
use redis::RedisResult;
use tokio::runtime::Handle;
use uuid::Uuid;

use crate::link::{Connection, Link, fault};
use crate::scripts::Scripts;
use crate::settings::{OpenError, RedisSettings};

/// Larger entries are not kept: they would hold up all that waits behind them on the connection.
const LARGEST: usize = 256 << 10;
/// Fences live at least so long, that they outlive the commit which they announce.
const SHORTEST_FENCE: Duration = Duration::from_secs(60);
/// So many fences are set at once.
const FENCES: usize = 512;

/// A cache in Redis.
pub struct RedisCache {
    link: Link,
    scripts: Scripts,
    settings: RedisSettings,
    epoch: String,
    ids: Arc<dyn Ids>,
}

impl RedisCache {
    /// The cache at the settings' URL. Connects to nothing yet; the connection lives on `runtime`.
    ///
    /// # Errors
    /// [`OpenError::Url`].
    pub fn open(settings: RedisSettings, runtime: Handle, ids: Arc<dyn Ids>) -> Result<Self, OpenError> {
        let link = Link::new(settings.client()?, settings.connect_timeout, runtime);
        let epoch = format!("{}orders:epoch", settings.prefix);
        Ok(Self { link, scripts: Scripts::new(), settings, epoch, ids })
    }

    fn key(&self, id: Uuid) -> String {
        format!("{}order:{id}", self.settings.prefix)
    }

    /// Does something at the server, within the time limit. What is wrong with a connection once is not tried twice.
    async fn ask<'c, T>(
        &self,
        act: impl FnOnce(Connection) -> BoxFuture<'c, RedisResult<T>>,
    ) -> Result<T, Fault> {
        let (number, connecting) = self.link.connection();
        let mut is_connected = false;
        let asked = tokio::time::timeout(self.settings.timeout, async {
            let connection = connecting.await.inspect_err(|_| self.link.cut(number))?;
            is_connected = true;
            act(connection).await.map_err(|error| fault(&error))
        });
        let answer = asked.await.unwrap_or_else(|_| Err(self.late()));
        if answer.is_err() && is_connected {
            self.link.cut(number);
        }
        answer
    }

    /// Asks the server whether it is there, and nothing else.
    ///
    /// # Errors
    /// [`Fault::Unavailable`].
    pub async fn ping(&self) -> Result<(), Fault> {
        let ping = redis::cmd("PING");
        self.ask(move |mut to| Box::pin(async move { ping.query_async(&mut to.redis).await })).await
    }

    fn late(&self) -> Fault {
        Fault::Unavailable(format!("redis: no answer within {} ms", self.settings.timeout.as_millis()))
    }

    async fn fence_some(&self, fences: &[Fence]) -> Result<(), Fault> {
        let mut call = self.scripts.fence.key(&self.epoch);
        call.arg(millis(self.settings.ttl.max(SHORTEST_FENCE)));
        for fence in fences {
            call.key(self.key(fence.id)).arg(fence.version);
        }
        self.ask(move |mut to| Box::pin(async move { call.invoke_async(&mut to.redis).await })).await
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX).max(1)
}

#[async_trait]
impl Cache for RedisCache {
    async fn get(&self, id: Uuid) -> Result<Look, Fault> {
        let mut call = self.scripts.get.key(&self.epoch);
        call.key(self.key(id));
        let fresh = self.ids.next();
        let asked = self.ask(move |mut to| {
            call.arg(&*to.run).arg(format!("{}:{fresh}", to.run));
            Box::pin(async move { call.invoke_async(&mut to.redis).await })
        });
        let (epoch, fences, body): (String, u64, Option<String>) = asked.await?;
        let entry = body.as_deref().and_then(Entry::decode);
        let miss = || Look::Miss(Stamp { epoch: epoch.into(), fences });
        Ok(entry.map_or_else(miss, |entry| Look::Hit(Box::new(entry))))
    }

    async fn put(&self, stamp: &Stamp, entry: &Entry) -> Result<(), Fault> {
        let Some(body) = entry.encode().filter(|body| body.len() <= LARGEST) else { return Ok(()) };
        let mut call = self.scripts.put.key(&self.epoch);
        call.key(self.key(entry.order.id)).arg(&*stamp.epoch).arg(stamp.fences);
        call.arg(entry.order.version).arg(body).arg(millis(self.settings.ttl));
        self.ask(move |mut to| Box::pin(async move { call.invoke_async(&mut to.redis).await })).await
    }

    async fn fence(&self, fences: &[Fence]) -> Result<(), Fault> {
        for some in fences.chunks(FENCES) {
            self.fence_some(some).await?;
        }
        Ok(())
    }

    async fn void(&self) -> Result<(), Fault> {
        let mut forget = redis::cmd("DEL");
        forget.arg(&self.epoch);
        self.ask(move |mut to| Box::pin(async move { forget.query_async(&mut to.redis).await })).await
    }
}
