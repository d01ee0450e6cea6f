//! What came of a scenario: each thing that had to hold, the audit, and the verdict.

use serde::Serialize;

use crate::shop::Audit;

/// What came of one scenario.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// Which.
    pub scenario: &'static str,
    /// Where it was played.
    pub url: String,
    /// What had to hold.
    pub checks: Vec<Check>,
    /// What `ordo audit` found in the shop's data. None: it is somebody else's.
    pub audit: Option<Audit>,
    /// Why it did not come to its end.
    pub broken_off: Option<String>,
    /// Whether all of it held.
    pub held: bool,
}

/// Something that had to hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What.
    pub what: String,
    /// Whether it has.
    pub held: bool,
}

impl Report {
    /// The verdict: it came to its end, something was looked at, and all of it held.
    pub fn judge(mut self) -> Self {
        let is_clean = self.audit.is_none_or(|audit| audit.violations == 0);
        let all_held = !self.checks.is_empty() && self.checks.iter().all(|check| check.held);
        self.held = is_clean && all_held && self.broken_off.is_none();
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(held: &[bool], violations: Option<u64>) -> Report {
        let check = |held: &bool| Check { what: "it holds".into(), held: *held };
        let audit = violations.map(|violations| Audit { orders: 1, charges: 1, violations });
        Report { checks: held.iter().map(check).collect(), audit, ..Report::default() }
    }

    #[test]
    fn a_verdict_is_good_only_if_all_of_it_is() {
        assert!(report(&[true, true], Some(0)).judge().held);
        assert!(report(&[true], None).judge().held);
        assert!(!report(&[true, false], Some(0)).judge().held);
        assert!(!report(&[true], Some(1)).judge().held);
        assert!(!report(&[], Some(0)).judge().held, "nothing was looked at");
        let broken_off = Some("no server".to_owned());
        assert!(!Report { broken_off, ..report(&[true], None) }.judge().held);
    }
}
