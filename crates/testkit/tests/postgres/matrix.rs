//! The fault matrix on PostgreSQL: the same stories as over files.

use std::sync::Arc;

use testkit::app::{Ground, Server};
use testkit::matrix::{Broken, Flaw, Reaction, Trigger, all, baseline, registry, run};

use super::url;

/// Where one thread's stories happen, one after the other.
fn place() -> impl Fn() -> Ground {
    let server = Arc::new(Server::at(&url()));
    move || Ground::on(&server)
}

#[test]
#[ignore = "needs PostgreSQL: scripts/services up"]
fn every_reaction_bears_every_fault() {
    let outcome = all(registry(), place);
    println!("{}", outcome.table);
    assert!(outcome.wrong.is_empty(), "{}", outcome.wrong.join("\n\n"));
}

/// A test of the tests.
#[test]
#[ignore = "needs PostgreSQL: scripts/services up"]
fn a_broken_duplicate_check_turns_it_red() {
    let (grounds, trigger) = (place(), Trigger::Event { source: "orders", kind: "order.created" });
    let created = Reaction { service: "payments", trigger };
    let expected = baseline(&grounds, created).unwrap();
    let outcome = |broken| run(&grounds, created, Flaw::Duplicate, broken, &expected);
    assert_eq!(outcome(Broken::default()), Ok(()));
    assert!(outcome(Broken { hidden_marks: true, ..Broken::default() }).is_err());
}
