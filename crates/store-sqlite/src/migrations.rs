//! Migrations: how a file gets its tables, and how it gets from one version to the next. Each runs in a transaction
//! of its own and is written down with the checksum of its text.

use std::path::PathBuf;

use engine::Service;
use rusqlite::{Connection, ErrorCode, Transaction, TransactionBehavior, params};
use sha2::{Digest, Sha256};

use crate::connection;
use crate::directory::DataDirectory;
use crate::migration;
use crate::migration::Migration;
use crate::open_error::OpenError;
use crate::tables::Tables;

/// The engine's tables, which are in every file.
const ENGINE: &[Migration] =
    &[migration!("engine/0001_engine"), migration!("engine/0002_outbox"), migration!("engine/0003_steps")];

/// The journal of migrations. Made outside of them, because it says what they are.
const JOURNAL: &str = "
    -- What was done to this file, in the order of rowid.
    CREATE TABLE IF NOT EXISTS migrations (
        name       TEXT    NOT NULL UNIQUE, -- folder/number_name
        checksum   TEXT    NOT NULL,        -- SHA-256 of the text, hex
        applied_at INTEGER NOT NULL         -- microseconds since 1970 UTC, by the machine's clock
    ) STRICT";

/// A migration and whether the file has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    /// The migration.
    pub name: &'static str,
    /// Whether it is applied.
    pub applied: bool,
}

/// The migrations of one file, the engine's first.
pub struct Migrations {
    file: PathBuf,
    conn: Connection,
    known: Vec<Migration>,
}

impl Migrations {
    /// Opens the service's file, made if need be, without migrating it.
    ///
    /// # Errors
    /// [`OpenError`] where the file cannot be read, is not ours, is newer than this program or was made by another one.
    pub fn open<S: Service>(directory: &DataDirectory, tables: &dyn Tables<S>) -> Result<Self, OpenError> {
        Self::with_cache(directory, tables, 2048)
    }

    pub(crate) fn with_cache<S: Service>(
        directory: &DataDirectory,
        tables: &dyn Tables<S>,
        cache_kib: u32,
    ) -> Result<Self, OpenError> {
        let file = directory.file(S::NAME);
        let conn = connection::writer(&file, cache_kib).map_err(|error| unopened(&file, &error))?;
        let migrations = Self { file, conn, known: known(tables) };
        migrations.check_file()?;
        // What is of a newer version is not written at all.
        migrations.check()?;
        migrations.claim_file()?;
        Ok(migrations)
    }

    /// How the service's file stands, also beside the process that holds the directory. Makes and changes nothing: a file
    /// that is not there has no migration.
    ///
    /// # Errors
    /// As for [`Migrations::open`].
    pub fn look<S: Service>(
        directory: &DataDirectory,
        tables: &dyn Tables<S>,
    ) -> Result<Vec<Status>, OpenError> {
        let (file, known) = (directory.file(S::NAME), known(tables));
        if !file.exists() {
            return Ok(known.iter().map(|known| Status { name: known.name, applied: false }).collect());
        }
        let conn = connection::onlooker(&file).map_err(|error| unopened(&file, &error))?;
        let migrations = Self { file, conn, known };
        migrations.check_file()?;
        migrations.check()?;
        migrations.status()
    }

