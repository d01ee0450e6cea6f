//! The architecture, held to ARCHITECTURE.md: the crate graph, the direction of the layers, the modules within a crate,
//! and what is deliberately absent where.
//!
//! Manifests and sources are read as text; nothing is built for it. Comments, literals and what is compiled for tests
//! alone do not count. Every check is a function of its input, and has a test in `broken` that sees it fail.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "the whole file is a test")]

#[path = "architecture/absent.rs"]
mod absent;
#[path = "architecture/broken.rs"]
mod broken;
#[path = "architecture/cycles.rs"]
mod cycles;
#[path = "architecture/disk.rs"]
mod disk;
#[path = "architecture/graph.rs"]
mod graph;
#[path = "architecture/source.rs"]
mod source;
#[path = "architecture/token.rs"]
mod token;

use absent::{publishes, sql, transacts, waits};
use cycles::module_cycles;
use disk::{all_sources, crates, graph_of_manifests, manifest, sources, text};
use graph::{Book, acquaintances, differences, forbidden, upward};

/// The layer whose crates decide, and do nothing else.
const SERVICES: &str = "services";
/// What a service does not stand on: a runtime, a database, a network.
const NOT_FOR_SERVICES: [&str; 8] =
    ["tokio", "futures", "rusqlite", "axum", "http", "hyper", "rustls", "prometheus-client"];
/// What the engine does not stand on.
const NOT_FOR_THE_ENGINE: [&str; 5] = ["rusqlite", "axum", "http", "hyper", "rustls"];

#[test]
fn the_crate_graph_is_the_one_in_the_book() {
    let book = Book::read(&text("ARCHITECTURE.md"));
    let remedy =
        "Change the [dependencies] back, or the block ```crates in ARCHITECTURE.md, and say there why.";
    hold(&differences(&book.graph(), &graph_of_manifests()), remedy);
}

#[test]
fn crates_use_only_the_layers_below_them() {
    let book = Book::read(&text("ARCHITECTURE.md"));
    let remedy =
        "Move what both need down a layer, or hand it in through a port. Layers stand in ARCHITECTURE.md.";
    hold(&upward(&book.layers, &graph_of_manifests()), remedy);
}

#[test]
fn services_do_not_know_each_other() {
    let services = Book::read(&text("ARCHITECTURE.md")).layer(SERVICES);
    let remedy =
        "What a service needs of another one comes as an event; share its data's shape in `contract`.";
    hold(&acquaintances(&services, &graph_of_manifests()), remedy);
}

#[test]
fn services_and_engine_stand_on_no_database_and_no_network() {
    let mut problems = Vec::new();
    for name in Book::read(&text("ARCHITECTURE.md")).layer(SERVICES) {
        problems.extend(forbidden(&name, &manifest(&name), &NOT_FOR_SERVICES));
    }
    problems.extend(forbidden("engine", &manifest("engine"), &NOT_FOR_THE_ENGINE));
    hold(
        &problems,
        "Put it behind a port: an effect's Performer, or a trait in queries.rs that an adapter implements.",
    );
}

#[test]
fn no_crate_has_a_module_cycle() {
    let mut problems = Vec::new();
    for name in crates() {
        problems.extend(module_cycles(&sources(&name)).iter().map(|cycle| format!("crate {name}: {cycle}")));
    }
    hold(
        &problems,
        "Move what both need into a module of its own below them, or the borrower next to the owner.",
    );
}

#[test]
fn sql_stands_in_the_store_adapters_alone() {
    let problems = all_sources(|name| !name.starts_with("store-") && name != "testkit", sql);
    hold(
        &problems,
        "Write the statement in a store adapter, behind the service's Queries port or its Tables.",
    );
}

#[test]
fn services_do_not_wait() {
    let services = Book::read(&text("ARCHITECTURE.md")).layer(SERVICES);
    let problems = all_sources(|name| services.contains(name), waits);
    hold(
        &problems,
        "Schedule an effect or a timer; its outcome comes back as a message. Only queries.rs is async.",
    );
}

#[test]
fn only_the_stores_and_the_applier_begin_and_commit() {
    let problems = all_sources(|name| !name.starts_with("store-") && name != "testkit", transacts);
    hold(&problems, "Send a message through the Intake. engine::applier is the one place that commits.");
}

#[test]
fn nothing_publishes_from_a_request() {
    let problems = all_sources(|name| name == "http", publishes);
    hold(&problems, "A request submits a command and waits for its answer; the service's Change publishes.");
}

fn hold(problems: &[String], remedy: &str) {
    assert!(problems.is_empty(), "\n\n{}\n\n{remedy}\n", problems.join("\n"));
}
