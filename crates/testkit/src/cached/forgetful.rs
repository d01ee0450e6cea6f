//! The cache port, as plain as can be, and with every loss that its contract allows.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use cache::{Cache, Entry, Fence, Look, Stamp};
use engine::Fault;
use uuid::Uuid;

/// A cache that loses what it is told to lose. Entries do not expire: they are lost.
#[derive(Default)]
pub struct Forgetful {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    epoch: u64,
    fences: u64,
    entries: HashMap<Uuid, Entry>,
    floors: HashMap<Uuid, u64>,
}

impl Forgetful {
    /// Loses what it has of an order: its entry, and its fence.
    pub fn lose(&self, id: Uuid) {
        let mut state = self.state();
        state.entries.remove(&id);
        state.floors.remove(&id);
    }

    /// Loses the entry of an order.
    pub fn lose_entry(&self, id: Uuid) {
        self.state().entries.remove(&id);
    }

    /// Loses everything.
    pub fn lose_all(&self) {
        let mut state = self.state();
        *state = State { epoch: state.epoch + 1, ..State::default() };
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

#[async_trait]
impl Cache for Forgetful {
    async fn get(&self, id: Uuid) -> Result<Look, Fault> {
        let state = self.state();
        let stamp = Stamp { epoch: Arc::from(state.epoch.to_string()), fences: state.fences };
        let entry = state.entries.get(&id).cloned();
        Ok(entry.map_or(Look::Miss(stamp), |entry| Look::Hit(Box::new(entry))))
    }

    async fn put(&self, stamp: &Stamp, entry: &Entry) -> Result<(), Fault> {
        let mut state = self.state();
        let (id, version) = (entry.order.id, entry.order.version);
        let admits = match state.floors.get(&id) {
            Some(floor) => *floor <= version,
            None => stamp.fences == state.fences,
        };
        let is_newest = state.entries.get(&id).is_none_or(|known| known.order.version <= version);
        if *stamp.epoch == *state.epoch.to_string() && admits && is_newest {
            state.entries.insert(id, entry.clone());
        }
        Ok(())
    }

    async fn fence(&self, fences: &[Fence]) -> Result<(), Fault> {
        let mut state = self.state();
        state.fences += 1;
        for Fence { id, version } in fences {
            let floor = state.floors.entry(*id).or_default();
            *floor = (*floor).max(*version);
            state.entries.retain(|known, entry| known != id || entry.order.version >= *version);
        }
        Ok(())
    }

    async fn void(&self) -> Result<(), Fault> {
        let mut state = self.state();
        state.epoch += 1;
        state.entries.clear();
        Ok(())
    }
}
