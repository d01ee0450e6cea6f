//! The readers: connections for reading, kept open. They see what is committed and never wait for the writer.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use rusqlite::Connection;

use crate::connection;

/// Idle connections above this number are closed.
const KEPT: usize = 4;

/// A pool of connections for reading one file.
#[derive(Debug)]
pub(crate) struct Readers {
    file: PathBuf,
    cache_kib: u32,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    pub fn new(file: PathBuf, cache_kib: u32) -> Self {
        Self { file, cache_kib, idle: Mutex::new(Vec::new()) }
    }

    /// Reads on an idle connection, or on a new one.
    pub fn read<T>(&self, query: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> rusqlite::Result<T> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let conn = match idle {
            Some(conn) => conn,
            None => connection::reader(&self.file, self.cache_kib)?,
        };
        // A connection on which something failed is not trusted with the next reader's query.
        let answer = query(&conn)?;
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < KEPT && conn.is_autocommit() {
            idle.push(conn);
        }
        Ok(answer)
    }
}
