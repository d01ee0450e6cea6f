//! The gate: whether an event's turn has come. The engine keeps the order, not the broker.

/// What to do with an event of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// It is the next one.
    Pass,
    /// It was applied before.
    Duplicate,
    /// A predecessor is missing, or stands aside.
    Hold,
}

/// Whether the event with `sequence` may be applied on a key whose last applied one of that source is `applied`.
/// `blocked`: a set-aside message keeps the later ones of the key waiting.
pub fn gate(applied: u64, sequence: Option<u64>, blocked: bool) -> Gate {
    match sequence {
        Some(sequence) if sequence <= applied => Gate::Duplicate,
        Some(sequence) if sequence > applied + 1 => Gate::Hold,
        _ if blocked => Gate::Hold,
        _ => Gate::Pass,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_next_one_passes() {
        assert_eq!(gate(2, Some(2), false), Gate::Duplicate);
        assert_eq!(gate(2, Some(3), false), Gate::Pass);
        assert_eq!(gate(2, Some(4), false), Gate::Hold);
        assert_eq!(gate(2, Some(3), true), Gate::Hold);
        assert_eq!(gate(2, Some(1), true), Gate::Duplicate);
        assert_eq!(gate(0, None, false), Gate::Pass);
        assert_eq!(gate(0, None, true), Gate::Hold);
    }
}
