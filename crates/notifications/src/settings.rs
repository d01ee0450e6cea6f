//! How customers are told, and what.

use contract::Language;

use crate::model::{Channel, Kind};

/// Settings of the notifications service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// How customers are told.
    pub channel: Channel,
    /// The language, where the order names none.
    pub language: Language,
    /// What they are told.
    pub kinds: Kinds,
}

/// A set of kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kinds(u8);

impl Kinds {
    /// Whether it has this one.
    pub const fn has(self, kind: Kind) -> bool {
        self.0 & (1 << kind as u8) != 0
    }
}

impl Default for Kinds {
    fn default() -> Self {
        Kind::ALL.iter().copied().collect()
    }
}

impl FromIterator<Kind> for Kinds {
    fn from_iter<I: IntoIterator<Item = Kind>>(kinds: I) -> Self {
        Self(kinds.into_iter().fold(0, |set, kind| set | 1 << kind as u8))
    }
}
