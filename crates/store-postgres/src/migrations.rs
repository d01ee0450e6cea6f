//! Migrations: how a schema gets its tables, and how it gets from one version to the next. Each runs in a transaction of
//! its own and is written down with the checksum of its text. A lock of the database lets one process migrate a schema at
//! a time.

use engine::{Fault, Service};
use sha2::{Digest, Sha256};
use tokio_postgres::types::Type;

use crate::columns::column;
use crate::migration;
use crate::migration::Migration;
use crate::name::quoted;
use crate::open_error::OpenError;
use crate::session::{Database, Guarded, Session};
use crate::tables::Tables;

/// The engine's tables, which are in every schema.
const ENGINE: &[Migration] =
    &[migration!("engine/0001_engine"), migration!("engine/0002_outbox"), migration!("engine/0003_steps")];

/// Lets one at a time change the schema of this name, until the transaction ends.
pub(crate) const LOCK: &str = "SELECT pg_advisory_xact_lock(hashtext('ordo migrations'), hashtext($1))";

/// A migration and whether the schema has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    /// The migration.
    pub name: &'static str,
    /// Whether it is applied.
    pub applied: bool,
}

/// The migrations of one schema, the engine's first.
pub struct Migrations {
    service: &'static str,
    database: Database,
    known: Vec<Migration>,
}

impl Migrations {
    /// The migrations of a service in its database. Connects to nothing yet.
    pub fn new<S: Service>(database: &Database, tables: &dyn Tables<S>) -> Self {
        let known = ENGINE.iter().chain(tables.migrations()).copied().collect();
        Self { service: S::NAME, database: database.clone(), known }
    }

