//! A service's database: its connections, and statements on them.
//!
//! Statements name tables as `@orders`: the `@` stands for the service's schema.

use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Runtime};
use engine::{Fault, Signal};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Config, Error, Row, Statement};

use crate::bell::Bell;
use crate::connector::Connector;
use crate::fault::{fault, reason};
use crate::name::quoted;
use crate::open_error::OpenError;

/// A parameter of a statement, with its type.
pub type Value<'v> = (&'v (dyn ToSql + Sync), Type);

/// Transactions find all their rows by key. Told so, PostgreSQL keeps no plan from when a table was nearly empty, and reads
/// none of it whole until the next look at its statistics.
const BY_INDEX: &str = "SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; \
    SET LOCAL jit = off";

/// How a service's database is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DatabaseSettings {
    /// Connections at most.
    pub connections: usize,
    /// Whether statements are prepared once per connection. Behind a proxy that pools by transaction and does not follow
    /// prepared statements they must not be; each is parsed anew then.
    pub prepared_statements: bool,
    /// How long it may take to get a connection.
    pub connect_timeout: Duration,
    /// How long a transaction waits for a lock, and for its next statement, before the server ends it. A server that
    /// leaves a statement without an answer three times as long is taken for gone; migrations may take their time.
    pub lock_timeout: Duration,
    /// Partitions of the log of a new schema; an old one keeps its own.
    pub partitions: u16,
    /// Whether processes that share the schema wake each other. Needs connections that are not pooled by transaction.
    pub bell: bool,
}

impl Default for DatabaseSettings {
    fn default() -> Self {
        Self {
            connections: 6,
            prepared_statements: true,
            connect_timeout: Duration::from_secs(5),
            lock_timeout: Duration::from_secs(10),
            partitions: 8,
            bell: false,
        }
    }
}

impl DatabaseSettings {
    /// How long a server may be silent.
    fn silence(&self) -> Duration {
        self.lock_timeout * 3
    }
}

/// A service's schema in a database.
#[derive(Clone)]
pub struct Database {
    pool: Pool,
    schema: String,
    settings: DatabaseSettings,
    begin: String,
    config: Arc<Config>,
    runtime: Handle,
    bell: Arc<Bell>,
}

impl Database {
    /// The schema at `url`. Connects to nothing yet; connections live on `runtime`.
    ///
    /// # Errors
    /// [`OpenError::Url`].
    pub fn new(
        url: &str,
        schema: &str,
        settings: DatabaseSettings,
        runtime: Handle,
    ) -> Result<Self, OpenError> {
        let config = url.parse().map_err(|error| OpenError::Url(reason(&error)))?;
        Self::with(config, schema, settings, runtime)
    }

    /// The same database, signed in to as somebody else.
    pub(crate) fn signed_in_as(&self, user: &str, password: &str) -> Result<Self, OpenError> {
        let mut config = Config::clone(&self.config);
        config.user(user).password(password);
        Self::with(config, &self.schema, self.settings, self.runtime.clone())
    }

    fn with(
        mut config: Config,
        schema: &str,
        settings: DatabaseSettings,
        runtime: Handle,
    ) -> Result<Self, OpenError> {
        config.application_name(format!("ordo {schema}"));
        config.connect_timeout(settings.connect_timeout);
        config.tcp_user_timeout(settings.silence());
        config.keepalives_idle(settings.lock_timeout);
        let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = Manager::from_connect(config.clone(), Connector::new(runtime.clone()), recycling);
        let pool = Pool::builder(manager)
            .max_size(settings.connections.max(2))
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(settings.connect_timeout))
            .create_timeout(Some(settings.connect_timeout))
            .build()
            .map_err(|error| OpenError::Url(error.to_string()))?;
        let ms = settings.lock_timeout.as_millis();
        let begin = format!(
            "BEGIN; SET LOCAL lock_timeout = {ms}; SET LOCAL idle_in_transaction_session_timeout = {ms}; {BY_INDEX}"
        );
        let (config, bell) = (Arc::new(config), Arc::new(Bell::new(schema)));
        Ok(Self { pool, schema: schema.to_owned(), settings, begin, config, runtime, bell })
    }

    /// What is said to other processes behind a transaction that published or scheduled something. None: nothing.
    pub(crate) fn ring(&self, published: bool, scheduled: bool) -> Option<String> {
        let is_on = self.settings.bell;
        Some(self.bell.ring(is_on && published, is_on && scheduled)).filter(|ring| !ring.is_empty())
    }

    /// Raises the signals whenever another process has published or scheduled something, until aborted.
    pub(crate) fn listen(&self, published: Vec<Signal>, scheduled: Signal) -> Option<JoinHandle<()>> {
        let (bell, config) = (Arc::clone(&self.bell), Arc::clone(&self.config));
        let listen = || bell.listen(config, &self.runtime, published, scheduled);
        self.settings.bell.then(listen)
    }

    /// A connection.
    ///
    /// # Errors
    /// [`Fault::Unavailable`].
    pub async fn session(&self) -> Result<Session, Fault> {
        let client = self.pool.get().await.map_err(|error| match error {
            PoolError::Backend(error) => fault(error),
            other => Fault::Unavailable(format!("no connection to the database: {other}")),
        })?;
        let prefix = format!("{}.", quoted(&self.schema));
        let (prepared, limit) = (self.settings.prepared_statements, Some(self.settings.silence()));
        Ok(Session { client: Some(client), prefix, prepared, limit, is_late: AtomicBool::new(false) })
    }

    /// A connection in a transaction.
    pub(crate) async fn transaction(&self) -> Result<Session, Fault> {
        let session = self.session().await?;
        session.batch(&self.begin).await?;
        Ok(session)
    }

    /// A transaction that begins with these statements, and takes its connection with it unless it is committed.
    pub(crate) async fn guarded(&self, begin: &str) -> Result<Guarded, Fault> {
        let guarded = Guarded(Some(self.session().await?));
        guarded.batch(begin).await?;
        Ok(guarded)
    }

    /// The same, whose statements may take as long as they need.
    pub(crate) async fn unhurried(&self, begin: &str) -> Result<Guarded, Fault> {
        let mut session = self.session().await?;
        session.limit = None;
        let guarded = Guarded(Some(session));
        guarded.batch(begin).await?;
        Ok(guarded)
    }

    /// How a transaction begins.
    pub(crate) fn begin(&self) -> &str {
        &self.begin
    }

    pub(crate) fn schema(&self) -> &str {
        &self.schema
    }

    /// Who signs in, and how.
    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    pub(crate) const fn settings(&self) -> &DatabaseSettings {
        &self.settings
    }
}

