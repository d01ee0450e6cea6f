//! The ids of recently placed orders, for reads to choose from.

use std::sync::{Mutex, MutexGuard, PoisonError};

use uuid::Uuid;

use crate::dice::Dice;

/// How many ids are remembered; the oldest gives way.
const REMEMBERED: usize = 4096;

/// A bounded memory of ids, shared by the connections.
#[derive(Default)]
pub struct Recent(Mutex<Ring>);

#[derive(Default)]
struct Ring {
    ids: Vec<Uuid>,
    oldest: usize,
}

impl Recent {
    /// Remembers an id.
    pub fn note(&self, id: Uuid) {
        let mut ring = self.ring();
        if ring.ids.len() < REMEMBERED {
            ring.ids.push(id);
            return;
        }
        let oldest = ring.oldest;
        ring.ids[oldest] = id;
        ring.oldest = (oldest + 1) % REMEMBERED;
    }

    /// Any remembered id; `None` while there is none.
    pub fn any(&self, dice: &mut Dice) -> Option<Uuid> {
        dice.pick(&self.ring().ids).copied()
    }

    /// No half-done change can be seen, so a poisoned lock is as good as a clean one.
    fn ring(&self) -> MutexGuard<'_, Ring> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FromIterator<Uuid> for Recent {
    fn from_iter<I: IntoIterator<Item = Uuid>>(ids: I) -> Self {
        let recent = Self::default();
        ids.into_iter().for_each(|id| recent.note(id));
        recent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_gives_way() {
        let ids = (0..u128::try_from(REMEMBERED).unwrap() + 3).map(Uuid::from_u128);
        let recent: Recent = ids.collect();
        assert_eq!(recent.ring().ids.len(), REMEMBERED);
        assert!(!recent.ring().ids.contains(&Uuid::from_u128(2)));
        assert!(recent.ring().ids.contains(&Uuid::from_u128(3)));
    }

    #[test]
    fn there_is_nothing_to_choose_at_first() {
        assert_eq!(Recent::default().any(&mut Dice::of(1, 1)), None);
    }
}