    /// Applies what the schema has not, also while others try. Answers their names. Where nothing is missing it only reads.
    ///
    /// # Errors
    /// [`OpenError`]; the migrations before a failed one stay applied.
    pub async fn up(&self) -> Result<Vec<&'static str>, OpenError> {
        let mut done = Vec::new();
        while let Some(migration) = self.next().await? {
            self.check_may_change(migration.name).await?;
            let session = self.begin().await?;
            // Another process may have been first.
            let Some(migration) = self.missing(&self.applied(&session).await?) else { break };
            self.run(session, migration, migration.up, true).await?;
            done.push(migration.name);
        }
        Ok(done)
    }

    /// Undoes the last one. Answers its name, or None if there is nothing to undo.
    ///
    /// # Errors
    /// [`OpenError`]; nothing was changed.
    pub async fn down(&self) -> Result<Option<&'static str>, OpenError> {
        let session = self.begin().await?;
        let applied = self.applied(&session).await?;
        let last = applied.last().and_then(|last| self.known.iter().find(|known| known.name == last));
        let Some(migration) = last else { return Ok(None) };
        self.run(session, migration, migration.down, false).await?;
        Ok(Some(migration.name))
    }

    /// All migrations this program knows, and which of them the schema has. Changes nothing.
    ///
    /// # Errors
    /// [`OpenError`] if the database cannot be asked.
    pub async fn status(&self) -> Result<Vec<Status>, OpenError> {
        let applied = self.applied(&self.session().await?).await?;
        let has = |known: &Migration| applied.iter().any(|name| name == known.name);
        Ok(self.known.iter().map(|known| Status { name: known.name, applied: has(known) }).collect())
    }

    async fn session(&self) -> Result<Session, OpenError> {
        self.database.session().await.map_err(|fault| self.unavailable(fault))
    }

    /// A transaction with the schema as search path, which nobody else has at the same time.
    async fn begin(&self) -> Result<Guarded, OpenError> {
        let schema = self.database.schema();
        let begin = async {
            let session = self.database.unhurried("BEGIN; SET LOCAL client_min_messages = warning").await?;
            session.execute(LOCK, &[(&schema, Type::TEXT)]).await?;
            self.make_schema(&session).await?;
            session
                .batch(&format!(
                    "SET LOCAL search_path TO {};
                    CREATE TABLE IF NOT EXISTS migrations (
                        place      integer     PRIMARY KEY,
                        name       text        NOT NULL UNIQUE,
                        checksum   text        NOT NULL,
                        applied_at timestamptz NOT NULL DEFAULT now()
                    );
                    COMMENT ON TABLE migrations IS 'What was done to this schema. The checksum is the SHA-256 of the text, hex.'",
                    quoted(schema)
                ))
                .await?;
            Ok(session)
        };
        begin.await.map_err(|fault| self.unavailable(fault))
    }

    /// Makes the schema if it is not there. One that is there may belong to who has no right to make another.
    async fn make_schema(&self, session: &Session) -> Result<(), Fault> {
        let schema = self.database.schema();
        // Asked of the table: behind a wait for the lock, to_regnamespace may answer from before it.
        let absent = "SELECT NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1)";
        let rows = session.query(absent, &[(&schema, Type::TEXT)]).await?;
        match rows.first().map_or(Ok(true), |row| column(row, 0))? {
            true => session.batch(&format!("CREATE SCHEMA {}", quoted(schema))).await,
            false => Ok(()),
        }
    }

    /// Whoever may not make tables is told who has to.
    async fn check_may_change(&self, migration: &'static str) -> Result<(), OpenError> {
        let schema = self.database.schema();
        let may_create =
            "SELECT coalesce(has_schema_privilege(to_regnamespace(quote_ident($1))::oid, 'CREATE'),
            has_database_privilege(current_database(), 'CREATE'))";
        let asked = async {
            let rows = self.database.session().await?.query(may_create, &[(&schema, Type::TEXT)]).await?;
            rows.first().map_or(Ok(false), |row| column(row, 0))
        };
        match asked.await.map_err(|fault| self.unavailable(fault))? {
            true => Ok(()),
            false => Err(OpenError::Missing { schema: schema.to_owned(), migration }),
        }
    }

    /// The first one that the schema has not.
    async fn next(&self) -> Result<Option<&Migration>, OpenError> {
        let applied = self.applied(&self.session().await?).await?;
        Ok(self.missing(&applied))
    }

    /// The first one that is not among the applied.
    fn missing(&self, applied: &[String]) -> Option<&Migration> {
        self.known.iter().find(|known| applied.iter().all(|name| name != known.name))
    }

    /// What the schema has, in the order in which it was applied. All of it is known, with the same texts.
    async fn applied(&self, session: &Session) -> Result<Vec<String>, OpenError> {
        let schema = self.database.schema();
        let read = async {
            let exists = "SELECT to_regclass(quote_ident($1) || '.migrations') IS NOT NULL";
            let found = session.query(exists, &[(&schema, Type::TEXT)]).await?;
            if !found.first().map_or(Ok(false), |row| column(row, 0))? {
                return Ok(Vec::new());
            }
            let rows = session.query("SELECT name, checksum FROM @migrations ORDER BY place", &[]).await?;
            rows.iter().map(|row| Ok((column(row, 0)?, column(row, 1)?))).collect()
        };
        let applied: Vec<(String, String)> = read.await.map_err(|fault| self.unavailable(fault))?;
        for (name, text) in &applied {
            let (schema, migration) = (schema.to_owned(), name.clone());
            match self.known.iter().find(|known| known.name == name) {
                Some(known) if checksum(known) == *text => {}
                Some(_) => return Err(OpenError::Altered { schema, migration }),
                None => return Err(OpenError::Newer { schema, migration }),
            }
        }
        Ok(applied.into_iter().map(|(name, _)| name).collect())
    }

    async fn run(
        &self,
        session: Guarded,
        migration: &Migration,
        sql: &str,
        up: bool,
    ) -> Result<(), OpenError> {
        let note = match up {
            true => {
                "INSERT INTO @migrations (place, name, checksum)
                SELECT coalesce(max(place), 0) + 1, $1, $2 FROM @migrations"
            }
            false => "DELETE FROM @migrations WHERE name = $1 AND $2 <> ''",
        };
        let ran = async {
            session.batch(sql).await?;
            session
                .execute(note, &[(&migration.name, Type::TEXT), (&checksum(migration), Type::TEXT)])
                .await?;
            session.commit().await
        };
        ran.await
            .map_err(|fault| OpenError::Migration { migration: migration.name, reason: fault.to_string() })
    }

    fn unavailable(&self, fault: Fault) -> OpenError {
        OpenError::of(self.service, fault)
    }
}

fn checksum(migration: &Migration) -> String {
    let digest = Sha256::digest(migration.up.as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
