//! The connection to the server: made when it is needed, dropped when something is wrong with it.
//!
//! One that reconnects by itself would hide the moment that counts: behind another connection may be another server, or the
//! same one with an older state. So every connection asks the server for the name of its run.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use engine::Fault;
use futures::FutureExt;
use futures::future::{BoxFuture, Shared};
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, RedisError, RedisResult};
use tokio::runtime::Handle;

/// A connection that is there.
#[derive(Clone)]
pub(crate) struct Connection {
    pub redis: MultiplexedConnection,
    /// The name of the run of the server behind it.
    pub run: Arc<str>,
}

/// Where connections come from.
pub(crate) struct Link {
    client: Client,
    connect_timeout: Duration,
    /// Where connections live. Who asks is on a thread of its own, which may end before the connection.
    runtime: Handle,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// How often it was connected.
    attempts: u64,
    /// The last attempt. None: what came of it is of no use any more.
    connecting: Option<Connecting>,
}

type Connecting = Shared<BoxFuture<'static, Result<Connection, Fault>>>;

impl Link {
    /// A link to the client's server. Connects to nothing yet.
    pub fn new(client: Client, connect_timeout: Duration, runtime: Handle) -> Self {
        Self { client, connect_timeout, runtime, state: Mutex::default() }
    }

    /// The connection, or the attempt to make it, with its number.
    pub fn connection(&self) -> (u64, Connecting) {
        let mut state = self.state();
        let State { attempts, connecting } = &mut *state;
        let connecting = connecting.get_or_insert_with(|| {
            *attempts += 1;
            self.connect()
        });
        (*attempts, connecting.clone())
    }

    /// Drops the connection with this number. The next one who asks makes another.
    pub fn cut(&self, number: u64) {
        let mut state = self.state();
        if state.attempts == number {
            state.connecting = None;
        }
    }

    /// Begins to connect. It goes on when nobody waits for it any more.
    fn connect(&self) -> Connecting {
        let connecting = self.runtime.spawn(connect(self.client.clone(), self.connect_timeout));
        let connected = connecting.map(|connected| match connected {
            Ok(connected) => connected.map_err(|error| fault(&error)),
            Err(ended) => Err(Fault::Unavailable(format!("redis: {ended} while connecting"))),
        });
        connected.boxed().shared()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn connect(client: Client, timeout: Duration) -> RedisResult<Connection> {
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(timeout))
        .set_response_timeout(Some(timeout));
    let mut redis = client.get_multiplexed_async_connection_with_config(&config).await?;
    let server: String = redis::cmd("INFO").arg("server").query_async(&mut redis).await?;
    let run = server.lines().find_map(|line| line.strip_prefix("run_id:")).ok_or_else(no_run)?;
    Ok(Connection { redis, run: Arc::from(run.trim()) })
}

fn no_run() -> RedisError {
    RedisError::from((redis::ErrorKind::Client, "INFO server tells no run_id"))
}

/// What an error of the client means. None of them says anything about the data.
pub(crate) fn fault(error: &RedisError) -> Fault {
    Fault::Unavailable(format!("redis: {error}"))
}
