//! The checks, seen to fail.

use std::collections::BTreeSet;

use crate::NOT_FOR_SERVICES;
use crate::absent::{is_sql, publishes, sql, transacts, waits};
use crate::cycles::module_cycles;
use crate::graph::{Book, Graph, acquaintances, differences, forbidden, internal, upward};
use crate::source::Source;

const BOOK: &str =
    "```crates\n# ground\nbase ->\n# services\none -> base\ntwo -> base\n# top\nall -> one two\n```\n";

fn graph(edges: &[(&str, &[&str])]) -> Graph {
    let uses = |used: &[&str]| -> BTreeSet<String> { used.iter().map(|used| (*used).to_owned()).collect() };
    edges.iter().map(|(name, used)| ((*name).to_owned(), uses(used))).collect()
}

fn source(within: &str, text: &str) -> Source {
    Source::read(&format!("crates/x/src/{within}"), within, text).0
}

#[test]
fn a_dependency_the_book_does_not_say_is_found_and_one_it_only_says() {
    let book = Book::read(BOOK);
    let found = graph(&[
        ("base", &[]),
        ("one", &["base", "two"]),
        ("two", &[]),
        ("all", &["one", "two"]),
        ("new", &[]),
    ]);
    let problems = differences(&book.graph(), &found);
    assert_eq!(problems.len(), 3, "{problems:?}");
    assert!(differences(&book.graph(), &book.graph()).is_empty());
}

#[test]
fn a_step_up_or_aside_is_found() {
    let book = Book::read(BOOK);
    let found =
        graph(&[("base", &["all"]), ("one", &["two"]), ("two", &["base"]), ("all", &["base", "one"])]);
    assert_eq!(upward(&book.layers, &found).len(), 2);
    assert_eq!(
        acquaintances(&book.layer("services"), &found),
        ["the service one depends on the service two"]
    );
}

#[test]
fn a_manifest_tells_the_house_from_the_world() {
    let shared: toml::Table = toml::from_str("near = { path = 'crates/nearby' }\nserde = '1'").unwrap();
    let manifest = "[dependencies]\nnear.workspace = true\nserde.workspace = true\ntokio = '1'\n[dev-dependencies]\nfar = { path = '../far' }";
    let manifest: toml::Table = toml::from_str(manifest).unwrap();
    assert_eq!(internal(&manifest, &shared).into_iter().collect::<Vec<_>>(), ["nearby"]);
    assert_eq!(forbidden("one", &manifest, &NOT_FOR_SERVICES), ["one depends on tokio"]);
}

#[test]
fn a_module_cycle_is_found_through_lists_and_lent_names() {
    let sources = [
        source("lib.rs", "mod a;\nmod b;\nmod c;\npub use a::{Apple, Other as Pear};\n"),
        source("a.rs", "use crate::{c, b::{Bread, Butter}};\n"),
        source("b.rs", "fn f(apple: super::Apple) {}\n"),
        source("c.rs", "use std::fmt;\n"),
    ];
    assert_eq!(module_cycles(&sources).into_iter().collect::<Vec<_>>(), ["{a -> b -> a}"]);
    assert!(module_cycles(&sources[..2]).is_empty());
}

#[test]
fn a_cycle_below_is_found_and_a_parent_with_its_child_is_none() {
    let sources = [
        source("p/mod.rs", "pub use x::Ex;\n"),
        source("p/x.rs", "use super::y;\nuse crate::p;\n"),
        source("p/y.rs", "use super::Ex;\nuse crate::q::Q;\n"),
        source("q.rs", "use self::r::R;\n"),
    ];
    assert_eq!(module_cycles(&sources).into_iter().collect::<Vec<_>>(), ["p::{x -> y -> x}"]);
}

#[test]
fn comments_literals_and_tests_do_not_count() {
    let text = "// crate::a\n/* crate::b /* */ crate::c */\nconst S: &str = r#\"crate::d \"\"#;\nfn f<'a>(c: char) -> bool { c == '\"' }\n\
                use crate::e::E;\n#[cfg(test)]\nmod tests {\n    use crate::g;\n    const Q: &str = \"SELECT a FROM b\";\n}\n#[cfg(test)]\nmod table;\n";
    let (source, tests) = Source::read("crates/x/src/m.rs", "m.rs", text);
    assert_eq!(source.paths(), [["e", "E"]]);
    assert_eq!(source.literals.len(), 1);
    assert!(tests.contains(&vec!["m".to_owned(), "table".to_owned()]), "{tests:?}");
}

#[test]
fn sql_is_told_from_prose() {
    for sql in [
        "SELECT a\n  FROM b",
        "update orders set a = 1",
        "INSERT INTO t VALUES (1)",
        "BEGIN IMMEDIATE",
        "commit",
    ] {
        assert!(is_sql(sql), "{sql}");
    }
    for prose in ["select one of them", "update the settings", "begin with a letter", "it cannot commit"] {
        assert!(!is_sql(prose), "{prose}");
    }
    assert_eq!(sql(&source("a.rs", "\nlet q = \"DELETE FROM orders\";")), [9]);
}

#[test]
fn a_service_that_waits_is_found() {
    assert_eq!(waits(&source("service.rs", "async fn f() { g().await }")).len(), 2);
    assert_eq!(waits(&source("queries.rs", "async fn order(&self);")).len(), 0);
    assert_eq!(waits(&source("service.rs", "order.awaits.is_empty()")).len(), 0);
    assert_eq!(waits(&source("queries.rs", "async fn order(&self) { g().await }")).len(), 1);
}

#[test]
fn a_transaction_elsewhere_is_found() {
    let text = "let tx = store.begin()\n    .await?;\nself.begin(draft);\ntx.commit().await";
    assert_eq!(transacts(&source("a.rs", text)).len(), 2);
}

#[test]
fn an_api_that_writes_is_found() {
    let text =
        "use engine::{Fault, store::Transaction};\nuse engine::Intake;\nfn f() -> engine::Change<S> {}";
    let source = source("place.rs", text);
    let places: Vec<_> = publishes(&source).into_iter().map(|at| source.place(at)).collect();
    assert_eq!(places, ["crates/x/src/place.rs:1", "crates/x/src/place.rs:3"]);
}
