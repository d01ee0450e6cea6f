//! Positions: how far somebody has read all logs, as a token that clients hand back.

use std::fmt;
use std::str::FromStr;

/// An offset for each partition of each log, in an order that is the same in every instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Position(Vec<u64>);

/// It is not a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unreadable;

impl Position {
    /// At these offsets.
    pub fn new(offsets: Vec<u64>) -> Self {
        Self(offsets)
    }

    /// The offset in one lane.
    pub fn of(&self, lane: usize) -> u64 {
        self.0.get(lane).copied().unwrap_or(0)
    }

    /// Moves on in one lane.
    pub fn advance(&mut self, lane: usize, offset: u64) {
        if let Some(known) = self.0.get_mut(lane) {
            *known = offset.max(*known);
        }
    }

    /// Whether somebody who is at `end` may have been here. Other logs, or older ones put back, do not lead from here to there.
    pub fn leads_to(&self, end: &Self) -> bool {
        self.0.len() == end.0.len() && self.0.iter().zip(&end.0).all(|(from, to)| from <= to)
    }
}

impl fmt::Display for Position {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (lane, offset) in self.0.iter().enumerate() {
            let dot = if lane > 0 { "." } else { "" };
            write!(out, "{dot}{offset}")?;
        }
        Ok(())
    }
}

impl FromStr for Position {
    type Err = Unreadable;

    fn from_str(token: &str) -> Result<Self, Unreadable> {
        let offsets: Result<_, _> = token.split('.').map(str::parse).collect();
        offsets.map(Self).map_err(|_| Unreadable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_back_and_nothing_else_is() {
        let position = Position::new(vec![3, 0, u64::MAX]);
        assert_eq!(position.to_string(), "3.0.18446744073709551615");
        assert_eq!(position.to_string().parse(), Ok(position));
        for text in ["", ".", "1.", "-1", "x", "1,2", "18446744073709551616"] {
            assert_eq!(text.parse::<Position>(), Err(Unreadable), "{text}");
        }
    }

    #[test]
    fn only_an_earlier_position_of_the_same_logs_leads_to_another() {
        let at = |offsets: &[u64]| Position::new(offsets.to_vec());
        assert!(at(&[1, 2]).leads_to(&at(&[1, 2])));
        assert!(at(&[0, 2]).leads_to(&at(&[1, 2])));
        assert!(!at(&[0, 3]).leads_to(&at(&[1, 2])), "a log was put back");
        assert!(!at(&[1]).leads_to(&at(&[1, 2])), "there are other logs now");
    }
}