/// A transaction that was not committed yet. Dropped before, it takes its connection with it, and with that all that it did.
pub(crate) struct Guarded(Option<Session>);

impl Guarded {
    /// Makes it durable.
    pub async fn commit(mut self) -> Result<(), Fault> {
        let Some(session) = self.0.take() else { return Ok(()) };
        let committed = session.batch("COMMIT").await;
        if committed.is_err() {
            session.discard();
        }
        committed
    }
}

impl Deref for Guarded {
    type Target = Session;

    fn deref(&self) -> &Session {
        self.0.as_ref().unwrap_or_else(|| unreachable!("only commit takes the connection, and itself"))
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        if let Some(session) = self.0.take() {
            session.discard();
        }
    }
}

/// A connection. Statements that are polled together are pipelined: one round trip, in the order of their first poll.
pub struct Session {
    /// None behind the end.
    client: Option<Object>,
    prefix: String,
    prepared: bool,
    /// How long the server may take for an answer.
    limit: Option<Duration>,
    /// An answer is overdue: whatever is said next would wait behind it.
    is_late: AtomicBool,
}

impl Session {
    /// The rows of a statement.
    ///
    /// # Errors
    /// What PostgreSQL's error means to the engine.
    pub async fn query(&self, sql: &str, values: &[Value<'_>]) -> Result<Vec<Row>, Fault> {
        let sql = self.qualified(sql);
        match self.prepared(&sql, values).await? {
            Some(statement) => self.answered(self.client().query(&statement, &plain(values))).await,
            None => self.answered(self.client().query_typed(&sql, values)).await,
        }
    }

    /// How many rows a statement changed.
    ///
    /// # Errors
    /// What PostgreSQL's error means to the engine.
    pub async fn execute(&self, sql: &str, values: &[Value<'_>]) -> Result<u64, Fault> {
        let sql = self.qualified(sql);
        match self.prepared(&sql, values).await? {
            Some(statement) => self.answered(self.client().execute(&statement, &plain(values))).await,
            None => self.answered(self.client().execute_typed(&sql, values)).await,
        }
    }

    async fn prepared(&self, sql: &str, values: &[Value<'_>]) -> Result<Option<Statement>, Fault> {
        if !self.prepared {
            return Ok(None);
        }
        let types: Vec<Type> = values.iter().map(|(_, kind)| kind.clone()).collect();
        self.answered(self.client().prepare_typed_cached(sql, &types)).await.map(Some)
    }

    /// Statements without parameters.
    pub(crate) async fn batch(&self, sql: &str) -> Result<(), Fault> {
        self.answered(self.client().batch_execute(sql)).await
    }

    /// What the server answers, if it does so in time.
    async fn answered<T>(&self, asked: impl Future<Output = Result<T, Error>>) -> Result<T, Fault> {
        let Some(limit) = self.limit else { return asked.await.map_err(fault) };
        match timeout(limit, asked).await {
            Ok(answer) => answer.map_err(fault),
            Err(_) => {
                self.is_late.store(true, Ordering::Relaxed);
                Err(Fault::Unavailable(format!("the database did not answer within {limit:?}")))
            }
        }
    }

    fn client(&self) -> &Object {
        self.client.as_ref().unwrap_or_else(|| unreachable!("only the end takes the connection"))
    }

    /// Ends the connection, and with it the transaction it may be in.
    pub(crate) fn discard(mut self) {
        drop(self.client.take().map(Object::take));
    }

    fn qualified(&self, sql: &str) -> String {
        qualified(sql, &self.prefix)
    }
}

impl Drop for Session {
    /// A connection with an overdue answer is of no use to anybody.
    fn drop(&mut self) {
        if self.is_late.load(Ordering::Relaxed) {
            drop(self.client.take().map(Object::take));
        }
    }
}

/// The statement with the prefix before its tables. The operator `@>` is none of them.
fn qualified(sql: &str, prefix: &str) -> String {
    let mut parts = sql.split('@');
    let mut qualified = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        qualified += if part.starts_with('>') { "@" } else { prefix };
        qualified += part;
    }
    qualified
}

fn plain<'v>(values: &[Value<'v>]) -> Vec<&'v (dyn ToSql + Sync)> {
    values.iter().map(|(value, _)| *value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_prefixed_and_operators_are_not() {
        let sql = "SELECT * FROM @a JOIN @b WHERE x @> $1";
        assert_eq!(qualified(sql, "\"s\"."), "SELECT * FROM \"s\".a JOIN \"s\".b WHERE x @> $1");
        assert_eq!(qualified("SELECT 1", "s."), "SELECT 1");
    }
}
