//! What is deliberately absent somewhere. Each function answers the places in one source where it is there after all.

use crate::source::Source;
use crate::token::is_word;

/// What of the engine the API does not touch: everything that could change a state past the intake.
const NOT_FOR_THE_API: [&str; 8] =
    ["Applier", "applier", "Change", "Draft", "Store", "Transaction", "Writes", "workspace"];

/// The one who begins and commits, and those who stand before a store and pass it on.
const MAY_TRANSACT: [&str; 3] = ["engine/src/applier.rs", "engine/src/faults.rs", "cache/src/fenced.rs"];

pub fn sql(source: &Source) -> Vec<usize> {
    source.literals.iter().filter(|(_, literal)| is_sql(literal)).map(|(at, _)| *at).collect()
}

pub fn is_sql(literal: &str) -> bool {
    let words = literal.to_ascii_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
    let begins = |with: &[&str]| with.iter().any(|with| words.starts_with(with));
    begins(&[
        "insert into ",
        "insert or ",
        "delete from ",
        "create table ",
        "create index ",
        "create unique ",
        "pragma ",
    ]) || begins(&["begin immediate", "begin transaction"])
        || (begins(&["select "]) && words.contains(" from "))
        || (begins(&["update "]) && words.contains(" set "))
        || ["begin", "commit", "rollback"].contains(&words.trim_end_matches(';'))
}

pub fn waits(source: &Source) -> Vec<usize> {
    let ends = |(at, word): &(usize, &str)| !source.code[at + word.len()..].starts_with(is_word);
    let awaits = source.code.match_indices(".await").filter(ends).map(|(at, _)| at);
    let functions = source.code.match_indices("async ").map(|(at, _)| at);
    awaits.chain(functions.filter(|_| !source.path.ends_with("/queries.rs"))).collect()
}

pub fn transacts(source: &Source) -> Vec<usize> {
    if MAY_TRANSACT.iter().any(|path| source.path.ends_with(path)) {
        return Vec::new();
    }
    let calls = [".begin()", ".commit()"].into_iter().flat_map(|call| source.code.match_indices(call));
    let awaited =
        calls.filter(|(at, call)| source.code[at + call.len()..].trim_start().starts_with(".await"));
    awaited.map(|(at, _)| at).collect()
}

pub fn publishes(source: &Source) -> Vec<usize> {
    let mut named = source.mentions("engine");
    named.retain(|(_, path)| path.iter().any(|name| NOT_FOR_THE_API.contains(&name.as_str())));
    named.into_iter().map(|(at, _)| at).collect()
}
