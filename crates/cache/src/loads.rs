//! Loads that are shared by those who ask for the same at the same time.
//!
//! A reader shares a load only if it came before the load began: what was read before it asked may be older than what its
//! client has seen. So of any number that come at once the first one loads, and one more for all the others. A reader that is
//! dropped while it loads leaves it to the next one.
//!
//! There is a line for an id only while somebody stands in it, so there are never more than readers; those are bounded by
//! whoever lets them in.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use uuid::Uuid;

/// Loads under way.
pub(crate) struct Loads<T> {
    lines: Mutex<HashMap<Uuid, Arc<Line<T>>>>,
}

/// Those who wait for one id.
struct Line<T> {
    /// Held while it is loaded.
    turn: tokio::sync::Mutex<()>,
    /// What those get who come before the next load begins.
    next: Mutex<Batch<T>>,
}

type Batch<T> = Arc<OnceLock<T>>;

/// A place in a line. The last one to leave takes the line away.
struct Place<'l, T> {
    loads: &'l Loads<T>,
    id: Uuid,
    line: Arc<Line<T>>,
    batch: Batch<T>,
}

impl<T> Default for Loads<T> {
    fn default() -> Self {
        Self { lines: Mutex::default() }
    }
}

impl<T> Default for Line<T> {
    fn default() -> Self {
        Self { turn: tokio::sync::Mutex::default(), next: Mutex::new(Batch::default()) }
    }
}

impl<T: Clone> Loads<T> {
    /// What `load` says, or what another load said that began after this was called.
    pub async fn share(&self, id: Uuid, load: impl Future<Output = T>) -> T {
        let place = self.join(id);
        let _turn = place.line.turn.lock().await;
        if let Some(loaded) = place.batch.get() {
            return loaded.clone();
        }
        place.begin();
        let loaded = load.await;
        place.batch.get_or_init(|| loaded).clone()
    }
}

impl<T> Loads<T> {
    fn join(&self, id: Uuid) -> Place<'_, T> {
        let line = Arc::clone(self.lines().entry(id).or_default());
        let batch = Arc::clone(&line.next());
        Place { loads: self, id, line, batch }
    }

    fn lines(&self) -> MutexGuard<'_, HashMap<Uuid, Arc<Line<T>>>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Line<T> {
    fn next(&self) -> MutexGuard<'_, Batch<T>> {
        self.next.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Place<'_, T> {
    /// Whoever comes from now on waits for another load.
    fn begin(&self) {
        let mut next = self.line.next();
        if Arc::ptr_eq(&next, &self.batch) {
            *next = Batch::default();
        }
    }
}

impl<T> Drop for Place<'_, T> {
    fn drop(&mut self) {
        let mut lines = self.loads.lines();
        // The table's own, and this one.
        if Arc::strong_count(&self.line) == 2 {
            lines.remove(&self.id);
        }
    }
}
