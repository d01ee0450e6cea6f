//! A broken promise.

use std::fmt;

use engine::Key;

/// A promise that the data breaks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Violation {
    /// Which promise, by its number in the design.
    pub promise: u8,
    /// What it is about: the order, or the charge nobody knows.
    pub key: Key,
    /// What is wrong, in a sentence.
    pub what: String,
}

impl Violation {
    /// A broken promise about `key`.
    pub fn new(promise: u8, key: impl Into<Key>, what: impl Into<String>) -> Self {
        Self { promise, key: key.into(), what: what.into() }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "promise {}, {}: {}", self.promise, self.key, self.what)
    }
}
