//! The matrix as a table.

use std::fmt::Write;

use super::{Flaw, Reaction, Trigger};

/// The table: reactions by faults. `outcomes` has one row per reaction, one entry per flaw, None where there is no such
/// cell.
pub fn table(rows: &[(Reaction, Vec<Option<bool>>)]) -> String {
    let mut table = format!("{:<44}", "");
    for flaw in Flaw::ALL {
        let _ = write!(table, "{:>14}", heading(flaw));
    }
    table.push('\n');
    for (reaction, outcomes) in rows {
        let _ = write!(table, "{:<44}", name(*reaction));
        for outcome in outcomes {
            let word = match outcome {
                Some(true) => "ok",
                Some(false) => "RED",
                None => ".",
            };
            let _ = write!(table, "{word:>14}");
        }
        table.push('\n');
    }
    table
}

/// A reaction in a line.
pub fn name(reaction: Reaction) -> String {
    let service = reaction.service;
    match reaction.trigger {
        Trigger::Event { source, kind } => format!("{service} <- {source} {kind}"),
        Trigger::Command(name) => format!("{service} <- command {name}"),
        Trigger::Timer(name) => format!("{service} <- timer {name}"),
        Trigger::Effect(name) => format!("{service} <- effect {name}"),
        Trigger::Request(name) => format!("{service} <- request {name}"),
        Trigger::Publication => format!("{service} -> broker"),
    }
}

const fn heading(flaw: Flaw) -> &'static str {
    match flaw {
        Flaw::Fail => "fail",
        Flaw::FailTwice => "fail twice",
        Flaw::Duplicate => "duplicate",
        Flaw::CrashBefore => "crash before",
        Flaw::CrashAfter => "crash after",
        Flaw::Late => "late",
        Flaw::Reordered => "reordered",
    }
}
