//! What the cache tells those who watch it. The wiring turns it into metrics.

/// Something worth counting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Observation {
    /// A reader was answered from the cache.
    Hit,
    /// A reader had to ask the database.
    Miss,
    /// The cache was asked, and did not do it.
    Fault,
}

/// Who watches the cache.
pub trait Observer: Send + Sync {
    /// Takes note. Called on the way of a reader: be quick.
    fn observe(&self, observation: Observation);
}

/// Nobody watches.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unobserved;

impl Observer for Unobserved {
    fn observe(&self, _observation: Observation) {}
}
