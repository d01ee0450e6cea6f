//! All cells, on as many threads as there are processors.

use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::thread::{available_parallelism, scope};

use super::run::{Grounds, baseline, run};
use super::strike::Broken;
use super::table::{name, table};
use super::{Flaw, Reaction};
use crate::app::Ground;

/// What came of the cells of one reaction, in the order of [`Flaw::ALL`]; None where there is no such cell.
type Row = (Reaction, Vec<Option<bool>>);

/// What came of all cells.
#[derive(Debug)]
pub struct Outcome {
    /// As a table.
    pub table: String,
    /// What is wrong, cell by cell.
    pub wrong: Vec<String>,
}

/// Runs all cells of these reactions. Each thread asks once where its stories happen, and ends with the first one that panics.
///
/// # Panics
/// If there is no such place.
pub fn all<G: Fn() -> Ground>(reactions: Vec<Reaction>, place: impl Fn() -> G + Sync) -> Outcome {
    let (next, done) = (Mutex::new(reactions.into_iter().enumerate()), Mutex::new(Vec::new()));
    let work = || {
        let grounds = place();
        loop {
            let taken = next.lock().unwrap().next();
            let Some((index, reaction)) = taken else { return };
            // Where one has panicked nothing is what it should be, and no further story happens.
            let Ok(row) = catch_unwind(AssertUnwindSafe(|| row(&grounds, reaction))) else {
                return done.lock().unwrap().push((index, wrong(reaction, "it panicked")));
            };
            done.lock().unwrap().push((index, row));
        }
    };
    scope(|scope| {
        let threads = available_parallelism().map_or(1, NonZero::get);
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        running.into_iter().for_each(|thread| thread.join().expect("there is such a place"));
    });
    let mut done = done.into_inner().unwrap();
    done.sort_by_key(|(index, _)| *index);
    let (rows, wrong): (Vec<Row>, Vec<_>) = done.into_iter().map(|(_, row)| row).unzip();
    Outcome { table: table(&rows), wrong: wrong.concat() }
}

/// The cells of a reaction, with what is wrong in them.
fn row(grounds: Grounds<'_>, reaction: Reaction) -> (Row, Vec<String>) {
    let expected = match baseline(grounds, reaction) {
        Ok(expected) => expected,
        Err(reason) => return wrong(reaction, &format!("without a fault: {reason}")),
    };
    let (mut outcomes, mut wrong) = (Vec::new(), Vec::new());
    for flaw in Flaw::ALL {
        let outcome = reaction.has(flaw).then(|| run(grounds, reaction, flaw, Broken::default(), &expected));
        if let Some(Err(reason)) = &outcome {
            wrong.push(format!("{} x {flaw:?}: {reason}", name(reaction)));
        }
        outcomes.push(outcome.map(|outcome| outcome.is_ok()));
    }
    ((reaction, outcomes), wrong)
}

/// A reaction with which nothing is right.
fn wrong(reaction: Reaction, reason: &str) -> (Row, Vec<String>) {
    let wrong = format!("{}: {reason}", name(reaction));
    ((reaction, vec![Some(false); Flaw::ALL.len()]), vec![wrong])
}
