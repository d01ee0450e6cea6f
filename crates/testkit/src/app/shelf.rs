//! What a test looks at in a service's database that no port tells.

use async_trait::async_trait;
use engine::{DeadLetter, DeadLetterState, Fault, Service};
use store_postgres::PostgresStore;
use store_sqlite::SqliteStore;

/// What no port tells of a service's database.
#[async_trait]
pub trait Shelf: Send + Sync {
    /// The dead letters in this state, the newest first.
    async fn letters(&self, state: DeadLetterState) -> Result<Vec<DeadLetter>, Fault>;

    /// The events that are set aside with nothing dead before them: their keys, as they are stored, and their names.
    async fn stranded(&self) -> Result<Vec<(String, String)>, Fault>;
}

#[async_trait]
impl<S: Service> Shelf for SqliteStore<S> {
    async fn letters(&self, state: DeadLetterState) -> Result<Vec<DeadLetter>, Fault> {
        self.dead_letters(state, usize::MAX)
    }

    async fn stranded(&self) -> Result<Vec<(String, String)>, Fault> {
        self.query(|conn| {
            let mut statement = conn.prepare(&stranded("hex(held.key)", "scheduled"))?;
            statement.query_map((), |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
        })
    }
}

#[async_trait]
impl<S: Service> Shelf for PostgresStore<S> {
    async fn letters(&self, state: DeadLetterState) -> Result<Vec<DeadLetter>, Fault> {
        self.dead_letters(state, usize::MAX).await
    }

    async fn stranded(&self) -> Result<Vec<(String, String)>, Fault> {
        let rows = self.session().await?.query(&stranded("held.key", "@scheduled"), &[]).await?;
        Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
    }
}

/// The statement, with a key as text and the schedule's table as the dialect has them.
fn stranded(key: &str, scheduled: &str) -> String {
    format!(
        "SELECT {key}, held.name FROM {scheduled} AS held WHERE held.kind = 'held' AND held.standing <> 'dead'
        AND NOT EXISTS (SELECT 1 FROM {scheduled} AS dead
            WHERE dead.key = held.key AND dead.kind = 'held' AND dead.standing = 'dead')"
    )
}
