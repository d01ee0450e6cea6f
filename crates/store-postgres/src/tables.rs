//! The tables of a service: what the generic store leaves to one small file per service.

use async_trait::async_trait;
use engine::{Fault, Key, Service};

use crate::migration::Migration;
use crate::session::Session;

/// States under their keys, to be inserted or updated.
pub type Changes<'c, T> = [(&'c Key, &'c T)];

/// How a service's states lie in its schema. One statement serves many states: parameters are arrays.
#[async_trait]
pub trait Tables<S: Service>: Send + Sync + 'static {
    /// What makes the tables, oldest first. Never changed once released.
    fn migrations(&self) -> &'static [Migration];

    /// The states that are there of `keys`. If `lock`, their rows are locked in a fixed order (`ORDER BY ... FOR UPDATE`).
    ///
    /// # Errors
    /// What PostgreSQL's error means, and [`Fault::Corrupt`] for what cannot be read.
    async fn load(&self, session: &Session, keys: &[Key], lock: bool) -> Result<Vec<(Key, S::State)>, Fault>;

    /// Inserts states, which must fail where there is one.
    ///
    /// # Errors
    /// What PostgreSQL's error means; a broken constraint sets the guilty message aside.
    async fn insert(&self, session: &Session, states: &Changes<'_, S::State>) -> Result<(), Fault>;

    /// Updates states that are there.
    ///
    /// # Errors
    /// What PostgreSQL's error means; a broken constraint sets the guilty message aside.
    async fn update(&self, session: &Session, states: &Changes<'_, S::State>) -> Result<(), Fault>;
}

/// How rows are locked.
pub(crate) const fn locking(lock: bool) -> &'static str {
    if lock { "FOR UPDATE" } else { "" }
}
