//! The tables of a service: what the generic store leaves to one small file per service.

use engine::Key;
use engine::Service;
use engine::store::Existing;
use rusqlite::Connection;

use crate::migration::Migration;

/// How a service's states lie in its file. Statements go through `prepare_cached`; values that cannot be read
/// are a `FromSqlConversionFailure`, which becomes [`engine::Fault::Corrupt`].
pub trait Tables<S: Service>: Send + Sync + 'static {
    /// What makes the tables, oldest first. Never changed once released.
    fn migrations(&self) -> &'static [Migration];

    /// The state under `key`.
    ///
    /// # Errors
    /// Whatever SQLite says.
    fn load(&self, conn: &Connection, key: &Key) -> rusqlite::Result<Option<S::State>>;

    /// Whether the state may be kept in memory: not if it is much larger than most.
    fn is_small(&self, _state: &S::State) -> bool {
        true
    }

    /// Writes the state under `key`: an INSERT for [`Existing::No`], which must fail where there is one, an UPDATE
    /// for [`Existing::Yes`].
    ///
    /// # Errors
    /// Whatever SQLite says; a broken constraint sets the guilty message aside.
    fn save(
        &self,
        conn: &Connection,
        key: &Key,
        state: &S::State,
        existing: Existing,
    ) -> rusqlite::Result<()>;
}
