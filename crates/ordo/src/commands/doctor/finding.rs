//! Findings: what was looked at, and how it stands.

use std::fmt::Display;

use client::clean;
use serde::Serialize;

/// How a part stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    /// It is as it should be.
    Good,
    /// It is worth knowing, and in nobody's way.
    Note,
    /// A server cannot start with it, or not do its work.
    Bad,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Finding {
    part: String,
    state: State,
    finding: String,
    /// What to do about it. None: nothing.
    remedy: Option<String>,
}

/// All that was found.
#[derive(Debug, Default)]
pub struct Findings(Vec<Finding>);

impl Findings {
    /// A part is as it should be.
    pub fn good(&mut self, part: impl Display, finding: impl Display) {
        self.add(State::Good, &part, &finding, None);
    }

    /// Something about a part is worth knowing.
    pub fn note(&mut self, part: impl Display, finding: impl Display, remedy: impl Display) {
        self.add(State::Note, &part, &finding, Some(remedy.to_string()));
    }

    /// A part is in the way of a server.
    pub fn bad(&mut self, part: impl Display, finding: impl Display, remedy: impl Display) {
        self.add(State::Bad, &part, &finding, Some(remedy.to_string()));
    }

    /// Whether nothing is in the way of a server.
    pub fn is_good(&self) -> bool {
        self.bad_ones() == 0
    }

    /// For people: a line for each part, with the remedy below it.
    pub fn lines(&self) -> String {
        let width = self.0.iter().map(|finding| finding.part.chars().count()).max().unwrap_or(0);
        let line = |Finding { part, state, finding, remedy }: &Finding| {
            let word = match state {
                State::Good => "ok",
                State::Note => "note",
                State::Bad => "BAD",
            };
            let remedy =
                remedy.as_ref().map(|remedy| format!("{:4}  {:width$}  -> {}\n", "", "", clean(remedy)));
            format!("{word:4}  {part:width$}  {}\n{}", clean(finding), remedy.unwrap_or_default())
        };
        let lines: String = self.0.iter().map(line).collect();
        let end = match self.bad_ones() {
            0 => "nothing is in the way of a server".to_owned(),
            1 => "1 thing is in the way of a server".to_owned(),
            many => format!("{many} things are in the way of a server"),
        };
        format!("{lines}\n{end}\n")
    }

    /// For programs.
    pub fn json(&self) -> String {
        serde_json::json!({ "good": self.is_good(), "findings": self.0 }).to_string()
    }

    fn bad_ones(&self) -> usize {
        self.0.iter().filter(|finding| finding.state == State::Bad).count()
    }

    fn add(&mut self, state: State, part: &dyn Display, finding: &dyn Display, remedy: Option<String>) {
        self.0.push(Finding { part: part.to_string(), state, finding: finding.to_string(), remedy });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_the_way_is_told_with_its_remedy() {
        let mut findings = Findings::default();
        findings.good("port", "free");
        findings.note("clock", "2 s behind", "look at it");
        assert!(findings.is_good());
        findings.bad("data directory", "read-only\u{1b}", "make it writable");
        let expected = "ok    port            free
note  clock           2 s behind
                      -> look at it
BAD   data directory  read-only\u{fffd}
                      -> make it writable

1 thing is in the way of a server
";
        assert_eq!((findings.lines().as_str(), findings.is_good()), (expected, false));
        let json: serde_json::Value = serde_json::from_str(&findings.json()).unwrap();
        assert_eq!((&json["good"], &json["findings"][2]["state"]), (&false.into(), &"bad".into()));
    }
}