    /// Applies what the file has not. Answers their names.
    ///
    /// # Errors
    /// [`OpenError::Migration`]; the migrations before the failed one stay applied.
    pub fn up(&mut self) -> Result<Vec<&'static str>, OpenError> {
        let applied = self.applied()?;
        let is_missing = |known: &&Migration| applied.iter().all(|(name, _)| name != known.name);
        let missing: Vec<Migration> = self.known.iter().filter(is_missing).copied().collect();
        for migration in &missing {
            self.run(migration, migration.up, |tx| {
                let sql = "INSERT INTO migrations (name, checksum, applied_at)
                    VALUES (?1, ?2, CAST(unixepoch('subsec') * 1000000 AS INTEGER))";
                tx.execute(sql, params![migration.name, checksum(migration)]).map(drop)
            })?;
        }
        Ok(missing.iter().map(|migration| migration.name).collect())
    }

    /// Undoes the last one. Answers its name, or None if there is nothing to undo.
    ///
    /// # Errors
    /// [`OpenError::Migration`]; nothing was changed.
    pub fn down(&mut self) -> Result<Option<&'static str>, OpenError> {
        let applied = self.applied()?;
        let last = applied.last().and_then(|(last, _)| self.known.iter().find(|known| known.name == last));
        let Some(migration) = last.copied() else { return Ok(None) };
        self.run(&migration, migration.down, |tx| {
            tx.execute("DELETE FROM migrations WHERE name = ?1", [migration.name]).map(drop)
        })?;
        Ok(Some(migration.name))
    }

    /// All migrations this program knows, and which of them the file has.
    ///
    /// # Errors
    /// [`OpenError::Unavailable`] if the file cannot be read.
    pub fn status(&self) -> Result<Vec<Status>, OpenError> {
        let applied = self.applied()?;
        let has = |migration: &Migration| applied.iter().any(|(name, _)| name == migration.name);
        Ok(self.known.iter().map(|known| Status { name: known.name, applied: has(known) }).collect())
    }

    /// The connection, to write with from now on.
    pub(crate) fn into_connection(self) -> Connection {
        self.conn
    }

    fn claim_file(&self) -> Result<(), OpenError> {
        let claimed = connection::mark_ours(&self.conn).and_then(|()| self.conn.execute_batch(JOURNAL));
        claimed.map_err(|error| unopened(&self.file, &error))
    }

    fn check_file(&self) -> Result<(), OpenError> {
        match connection::is_ours(&self.conn).map_err(|error| unopened(&self.file, &error))? {
            true => Ok(()),
            false => Err(OpenError::NotOurs {
                file: self.file.clone(),
                reason: "it is a database of another program".to_owned(),
            }),
        }
    }

    /// What the file has is known, with the same texts.
    fn check(&self) -> Result<(), OpenError> {
        for (name, applied) in self.applied()? {
            let file = self.file.clone();
            match self.known.iter().find(|known| known.name == name) {
                Some(known) if checksum(known) == applied => {}
                Some(_) => return Err(OpenError::Altered { file, migration: name }),
                None => return Err(OpenError::Newer { file, migration: name }),
            }
        }
        Ok(())
    }

    /// Names and checksums, in the order in which they were applied.
    fn applied(&self) -> Result<Vec<(String, String)>, OpenError> {
        let read = || -> rusqlite::Result<Vec<(String, String)>> {
            // A file that was never claimed, and is only looked at, has none.
            if !self.conn.table_exists(None, "migrations")? {
                return Ok(Vec::new());
            }
            let mut statement = self.conn.prepare("SELECT name, checksum FROM migrations ORDER BY rowid")?;
            statement.query_map((), |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
        };
        read().map_err(|error| unopened(&self.file, &error))
    }

    fn run(
        &mut self,
        migration: &Migration,
        sql: &str,
        note: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<()>,
    ) -> Result<(), OpenError> {
        let run = || {
            let tx = self.conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
            tx.execute_batch(sql)?;
            note(&tx)?;
            tx.commit()
        };
        run().map_err(|error| OpenError::Migration {
            file: self.file.clone(),
            migration: migration.name.to_owned(),
            reason: error.to_string(),
        })
    }
}

fn known<S: Service>(tables: &dyn Tables<S>) -> Vec<Migration> {
    ENGINE.iter().chain(tables.migrations()).copied().collect()
}

fn checksum(migration: &Migration) -> String {
    let digest = Sha256::digest(migration.up.as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Why a file cannot be opened.
pub(crate) fn unopened(file: &std::path::Path, error: &rusqlite::Error) -> OpenError {
    let (file, reason) = (file.to_owned(), error.to_string());
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => OpenError::NotOurs { file, reason },
        _ => OpenError::Unavailable { file, reason },
    }
}
